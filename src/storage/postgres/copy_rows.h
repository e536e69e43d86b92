#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::storage::postgres {

/// Texts in PostgreSQL are UTF-8 without a zero byte. What is neither (a file's name in a package may be
/// anything) is kept with U+FFFD in place of each wrong byte.
std::string clean_text(std::string_view given);

/// Rows in COPY's binary format (PostgreSQL, COPY, "Binary Format"): each value exactly in its column's type.
class CopyRows {
 public:
  explicit CopyRows(int columns);
  void begin_row();
  void add_smallint(std::int64_t number);
  void add_bigint(std::int64_t number);
  void add_bigint(const std::optional<std::int64_t>& number);
  void add_text(std::string_view text);    // text, json
  void add_bytes(std::string_view bytes);  // bytea, uuid
  void add_null();
  bool empty() const { return rows_ == 0; }
  std::size_t bytes() const { return data_.size(); }
  /// The whole, for CopyIn; nothing may be added afterwards.
  std::string take();

 private:
  void number(std::uint64_t value, int bytes);
  std::string data_;
  const int columns_;
  std::size_t rows_ = 0;
};

/// {"a","b"}: an array of texts as a text that PostgreSQL reads.
class TextArray {
 public:
  void add(std::optional<std::string_view> text);  // nullopt: NULL
  std::string take() { return array_ + "}"; }

 private:
  std::string array_ = "{";
};

/// Of whatever holds texts, or texts that may be NULL.
template <typename Texts>
std::string array_of(const Texts& texts) {
  TextArray array;
  for (const auto& text : texts) array.add(text);
  return array.take();
}
std::string array_of(const std::vector<std::int64_t>& numbers);
/// Of bytea.
std::string array_of_bytes(const std::vector<std::string_view>& values);

}  // namespace waybill::storage::postgres
