#include "package/html_entities.h"

#include <algorithm>
#include <array>

namespace waybill::package {

namespace {

struct Entity {
  std::string_view name;  // behind the '&', with its ';' where that belongs to it
  std::string_view value;
};

// clang-format off
constexpr auto kEntities = std::to_array<Entity>({
#include "package/html_entities.inc"
});
// clang-format on

constexpr std::uint32_t kReplacement = 0xFFFD;
constexpr std::uint32_t kBeyondUnicode = 0x110000;

/// What numbers 0x80 to 0x9F mean: windows-1252; 0 where the number stands for itself.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void put_utf8(std::uint32_t code, HtmlCharacters& out) {
  if (code < 0x80) {
    out.put(code);
  } else if (code < 0x800) {
    out.put(0xC0 | code >> 6);
    out.put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out.put(0xE0 | code >> 12);
    out.put(0x80 | (code >> 6 & 0x3F));
    out.put(0x80 | (code & 0x3F));
  } else {
    out.put(0xF0 | code >> 18);
    out.put(0x80 | (code >> 12 & 0x3F));
    out.put(0x80 | (code >> 6 & 0x3F));
    out.put(0x80 | (code & 0x3F));
  }
}

HtmlCharacters characters_of(std::string_view value, std::size_t length) {
  HtmlCharacters out{.length = length};
  for (const char c : value) out.put(static_cast<unsigned char>(c));
  return out;
}

std::uint32_t meaning_of(std::uint32_t number) {
  if (number == 0 || number >= kBeyondUnicode || (number >= 0xD800 && number <= 0xDFFF)) return kReplacement;
  if (number < 0x80 || number > 0x9F) return number;
  const std::uint32_t replaced = kWindows1252[number - 0x80];
  return replaced == 0 ? number : replaced;
}

/// Behind "&#".
HtmlCharacters read_number(std::string_view text) {
  const bool hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  const std::size_t first = hex ? 3 : 2;
  std::size_t at = first;
  std::uint32_t number = 0;
  for (; at < text.size(); ++at) {
    const int digit = hex ? hex_value(text[at]) : is_digit(text[at]) ? text[at] - '0' : -1;
    if (digit < 0) break;
    number = std::min(number * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit), kBeyondUnicode);
  }
  if (at == first) return {};
  if (at < text.size() && text[at] == ';') ++at;
  HtmlCharacters out{.length = at};
  put_utf8(meaning_of(number), out);
  return out;
}

/// Those that nearly all references are. No longer name begins like one of them.
HtmlCharacters read_common(std::string_view text) {
  constexpr std::array<Entity, 5> kCommon = {
      {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}, {"&nbsp;", "\u00A0"}}};
  for (const Entity& common : kCommon) {
    if (text.starts_with(common.name)) return characters_of(common.value, common.name.size());
  }
  return {};
}

/// The longest name of the table that `text` begins with, or null. The range of names that share the bytes
/// seen so far narrows with each byte; where one ends there, it is the first of the range.
const Entity* longest_match(std::string_view text) {
  const Entity* found = nullptr;
  const auto* low = kEntities.begin();
  const auto* high = kEntities.end();
  for (std::size_t depth = 0; depth < text.size() && low != high; ++depth) {
    const char c = text[depth];
    const auto before = [depth](const Entity& entity, char wanted) {
      return entity.name.size() <= depth || entity.name[depth] < wanted;
    };
    const auto after = [depth](char wanted, const Entity& entity) {
      return entity.name.size() > depth && wanted < entity.name[depth];
    };
    low = std::lower_bound(low, high, c, before);
    high = std::upper_bound(low, high, c, after);
    if (low != high && low->name.size() == depth + 1) found = low;
  }
  return found;
}

}  // namespace

HtmlCharacters read_character_reference(std::string_view text, bool in_attribute) {
  if (text.size() < 2) return {};
  if (text[1] == '#') return read_number(text);
  if (!is_alphanumeric(text[1])) return {};
  const HtmlCharacters common = read_common(text);
  if (common.length > 0) return common;
  const Entity* const entity = longest_match(text.substr(1));
  if (entity == nullptr) return {};
  const std::size_t length = entity->name.size() + 1;
  if (in_attribute && entity->name.back() != ';' && length < text.size() &&
      (text[length] == '=' || is_alphanumeric(text[length]))) {
    return {};  // "?a=b&copy=1" was written before there was &copy
  }
  return characters_of(entity->value, length);
}

}  // namespace waybill::package
