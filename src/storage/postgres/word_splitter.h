#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace waybill::storage::postgres {

/// Cuts a text into words as SQLite's search does, and by its code (FTS5's unicode61): runs of letters and
/// digits in lower case, Latin letters without their accents. Vowel signs belong to their word here, as the
/// stemmers of Arabic and Hindi want it. One thread at a time.
class WordSplitter {
 public:
  struct Word {
    std::string_view folded;  // lives during the call
    std::size_t begin = 0;    // in bytes of the text
    std::size_t end = 0;
  };

  /// Errors: internal, where SQLite was built without FTS5.
  static Result<std::unique_ptr<WordSplitter>> make();
  ~WordSplitter();
  WordSplitter(const WordSplitter&) = delete;
  WordSplitter& operator=(const WordSplitter&) = delete;

  /// Tells each word of the text, which is UTF-8, in its order.
  void split(std::string_view text, const std::function<void(const Word&)>& tell);

 private:
  WordSplitter() = default;
  struct Api;
  std::unique_ptr<Api> api_;
};

}  // namespace waybill::storage::postgres
