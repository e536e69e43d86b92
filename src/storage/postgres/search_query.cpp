#include "storage/postgres/search_query.h"

#include <algorithm>
#include <vector>

#include "storage/sql/search_words.h"

namespace waybill::storage::postgres {

namespace {

constexpr std::string_view kBegin = "\uE000";
constexpr std::string_view kEnd = "\uE001";
constexpr std::string_view kCut = "…";
constexpr std::size_t kWords = 32;
constexpr std::size_t kWordsBefore = 8;

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::vector<std::string_view> words_of(std::string_view phrase) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < phrase.size();) {
    std::size_t end = at;
    while (end < phrase.size() && is_word_byte(phrase[end])) ++end;
    if (end > at) words.push_back(phrase.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

/// 'std' <-> 'vector'
std::string expression_of(const std::vector<std::string_view>& words) {
  std::string expression;
  for (const std::string_view word : words) {
    expression += (expression.empty() ? "'" : " <-> '") + std::string(word) + "'";
  }
  return expression;
}

std::size_t point_bytes(std::string_view text) {
  std::size_t bytes = 1;
  while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) ++bytes;
  return bytes;
}

/// The text with the marks put into it; empty where the two do not fit together.
std::string with_marks(std::string_view text, std::string_view marked) {
  std::string whole;
  while (!marked.empty()) {
    const std::string_view point = marked.substr(0, point_bytes(marked));
    marked.remove_prefix(point.size());
    if (point == kBegin || point == kEnd) {
      whole += point;
      continue;
    }
    if (text.empty()) return {};
    const std::size_t bytes = point_bytes(text);
    whole += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return text.empty() ? whole : std::string();
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Where each word begins.
std::vector<std::size_t> word_starts(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_space(text[i]) && (i == 0 || is_space(text[i - 1]))) starts.push_back(i);
  }
  return starts;
}

}  // namespace

AskedWords asked_words(std::string_view typed) {
  const std::vector<sql::Phrase> phrases = sql::phrases_of(typed);
  const bool unfinished = sql::may_be_unfinished(phrases);
  AskedWords asked;
  for (std::size_t i = 0; i < phrases.size(); ++i) {
    const auto words = words_of(phrases[i].text);
    if (words.empty()) continue;
    const std::string expression = expression_of(words);
    if (unfinished && i + 1 == phrases.size()) {
      asked.last_phrase = expression + ":*";
      if (words.size() == 1) asked.last_word = asked.last_phrase;
    } else {
      asked.head += (asked.head.empty() ? "" : " & ") + ("(" + expression) + ")";
    }
  }
  return asked;
}

std::string snippet(std::string_view text, std::string_view marked) {
  std::string whole = with_marks(text, marked);
  if (whole.empty()) whole = text;
  const std::size_t first_mark = std::min(whole.find(kBegin), whole.size());
  const auto starts = word_starts(whole);
  // The word that holds the first mark; the beginning where there is none.
  std::size_t hit = 0;
  if (first_mark < whole.size()) {
    const auto after = std::upper_bound(starts.begin(), starts.end(), first_mark);
    hit = after == starts.begin() ? 0 : static_cast<std::size_t>(after - starts.begin()) - 1;
  }
  const std::size_t from = hit > kWordsBefore ? hit - kWordsBefore : 0;
  const std::size_t to = std::min(from + kWords, starts.size());
  if (from >= to) return {};
  const std::size_t end = to < starts.size() ? starts[to] : whole.size();
  std::string shown = whole.substr(starts[from], end - starts[from]);
  while (!shown.empty() && is_space(shown.back())) shown.pop_back();
  return (from > 0 ? std::string(kCut) : std::string()) + shown +
         (to < starts.size() ? std::string(kCut) : std::string());
}

}  // namespace waybill::storage::postgres
