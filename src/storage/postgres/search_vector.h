#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/word_splitter.h"

namespace waybill::storage::postgres {

/// The words of an article with their places, as a tsvector. Made here and not by PostgreSQL's to_tsvector():
/// the nodes share one database's processors, and its parser and translate() take some thirty times as long.
class SearchVector {
 public:
  enum class Weight { body = 0, keywords = 2, name = 3 };  // D, B and A

  /// Words of later calls stand behind those of earlier ones and make no phrase with them. Beyond what a
  /// tsvector holds (a mebibyte) words are left out.
  void add(WordSplitter& splitter, std::string_view text, Weight weight);
  /// Each word once. The views live as long as this does.
  std::vector<std::string_view> words() const;
  /// In PostgreSQL's binary format: at a word's places stand the word and its form. `forms`: of words(), in
  /// their order, none longer than its word.
  std::string binary(const std::vector<std::string>& forms) const;

 private:
  using Places = std::vector<std::uint16_t>;  // with their weight, as PostgreSQL's WordEntryPos

  std::map<std::string, Places, std::less<>> words_;
  std::size_t bytes_ = 0;  // that the words take at most
  unsigned last_place_ = 0;
};

/// The binary format of tsvector[].
std::string array_of_vectors(const std::vector<std::string>& vectors);

}  // namespace waybill::storage::postgres
