#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/word_splitter.h"

namespace waybill::storage::postgres {

/// What a person typed: phrases, all of them needed. Words apart by white space are a phrase each of its own
/// (so `std::vector` is "std" followed by "vector"), "…" is kept together.
class AskedWords {
 public:
  AskedWords(WordSplitter& splitter, std::string_view typed);
  bool empty() const { return phrases_.empty(); }
  /// Of all phrases, in their order.
  std::vector<std::string_view> words() const;
  /// As a tsquery, valid whatever was typed. `forms`: of words(), in their order.
  std::string query(const std::vector<std::string>& forms) const;
  /// Whether a text's word is one that was asked for.
  bool asks_for(std::string_view word, std::string_view form, const std::vector<std::string>& forms) const;

 private:
  std::vector<std::vector<std::string>> phrases_;  // none of them empty
  bool unfinished_ = false;  // the last word may be the beginning of one: it is still being typed
};

/// A part of a text, in bytes.
struct Mark {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// A snippet of `text` of about 32 words with the first mark near its beginning, U+E000 and U+E001 around
/// each mark. `marks`: in their order, none in another. Cut ends have "…".
std::string snippet(std::string_view text, const std::vector<Mark>& marks);

}  // namespace waybill::storage::postgres
