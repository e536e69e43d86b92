#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace waybill::storage::postgres {

/// Words, each once, numbered from 0 in the order in which they came. One thread at a time.
class WordList {
 public:
  using Number = std::uint32_t;

  Number number_of(std::string_view word);
  /// By their numbers. The views live as long as this does.
  const std::vector<std::string_view>& words() const { return words_; }

 private:
  std::deque<std::string> kept_;  // does not move them
  std::vector<std::string_view> words_;
  std::unordered_map<std::string_view, Number> numbers_;
};

}  // namespace waybill::storage::postgres
