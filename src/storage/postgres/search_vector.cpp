#include "storage/postgres/search_vector.h"

#include <algorithm>
#include <span>

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

/// A lexeme as it is sorted: by its bytes, of which the first eight are compared as a number.
struct Lexeme {
  Lexeme(std::string_view the_text, std::span<const std::uint16_t> the_places)
      : text(the_text), places(the_places) {
    for (std::size_t i = 0; i < sizeof(begins); ++i) {
      begins = begins << 8U | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
    }
  }
  bool operator<(const Lexeme& other) const {
    return begins != other.begins ? begins < other.begins : text < other.text;
  }
  std::uint64_t begins = 0;
  std::string_view text;
  std::span<const std::uint16_t> places;
};

/// Each place once, and no more than a lexeme may have.
std::span<const std::uint16_t> in_order(std::vector<std::uint16_t>& places) {
  const auto before = [](std::uint16_t a, std::uint16_t b) { return place_in(a) < place_in(b); };
  const auto same = [](std::uint16_t a, std::uint16_t b) { return place_in(a) == place_in(b); };
  std::sort(places.begin(), places.end(), before);
  places.erase(std::unique(places.begin(), places.end(), same), places.end());
  return std::span(places).first(std::min(places.size(), kMostPlaces));
}

void append(std::string& to, std::uint32_t number, unsigned bytes) {
  for (unsigned left = bytes; left > 0; --left) to += static_cast<char>(number >> (left - 1) * 8 & 0xFFU);
}

}  // namespace

void SearchVectors::begin_vector() {
  vectors_.emplace_back();
}

void SearchVectors::add(WordSplitter& splitter, std::string_view text, Weight weight) {
  Vector& vector = vectors_.back();
  splitter.split(text, [&](const WordSplitter::Word& word) {
    vector.last_place = std::min(vector.last_place + 1, kLastPlace);
    if (word.folded.size() > kLongestWord) return;
    const WordList::Number number = list_.number_of(word.folded);
    if (number == known_.size()) known_.emplace_back();
    Known& known = known_[number];
    const bool there = known.vector == vectors_.size();
    if (there) {
      const Entry& entry = vector.entries[known.entry];
      if (entry.places >= kMostPlaces || entry.last_place == vector.last_place) return;
    }
    // Each stands for two: as it is, and its form.
    constexpr std::size_t kBoth = 2;
    const std::size_t more = kBoth * ((there ? 0 : bytes_of(word.folded)) + sizeof(Place));
    if (vector.bytes + more > kMostBytes) return;
    vector.bytes += more;
    if (!there) {
      known = {vectors_.size(), static_cast<std::uint32_t>(vector.entries.size())};
      vector.entries.push_back({number, 0, 0});
    }
    Entry& entry = vector.entries[known.entry];
    ++entry.places;
    entry.last_place = vector.last_place;
    vector.occurrences.push_back(
        {known.entry, static_cast<Place>(static_cast<unsigned>(weight) << kPlaceBits | vector.last_place)});
  });
  vector.last_place = std::min(vector.last_place + 1, kLastPlace);
}

std::string SearchVectors::binary(std::size_t number, const std::vector<std::string>& forms) const {
  const Vector& vector = vectors_.at(number);
  const std::vector<std::string_view>& words = list_.words();
  // The places of each entry, one entry's behind the other's.
  std::vector<std::size_t> ends;
  std::size_t end = 0;
  for (const Entry& entry : vector.entries) {
    ends.push_back(end);  // moves on as they come
    end += entry.places;
  }
  std::vector<Place> places(end);
  for (const Occurrence& one : vector.occurrences) places[ends[one.entry]++] = one.place;

  std::vector<Lexeme> lexemes;
  lexemes.reserve(vector.entries.size() * 2);
  for (std::size_t i = 0; i < vector.entries.size(); ++i) {
    const std::string_view word = words[vector.entries[i].word];
    const std::string_view form = forms.at(vector.entries[i].word);
    const std::span<const Place> its(places.data() + ends[i] - vector.entries[i].places,
                                     vector.entries[i].places);
    lexemes.emplace_back(word, its);
    if (form != word) lexemes.emplace_back(form, its);
  }
  std::sort(lexemes.begin(), lexemes.end());

  std::string bytes;
  append(bytes, 0, 4);  // their number, once it is known
  std::uint32_t count = 0;
  std::vector<Place> merged;
  for (auto at = lexemes.begin(); at != lexemes.end(); ++count) {
    const std::string_view text = at->text;
    std::span<const Place> its = at->places;
    const auto others =
        std::find_if(at + 1, lexemes.end(), [&](const Lexeme& one) { return one.text != text; });
    if (others - at > 1) {
      merged.clear();
      for (; at != others; ++at) merged.insert(merged.end(), at->places.begin(), at->places.end());
      its = in_order(merged);
    }
    at = others;
    bytes += text;
    bytes += '\0';
    append(bytes, static_cast<std::uint32_t>(its.size()), 2);
    for (const Place place : its) append(bytes, place, 2);
  }
  std::string head;
  append(head, count, 4);
  return bytes.replace(0, head.size(), head);
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
