#include "package/html_text.h"

#include <algorithm>

#include "package/html_tokenizer.h"

namespace waybill::package {

void HtmlText::add(std::string_view text) {
  constexpr std::string_view kNoBreakSpace = "\u00A0";
  for (std::size_t at = 0; at < text.size();) {
    if (is_html_space(text[at]) || text.substr(at, 2) == kNoBreakSpace) {
      at += is_html_space(text[at]) ? 1 : 2;
      separate(Gap::space);
      continue;
    }
    const std::size_t word = at++;
    while (at < text.size() && !is_html_space(text[at]) &&
           (text[at] != kNoBreakSpace[0] || text.substr(at, 2) != kNoBreakSpace)) {
      ++at;
    }
    begin_word(at - word);
    std::copy_n(text.data() + word, at - word, buffer_.get() + size_);
    size_ += at - word;
  }
}

/// Word by word: for what is too near to the input's end to be copied in blocks, and where gaps are wide.
void HtmlText::add_words(std::string_view run, std::uint64_t words) {
  std::size_t at = 0;
  while (words >> at != 0) {
    const auto gap = static_cast<std::size_t>(std::countr_zero(words >> at));
    if (gap > 0) separate(Gap::space);
    at += gap;
    const auto length = static_cast<std::size_t>(std::countr_one(words >> at));
    begin_word(length);
    std::copy_n(run.data() + at, length, buffer_.get() + size_);
    size_ += length;
    at += length;
  }
  if (at < run.size()) separate(Gap::space);
}

void HtmlText::grow(std::size_t by) {
  constexpr std::size_t kFirst = 16'384;
  const std::size_t room = std::max(kFirst, 2 * room_ + by);
  auto larger = std::make_unique_for_overwrite<char[]>(room);
  std::copy_n(buffer_.get(), size_, larger.get());
  buffer_ = std::move(larger);
  room_ = room;
}

/// Without a gap at the front.
std::string_view HtmlText::view() const {
  const std::string_view text(buffer_.get(), size_);
  return text.substr(!text.empty() && is_html_space(text.front()) ? 1 : 0);
}

}  // namespace waybill::package
