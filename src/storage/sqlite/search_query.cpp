#include "storage/sqlite/search_query.h"

#include <vector>

#include "base/text.h"

namespace waybill::storage::sqlite {

namespace {

// FTS5 refuses expressions deeper than 256 operands. Nobody reads hits by the 33rd word.
constexpr std::size_t kMostPhrases = 32;
constexpr std::size_t kMostBytes = 1024;

struct Phrase {
  std::string_view text;
  bool quoted = false;
};

// A zero byte ends an expression for FTS5, so it separates words here.
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::vector<Phrase> phrases_of(std::string_view typed) {
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

}  // namespace

std::string match_expression(std::string_view typed) {
  typed = typed.substr(0, kMostBytes);
  const std::vector<Phrase> phrases = phrases_of(typed);
  std::string expression;
  for (const Phrase& phrase : phrases) {
    if (!expression.empty()) expression += ' ';
    expression += '"';
    // No quote is left in a phrase; a zero byte can be, between quotes.
    for (const char c : phrase.text) expression += c == '\0' ? ' ' : c;
    expression += '"';
  }
  // "std::" asks for the word std, not for all that begin with it.
  if (!phrases.empty() && !phrases.back().quoted && is_word_byte(phrases.back().text.back()))
    expression += '*';
  return expression;
}

std::string folded(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = trim(text.substr(1, text.size() - 2));
  return to_lower(text);
}

}  // namespace waybill::storage::sqlite
