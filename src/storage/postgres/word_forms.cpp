#include "storage/postgres/word_forms.h"

#include <algorithm>
#include <utility>

#include "storage/postgres/copy_rows.h"

namespace waybill::storage::postgres {

namespace {

// Of one configuration; some ten megabytes. Who comes to it begins anew: what is used is soon there again.
constexpr std::size_t kMostKnown = 100'000;
// What no text search configuration indexes, and no language has.
constexpr std::size_t kLongestWord = 100;

/// Words with digits in them have no other forms.
bool may_have_forms(std::string_view word) {
  return word.size() <= kLongestWord &&
         std::none_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<WordForms::Stems> WordForms::ask(sql::Connection& connection, const std::string& config,
                                        const std::vector<std::string_view>& words) {
  Stems stems;
  const std::string array = array_of(words);
  sql::Query query(connection, sql::Sql::stems_of_words, config, array);
  while (true) {
    WB_TRY(const bool row, query.step());
    if (!row) return stems;
    stems.emplace(query.string(0), query.string(1));
  }
}

Result<std::vector<std::string>> WordForms::of(sql::Connection& connection, const std::string& config,
                                               const std::vector<std::string_view>& words) {
  std::vector<std::string> forms(words.size());
  std::vector<std::string_view> unknown;
  std::vector<std::size_t> places;
  {
    const std::lock_guard lock(mutex_);
    const Stems& known = known_[config];
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto found = known.find(words[i]);
      if (found != known.end()) {
        forms[i] = found->second;
      } else if (may_have_forms(words[i])) {
        unknown.push_back(words[i]);
        places.push_back(i);
      } else {
        forms[i] = words[i];
      }
    }
  }
  if (unknown.empty()) return forms;
  WB_TRY(const Stems learned, ask(connection, config, unknown));
  const std::lock_guard lock(mutex_);
  Stems& known = known_[config];
  if (known.size() + unknown.size() > kMostKnown) known.clear();
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    const auto found = learned.find(unknown[i]);
    const bool usable =
        found != learned.end() && !found->second.empty() && found->second.size() <= unknown[i].size();
    std::string& form = forms[places[i]];
    form = usable ? std::string_view(found->second) : unknown[i];
    if (known.size() < kMostKnown) known.insert_or_assign(std::string(unknown[i]), form);
  }
  return forms;
}

}  // namespace waybill::storage::postgres
