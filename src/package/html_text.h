#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "base/byte_blocks.h"
#include "package/html_index.h"

namespace waybill::package {

/// Puts text together as a reader sees it: white space (also no-break spaces) collapsed to one space, none at
/// the ends, a newline between blocks.
class HtmlText {
 public:
  /// What stands between two pieces of text; the strongest of several wins.
  enum class Gap : std::uint8_t { none, space, line };

  /// Of the input that `index` is about, from `begin` to `end`.
  void add(std::string_view html, const HtmlIndex& index, std::size_t begin, std::size_t end) {
    while (end - begin > HtmlIndex::kSpaces) {
      add_run(html, begin, HtmlIndex::kSpaces, index.spaces(begin));
      begin += HtmlIndex::kSpaces;
    }
    add_run(html, begin, end - begin, index.spaces(begin));
  }
  void add(std::string_view text);
  void separate(Gap gap) { gap_ = gap > gap_ ? gap : gap_; }
  std::string_view view() const;

 private:
  static constexpr std::size_t kMostCopied = 64;  // bytes that a run writes at most, of which only some count

  /// At most HtmlIndex::kSpaces bytes. Bit i of `spaces`: the byte at `begin` + i is white space.
  void add_run(std::string_view html, std::size_t begin, std::size_t length, std::uint64_t spaces);
  void add_words(std::string_view run, std::uint64_t words);
  void begin_word(std::size_t length);
  void grow(std::size_t by);
  static void copy_block(const char* from, char* to);

  std::unique_ptr<char[]> buffer_;
  std::size_t size_ = 0;  // of what is written
  std::size_t room_ = 0;  // in buffer_
  Gap gap_ = Gap::none;   // before what comes next
};

inline void HtmlText::begin_word(std::size_t length) {
  constexpr std::array<char, 3> kGaps = {'\0', ' ', '\n'};
  if (room_ - size_ <= length) [[unlikely]]
    grow(length + 1);
  buffer_[size_] = kGaps[static_cast<std::size_t>(gap_)];
  size_ += gap_ != Gap::none ? 1U : 0U;
  gap_ = Gap::none;
}

/// One space for each white space. There is no no-break space in it.
inline void HtmlText::copy_block(const char* from, char* to) {
  ByteBlock bytes = load_block(from);
  const ByteBlock white = (bytes >= '\t') & (bytes <= '\r') & (bytes != '\v');
  bytes = (bytes & ~white) | (white & ' ');
  std::memcpy(to, &bytes, kByteBlock);
}

inline void HtmlText::add_run(std::string_view html, std::size_t begin, std::size_t length,
                              std::uint64_t spaces) {
  const std::uint64_t all = (std::uint64_t{1} << length) - 1;
  spaces &= all;
  const std::uint64_t words = spaces ^ all;
  if (words == 0) {
    if (length > 0) separate(Gap::space);
    return;
  }
  const auto first = static_cast<std::size_t>(std::countr_zero(words));
  const auto end = static_cast<std::size_t>(std::bit_width(words));
  const std::uint64_t wide = (spaces & spaces << 1U) >> first & ((std::uint64_t{1} << (end - first)) - 1);
  if (wide != 0 || html.size() - begin < first + kMostCopied) [[unlikely]] {
    return add_words(html.substr(begin, length), words);
  }
  if (first > 0) separate(Gap::space);
  begin_word(kMostCopied);
  const char* const from = html.data() + begin + first;
  char* const to = buffer_.get() + size_;
  for (std::size_t at = 0; at < end - first; at += kByteBlock) copy_block(from + at, to + at);
  size_ += end - first;
  if (end < length) separate(Gap::space);
}

}  // namespace waybill::package
