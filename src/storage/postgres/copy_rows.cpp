#include "storage/postgres/copy_rows.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace waybill::storage::postgres {

namespace {

/// A few of them fill a socket's buffer, so that the server has rows to work on while the next are made.
constexpr std::size_t kPiece = 64U << 10;

}  // namespace

std::string clean_text(std::string_view given) {
  constexpr std::string_view kReplacement = "\uFFFD";
  std::string text;
  for (;;) {
    const std::size_t good = std::min(first_invalid_utf8(given).value_or(given.size()), given.find('\0'));
    text += given.substr(0, good);
    if (good >= given.size()) return text;
    text += kReplacement;
    given.remove_prefix(good + 1);
  }
}

CopyRows::CopyRows(int columns, Send send)
    : columns_(columns), send_(std::move(send)), data_("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19) {}

void CopyRows::number(std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    data_ += static_cast<char>(value >> static_cast<unsigned>(shift) & 0xFFU);
  }
}

void CopyRows::begin_row() {
  if (data_.size() >= kPiece) {
    send_(data_);
    data_.clear();
  }
  number(static_cast<std::uint64_t>(columns_), 2);
}

void CopyRows::add_smallint(std::int64_t value) {
  number(2, 4);
  number(static_cast<std::uint64_t>(value), 2);
}

void CopyRows::add_bigint(std::int64_t value) {
  number(8, 4);
  number(static_cast<std::uint64_t>(value), 8);
}

void CopyRows::add_bigint(const std::optional<std::int64_t>& value) {
  if (!value) return add_null();
  add_bigint(*value);
}

void CopyRows::add_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos || first_invalid_utf8(text))
    return add_bytes(clean_text(text));
  add_bytes(text);
}

void CopyRows::add_bytes(std::string_view bytes) {
  number(bytes.size(), 4);
  data_ += bytes;
}

void CopyRows::add_null() {
  number(0xFFFFFFFFU, 4);
}

void CopyRows::finish() {
  number(0xFFFFU, 2);
  send_(data_);
}

void TextArray::add(std::optional<std::string_view> text) {
  if (array_.size() > 1) array_ += ',';
  if (!text) {
    array_ += "NULL";
    return;
  }
  array_ += '"';
  for (const char c : *text) {
    if (c == '"' || c == '\\') array_ += '\\';
    array_ += c;
  }
  array_ += '"';
}

std::string array_of(const std::vector<std::int64_t>& numbers) {
  std::string array = "{";
  for (const std::int64_t number : numbers) {
    if (array.size() > 1) array += ',';
    array += std::to_string(number);
  }
  return array + "}";
}

std::string array_of_bytes(const std::vector<std::string_view>& values) {
  std::string array = "{";
  for (const std::string_view value : values) {
    array += array.size() > 1 ? ",\"\\\\x" : "\"\\\\x";
    array += hex_encode(value) + "\"";
  }
  return array + "}";
}

}  // namespace waybill::storage::postgres
