#include "storage/sql/search_words.h"

#include "base/text.h"

namespace waybill::storage::sql {

namespace {

// Nobody reads hits by the 33rd word, and FTS5 refuses expressions deeper than 256 operands.
constexpr std::size_t kMostPhrases = 32;
constexpr std::size_t kMostBytes = 1024;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::vector<Phrase> phrases_of(std::string_view typed) {
  typed = typed.substr(0, kMostBytes);
  std::vector<Phrase> phrases;
  std::size_t at = 0;
  while (at < typed.size() && phrases.size() < kMostPhrases) {
    if (is_space(typed[at])) {
      ++at;
      continue;
    }
    const bool quoted = typed[at] == '"';
    if (quoted) ++at;
    std::size_t end = at;
    while (end < typed.size() && (quoted ? typed[end] != '"' : !is_space(typed[end]) && typed[end] != '"'))
      ++end;
    if (end > at) phrases.push_back({typed.substr(at, end - at), quoted});
    at = end + (quoted ? 1 : 0);  // the closing quote
  }
  return phrases;
}

bool may_be_unfinished(const std::vector<Phrase>& phrases) {
  return !phrases.empty() && !phrases.back().quoted && is_word_byte(phrases.back().text.back());
}

std::string folded(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = trim(text.substr(1, text.size() - 2));
  return to_lower(text);
}

std::string beyond(std::string_view name) {
  return std::string(name) + "\U0010FFFF";
}

double score_of(std::int64_t tier, double rank) {
  constexpr double kTierStep = 1000.0;
  return static_cast<double>(3 - tier) * kTierStep + rank;
}

}  // namespace waybill::storage::sql
