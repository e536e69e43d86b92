#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/word_list.h"
#include "storage/postgres/word_splitter.h"

namespace waybill::storage::postgres {

/// The words of articles with their places, as tsvectors. Made here and not by PostgreSQL's to_tsvector():
/// the nodes share one database's processors, and its parser and translate() take some thirty times as long.
/// One thread at a time.
class SearchVectors {
 public:
  enum class Weight { body = 0, keywords = 2, name = 3 };  // D, B and A

  /// Ends the vector before.
  void begin_vector();
  /// Words of later calls stand behind those of earlier ones and make no phrase with them. Beyond what a
  /// tsvector holds (a mebibyte) words are left out.
  void add(WordSplitter& splitter, std::string_view text, Weight weight);

  std::size_t count() const { return vectors_.size(); }
  /// Of all vectors, each once.
  const std::vector<std::string_view>& words() const { return list_.words(); }
  /// A vector in PostgreSQL's binary format: at a word's places stand the word and its form. `forms`: of
  /// words(), in their order, none longer than its word.
  std::string binary(std::size_t vector, const std::vector<std::string>& forms) const;

 private:
  using Place = std::uint16_t;  // with its weight, as PostgreSQL's WordEntryPos
  struct Entry {
    WordList::Number word = 0;
    std::uint32_t places = 0;  // how many
    unsigned last_place = 0;
  };
  struct Occurrence {
    std::uint32_t entry = 0;
    Place place = 0;
  };
  struct Vector {
    std::vector<Entry> entries;  // each word once
    std::vector<Occurrence> occurrences;
    std::size_t bytes = 0;  // that the words take at most
    unsigned last_place = 0;
  };
  struct Known {
    std::size_t vector = 0;  // how many there were when the word was last met
    std::uint32_t entry = 0;
  };

  WordList list_;
  std::vector<Known> known_;  // by word: its entry in the last vector that has it
  std::vector<Vector> vectors_;
};

/// The binary format of tsvector[].
std::string array_of_vectors(const std::vector<std::string>& vectors);

}  // namespace waybill::storage::postgres
