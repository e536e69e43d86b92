#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "package/html_text.h"
#include "package/html_tokenizer.h"

namespace waybill::package {

/// What the reader must know of an element. One that is not in the table is inline, visible and harmless.
struct HtmlElement {
  /// What is done beyond what the table says.
  enum class Role : std::uint8_t { none, image, link, meta, drawing, fragment, title };
  /// The attributes whose URLs are references (contract, section 3, References).
  enum References : std::uint8_t { none = 0, href = 1, src = 2, srcset = 4, poster = 8, data = 16 };

  std::string_view name;
  HtmlText::Gap gap = HtmlText::Gap::none;          // around it
  HtmlContentModel model = HtmlContentModel::data;  // of its content
  std::uint8_t references = none;
  bool links = false;   // the references are links, not resources
  bool hidden = false;  // its content is not for readers
  bool active = false;  // a browser runs it or what it loads
  Role role = Role::none;

  constexpr bool is_plain() const { return role == Role::none && !hidden && !active; }
};

/// What the reader must know of an attribute. One that is not in the table is nothing to it.
struct HtmlAttributeUse {
  std::string_view name;
  std::uint8_t references = HtmlElement::none;  // the bit of an element that has references in it
  bool url = false;                             // a browser follows it, and would run javascript:
  bool active = false;                          // by being there

  constexpr bool is_plain() const { return references == HtmlElement::none && !url && !active; }
};

/// "javascript: URL" and the like where a browser would run this value of an attribute with a URL; empty
/// otherwise. `value` is decoded.
std::string_view html_active_url(std::string_view value);

/// Finds a name of an input in a table of names in lower case, of 16 bytes at most, by a hash without
/// collisions. Names are compared as two numbers of eight bytes, filled up with spaces, which no name of an
/// input has.
template <std::size_t N>
class HtmlNames {
 public:
  /// `factor` is any that is_perfect().
  template <typename T>
  constexpr HtmlNames(const std::array<T, N>& table, std::uint64_t factor) : factor_(factor) {
    places_.fill(N);
    for (std::size_t i = 0; i < N; ++i) {
      keys_[i] = key_of(table[i].name);
      std::uint8_t& place = places_[slot(keys_[i].low)];
      perfect_ = perfect_ && place == N && table[i].name.size() <= 2 * kWord;
      place = static_cast<std::uint8_t>(i);
    }
  }
  constexpr bool is_perfect() const { return perfect_; }
  /// The place in the table, or N, of the name that is not empty and ends before `html` does.
  std::size_t find(std::string_view html, std::size_t begin, std::size_t end) const;

 private:
  struct Key {
    std::uint64_t low = kSpaces, high = kSpaces;  // the first byte is the lowest
    std::uint64_t low_signs = 0, high_signs = 0;  // the bit of case in each byte that is no letter
  };
  static constexpr std::size_t kWord = sizeof(std::uint64_t);
  static constexpr std::uint64_t kSpaces = 0x2020'2020'2020'2020U;
  static constexpr unsigned kBits = 9;

  static constexpr Key key_of(std::string_view name) {
    Key key;
    for (std::size_t i = 0; i < name.size() && i < 2 * kWord; ++i) {
      const std::size_t shift = i % kWord * 8;
      (i < kWord ? key.low : key.high) |= std::uint64_t{static_cast<std::uint8_t>(name[i])} << shift;
      if (!is_html_letter(name[i]))
        (i < kWord ? key.low_signs : key.high_signs) |= std::uint64_t{0x20} << shift;
    }
    return key;
  }
  constexpr std::size_t slot(std::uint64_t low) const { return low * factor_ >> (64 - kBits); }

  std::uint64_t factor_;
  std::array<Key, N + 1> keys_{};
  std::array<std::uint8_t, std::size_t{1} << kBits> places_{};
  bool perfect_ = true;
};

extern const HtmlNames<80> kHtmlElementNames;
extern const HtmlNames<23> kHtmlAttributeNames;
/// By their places; at the end what holds for all others.
extern const std::array<HtmlElement, 81> kHtmlElements;
extern const std::array<HtmlAttributeUse, 24> kHtmlAttributes;

// --- in the reader's loop ----------------------------------------------------------------------------------

template <std::size_t N>
inline std::size_t HtmlNames<N>::find(std::string_view html, std::size_t begin, std::size_t end) const {
  const std::size_t length = end - begin;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (html.size() - begin < 2 * kWord) [[unlikely]] {
    std::memcpy(&low, html.data() + begin, std::min(length, kWord));
    if (length > kWord) std::memcpy(&high, html.data() + begin + kWord, length - kWord);
  } else {
    std::memcpy(&low, html.data() + begin, kWord);
    if (length <= kWord) [[likely]] {
      low &= ~std::uint64_t{0} >> (kWord - length) * 8;
    } else {
      if (length > 2 * kWord) return N;
      std::memcpy(&high, html.data() + begin + kWord, kWord);
      high &= ~std::uint64_t{0} >> (2 * kWord - length) * 8;
    }
  }
  // Every byte with the bit that tells small letters from capitals: also what is no letter.
  const std::size_t place = places_[slot(low | kSpaces)];
  const Key& key = keys_[place];
  const bool same = key.low == (low | kSpaces) && key.high == (high | kSpaces) &&
                    (low & key.low_signs) == key.low_signs && (high & key.high_signs) == key.high_signs;
  return same ? place : N;
}

}  // namespace waybill::package
