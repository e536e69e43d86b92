#include "storage/sql/json_writer.h"

#include <array>
#include <cstring>

namespace waybill::storage::sql {

namespace {

/// For each byte: 0 where it is written as it is, 'u' for \u00XX, else the letter behind the '\'.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> escapes{};
  for (std::size_t c = 0; c < 0x20; ++c) escapes[c] = 'u';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}();

/// True where none of the eight bytes from here on is to be escaped: all at once, since most texts have none.
bool are_plain(const char* eight) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = kOnes * 0x80;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, eight, sizeof bytes);
  const auto has_zero = [](std::uint64_t value) { return (value - kOnes) & ~value & kHighBits; };
  const std::uint64_t has_control = (bytes - kOnes * 0x20) & ~bytes & kHighBits;
  return (has_control | has_zero(bytes ^ (kOnes * '"')) | has_zero(bytes ^ (kOnes * '\\'))) == 0;
}

}  // namespace

void JsonWriter::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::name(std::string_view name) {
  separate();
  quote(name);
  out_ += ':';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  separate();
  quote(value);
  return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
  separate();
  out_ += std::to_string(value);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

void JsonWriter::quote(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out_ += '"';
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (i + 8 < text.size() && are_plain(text.data() + i)) i += 8;
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[byte];
    if (escape == 0) continue;
    out_ += text.substr(written, i - written);
    written = i + 1;
    out_ += '\\';
    out_ += escape;
    if (escape != 'u') continue;
    out_ += "00";
    out_ += kHex[byte >> 4U];
    out_ += kHex[byte & 0xFU];
  }
  out_ += text.substr(written);
  out_ += '"';
}

}  // namespace waybill::storage::sql
