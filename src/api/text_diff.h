#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::api {

/// What differs between two texts, line by line; a line that was changed shows its words. Lines and words
/// that are the same are skipped but for a few around each difference. The shortest script (E. W. Myers, An
/// O(ND) Difference Algorithm, 1986) while that is not too far; beyond, what is left is told as taken out and
/// put in.
struct TextDiff {
  enum class Op : std::uint8_t { equal, removed, inserted, replace, skip };

  struct Word {
    Op op = Op::equal;  // not replace
    std::string text;
    std::size_t count = 0;  // skip: characters left out
  };
  struct Line {
    Op op = Op::equal;
    std::size_t before = 0;  // number of the line, from 1; 0: not in that text
    std::size_t after = 0;
    std::string text;         // not of replace and skip
    std::vector<Word> words;  // replace
    std::size_t count = 0;    // skip: lines left out
  };

  std::vector<Line> lines;
  bool truncated = false;  // more than is shown differs
};
/// "equal", "delete", "insert", "replace", "skip".
std::string_view to_string(TextDiff::Op op);

/// Both in UTF-8. Empty where they are equal. Pure.
TextDiff diff_texts(std::string_view before, std::string_view after);

}  // namespace waybill::api
