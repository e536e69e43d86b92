#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::storage::postgres {

/// Texts in PostgreSQL are UTF-8 without a zero byte. What is neither (a file's name in a package may be
/// anything) is kept with U+FFFD in place of each wrong byte.
std::string clean_text(std::string_view given);

/// Rows in COPY's binary format (PostgreSQL, COPY, "Binary Format"): each value exactly in its column's type.
/// They are sent on while more are added, in pieces of whole rows.
class CopyRows {
 public:
  using Send = std::function<void(std::string_view)>;
  CopyRows(int columns, Send send);
  void begin_row();
  void add_smallint(std::int64_t number);
  void add_bigint(std::int64_t number);
  void add_bigint(const std::optional<std::int64_t>& number);
  void add_text(std::string_view text);    // text, json
  void add_bytes(std::string_view bytes);  // bytea, uuid
  void add_null();
  /// Sends what is left and the mark of the end; nothing may be added afterwards.
  void finish();

 private:
  void number(std::uint64_t value, int bytes);
  const int columns_;
  const Send send_;
  std::string data_;  // not sent yet
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
