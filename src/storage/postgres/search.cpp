#include "storage/postgres/search.h"

#include <algorithm>
#include <map>
#include <utility>

#include "storage/postgres/copy_rows.h"
#include "storage/sql/article_json.h"
#include "storage/sql/search_words.h"

namespace waybill::storage::postgres {

using sql::Query;
using sql::Sql;

Result<bool> Search::index_some(std::size_t max_rows) {
  // In one transaction, which must take neither long nor much memory whatever the size of the articles.
  constexpr std::size_t kRowsAtOnce = 50;
  const std::int64_t most = sql::to_limit(std::min(max_rows, kRowsAtOnce));
  WB_TRY(const std::int64_t taken,
         database_.write([&](sql::Connection& writer) { return index_rows(writer, most); }));
  if (taken == most) return false;
  // Others may hold what is left: caught up is who has seen them end.
  return database_.read([&](sql::Connection& reader) -> Result<bool> {
    Query query(reader, Sql::wait_for_indexing, most);
    WB_TRY(const bool row, query.step());
    return !row || query.integer(0) == 0;
  });
}

/// Takes up to `most` revisions from the queue and makes the index follow; how many it took.
Result<std::int64_t> Search::index_rows(sql::Connection& writer, std::int64_t most) {
  WB_TRY(const auto splitter, WordSplitter::make());
  std::int64_t taken = 0;
  // By the name of the configuration, since a word's form depends on it.
  std::map<std::string, Documents, std::less<>> all;
  Query query(writer, Sql::take_revisions, most);
  while (true) {
    WB_TRY(const bool row, query.step());
    if (!row) break;
    taken = query.integer(0);
    if (query.is_null(2)) continue;  // an undo has removed it
    Documents& documents = all[query.string(3)];
    documents.articles.push_back(query.integer(1));
    documents.changes.push_back(query.integer(2));
    WB_TRY(const std::string keywords, sql::article_search_words(query.text(5)));
    using Weight = SearchVectors::Weight;
    documents.vectors.begin_vector();
    documents.vectors.add(*splitter, query.text(4), Weight::name);
    documents.vectors.add(*splitter, keywords, Weight::keywords);
    documents.vectors.add(*splitter, query.text(6), Weight::body);
  }
  for (const auto& [config, documents] : all) WB_CHECK_OK(write(writer, config, documents));
  return taken;
}

Result<void> Search::write(sql::Connection& writer, const std::string& config, const Documents& documents) {
  WB_TRY(const auto forms, forms_.of(writer, config, documents.vectors.words()));
  std::vector<std::string> vectors;
  vectors.reserve(documents.vectors.count());
  for (std::size_t i = 0; i < documents.vectors.count(); ++i) {
    vectors.push_back(documents.vectors.binary(i, forms));
  }
  const std::string articles = array_of(documents.articles);
  const std::string changes = array_of(documents.changes);
  const std::string words = array_of_vectors(vectors);
  return Query(writer, Sql::write_documents, articles, changes, sql::Blob{words}, config).run();
}

Result<std::int64_t> Search::backlog() {
  return database_.read([](sql::Connection& reader) -> Result<std::int64_t> {
    Query query(reader, Sql::count_unindexed);
    WB_TRY(const bool row, query.step());
    return row ? query.integer(0) : std::int64_t{0};
  });
}

/// What is looked for, in each of the configurations that the department's articles are indexed by.
struct Search::Asked {
  WordSplitter& splitter;
  AskedWords words;
  std::vector<std::string> configs;
  std::vector<std::vector<std::string>> forms;
  std::vector<std::string> queries;
};

/// Where the words that are looked for stand in a text.
Result<std::vector<Mark>> Search::marks(sql::Connection& reader, const Asked& asked, std::size_t config,
                                        std::string_view text) {
  struct Place {
    Mark mark;
    std::size_t word;
  };
  std::vector<Place> places;
  std::map<std::string, std::size_t, std::less<>> numbers;
  std::vector<std::string_view> words;
  asked.splitter.split(text, [&](const WordSplitter::Word& word) {
    auto found = numbers.find(word.folded);
    if (found == numbers.end()) {
      found = numbers.emplace(word.folded, words.size()).first;
      words.push_back(found->first);
    }
    places.push_back({{word.begin, word.end}, found->second});
  });
  WB_TRY(const auto forms, forms_.of(reader, asked.configs.at(config), words));
  std::vector<Mark> marks;
  for (const Place& place : places) {
    if (asked.words.asks_for(words[place.word], forms[place.word], asked.forms[config])) {
      marks.push_back(place.mark);
    }
  }
  return marks;
}

Result<std::vector<knowledge::SearchHit>> Search::search(const Department& department, std::string_view typed,
                                                         std::size_t limit, std::size_t offset) {
  WB_TRY(const auto splitter, WordSplitter::make());
  const AskedWords words(*splitter, typed);
  if (words.empty() || limit == 0) return std::vector<knowledge::SearchHit>();
  const std::string name = sql::folded(typed);
  const std::string beyond = sql::beyond(name);
  return database_.read([&](sql::Connection& reader) -> Result<std::vector<knowledge::SearchHit>> {
    Asked asked{*splitter, words, {}, {}, {}};
    Query configs(reader, Sql::search_configs_of, department);
    while (true) {
      WB_TRY(const bool row, configs.step());
      if (!row) break;
      WB_TRY(auto forms, forms_.of(reader, configs.string(0), words.words()));
      asked.configs.push_back(configs.string(0));
      asked.queries.push_back(words.query(forms));
      asked.forms.push_back(std::move(forms));
    }
    const std::string config_array = array_of(asked.configs);
    const std::string query_array = array_of(asked.queries);
    std::vector<knowledge::SearchHit> hits;
    Query query(reader, Sql::search_documents, config_array, query_array, department, name, beyond,
                sql::to_limit(limit), sql::to_limit(offset));
    while (true) {
      WB_TRY(const bool row, query.step());
      if (!row) return hits;
      const auto config = static_cast<std::size_t>(query.integer(6)) - 1;
      WB_TRY(const auto marked, marks(reader, asked, config, query.text(7)));
      hits.push_back({KnowledgeId(query.integer(0)), query.string(1), query.string(2), query.string(3),
                      snippet(query.text(7), marked), sql::score_of(query.integer(5), query.real(4))});
    }
  });
}

}  // namespace waybill::storage::postgres
