#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace waybill {

/// Bytes that must not be seen: cannot be printed or compared by accident, wiped when it goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  ~Secret() { wipe(); }
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      value_ = std::move(other.value_);
      other.wipe();
    }
    return *this;
  }

  bool empty() const { return value_.empty(); }
  /// The only way to the bytes, so that a search for it finds every use.
  std::string_view reveal() const { return value_; }

 private:
  void wipe();
  std::string value_;
};

}  // namespace waybill
