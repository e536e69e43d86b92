#include "storage/postgres/search_vector.h"

#include <algorithm>

namespace waybill::storage::postgres {

namespace {

// PostgreSQL, tsearch/ts_type.h: MAXSTRLEN, MAXSTRPOS, MAXNUMPOS, MAXENTRYPOS.
constexpr std::size_t kLongestWord = (1U << 11U) - 1;
constexpr std::size_t kMostBytes = (1U << 20U) - 1;
constexpr std::size_t kMostPlaces = 255;
constexpr unsigned kLastPlace = (1U << 14U) - 1;
constexpr unsigned kPlaceBits = 14;
constexpr unsigned kTsvectorOid = 3614;

unsigned place_in(std::uint16_t placed) {
  return placed & kLastPlace;
}

/// What a lexeme takes at most beside its places: its bytes, one to align them, their count.
std::size_t bytes_of(std::string_view word) {
  return word.size() + 3;
}

void append(std::string& to, std::uint32_t number, unsigned bytes) {
  for (unsigned left = bytes; left > 0; --left) to += static_cast<char>(number >> (left - 1) * 8 & 0xFFU);
}

}  // namespace

void SearchVector::add(WordSplitter& splitter, std::string_view text, Weight weight) {
  splitter.split(text, [&](const WordSplitter::Word& word) {
    last_place_ = std::min(last_place_ + 1, kLastPlace);
    if (word.folded.size() > kLongestWord) return;
    auto found = words_.find(word.folded);
    const bool there = found != words_.end();
    if (there && (found->second.size() >= kMostPlaces || place_in(found->second.back()) == last_place_))
      return;
    // Each stands for two: as it is, and its form.
    constexpr std::size_t kBoth = 2;
    const std::size_t more = kBoth * ((there ? 0 : bytes_of(word.folded)) + sizeof(std::uint16_t));
    if (bytes_ + more > kMostBytes) return;
    bytes_ += more;
    if (!there) found = words_.emplace(word.folded, Places()).first;
    found->second.push_back(
        static_cast<std::uint16_t>(static_cast<unsigned>(weight) << kPlaceBits | last_place_));
  });
  last_place_ = std::min(last_place_ + 1, kLastPlace);
}

std::vector<std::string_view> SearchVector::words() const {
  std::vector<std::string_view> all;
  all.reserve(words_.size());
  for (const auto& [word, places] : words_) all.push_back(word);
  return all;
}

std::string SearchVector::binary(const std::vector<std::string>& forms) const {
  std::map<std::string_view, Places> lexemes;
  std::size_t at = 0;
  for (const auto& [word, places] : words_) {
    lexemes[word].insert(lexemes[word].end(), places.begin(), places.end());
    const std::string& form = forms.at(at++);
    if (form == word) continue;
    lexemes[form].insert(lexemes[form].end(), places.begin(), places.end());
  }
  std::string bytes;
  append(bytes, static_cast<std::uint32_t>(lexemes.size()), 4);
  for (auto& [lexeme, places] : lexemes) {
    const auto before = [](std::uint16_t a, std::uint16_t b) { return place_in(a) < place_in(b); };
    const auto same = [](std::uint16_t a, std::uint16_t b) { return place_in(a) == place_in(b); };
    std::sort(places.begin(), places.end(), before);
    places.erase(std::unique(places.begin(), places.end(), same), places.end());
    if (places.size() > kMostPlaces) places.resize(kMostPlaces);
    bytes += lexeme;
    bytes += '\0';
    append(bytes, static_cast<std::uint32_t>(places.size()), 2);
    for (const std::uint16_t place : places) append(bytes, place, 2);
  }
  return bytes;
}

std::string array_of_vectors(const std::vector<std::string>& vectors) {
  std::string array;
  append(array, 1, 4);  // dimensions
  append(array, 0, 4);  // no NULLs
  append(array, kTsvectorOid, 4);
  append(array, static_cast<std::uint32_t>(vectors.size()), 4);
  append(array, 1, 4);  // the first one's number
  for (const std::string& vector : vectors) {
    append(array, static_cast<std::uint32_t>(vector.size()), 4);
    array += vector;
  }
  return array;
}

}  // namespace waybill::storage::postgres
