#include "storage/postgres/search_query.h"

#include <algorithm>
#include <utility>

#include "storage/postgres/copy_rows.h"
#include "storage/sql/search_words.h"

namespace waybill::storage::postgres {

namespace {

constexpr std::string_view kBegin = "\uE000";
constexpr std::string_view kEnd = "\uE001";
constexpr std::string_view kCut = "…";
constexpr std::size_t kWords = 32;
constexpr std::size_t kWordsBefore = 8;

/// The text with the marks put into it.
std::string with_marks(std::string_view text, const std::vector<Mark>& marks) {
  std::string whole;
  std::size_t at = 0;
  for (const Mark& mark : marks) {
    whole += text.substr(at, mark.begin - at);
    whole += kBegin;
    whole += text.substr(mark.begin, mark.end - mark.begin);
    whole += kEnd;
    at = mark.end;
  }
  return whole += text.substr(at);
}

/// Of a word that the splitter gave: it has no quote and no backslash.
std::string lexeme(std::string_view word) {
  return "'" + std::string(word) + "'";
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

AskedWords::AskedWords(WordSplitter& splitter, std::string_view typed) {
  const std::vector<sql::Phrase> phrases = sql::phrases_of(typed);
  for (const sql::Phrase& phrase : phrases) {
    std::vector<std::string> words;
    splitter.split(clean_text(phrase.text),
                   [&](const WordSplitter::Word& word) { words.emplace_back(word.folded); });
    unfinished_ = !words.empty() && &phrase == &phrases.back() && sql::may_be_unfinished(phrases);
    if (!words.empty()) phrases_.push_back(std::move(words));
  }
}

std::vector<std::string_view> AskedWords::words() const {
  std::vector<std::string_view> all;
  for (const auto& phrase : phrases_) all.insert(all.end(), phrase.begin(), phrase.end());
  return all;
}

std::string AskedWords::query(const std::vector<std::string>& forms) const {
  std::string query;
  std::size_t at = 0;
  for (const auto& phrase : phrases_) {
    query += query.empty() ? "(" : " & (";
    for (std::size_t i = 0; i < phrase.size(); ++i, ++at) {
      const std::string form = lexeme(forms.at(at));
      const bool last = unfinished_ && at + 1 == forms.size();
      query += i > 0 ? " <-> " : "";
      // The beginning of a word need not be that of its form.
      query += last ? "(" + form + ":* | " + lexeme(phrase[i]) + ":*)" : form;
    }
    query += ")";
  }
  return query;
}

bool AskedWords::asks_for(std::string_view word, std::string_view form,
                          const std::vector<std::string>& forms) const {
  if (empty()) return false;
  const std::string& last = phrases_.back().back();
  const auto goes_on = [&](std::string_view found) {
    return found.starts_with(last) || found.starts_with(forms.back());
  };
  if (unfinished_ && (goes_on(word) || goes_on(form))) return true;
  return std::find(forms.begin(), forms.end(), form) != forms.end();
}

std::string snippet(std::string_view text, const std::vector<Mark>& marks) {
  const std::string whole = with_marks(text, marks);
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
