#include "storage/sqlite/search_index.h"

#include <system_error>

#include "storage/sql/article_json.h"
#include "storage/sql/search_words.h"
#include "storage/sqlite/search_query.h"

namespace waybill::storage::sqlite {

namespace {

using knowledge::SearchHit;

// Raised with every change of search_schema.sql.
constexpr std::int64_t kSearchSchema = 1;
constexpr std::size_t kSearchReaders = 2;
// The index is made again where it is lost, so its last transactions need not survive a power cut.
constexpr ConnectionOptions kWriterOptions{.read_only = false, .full_sync = false, .cache_kibibytes = 16384};
constexpr ConnectionOptions kReaderOptions{.read_only = true, .cache_kibibytes = 8192};

Result<std::int64_t> last_change(Database& database) {
  return database.read([](sql::Connection& reader) -> Result<std::int64_t> {
    Query query(reader, Sql::last_change);
    WB_TRY(const bool row, query.step());
    return row ? query.integer(0) : std::int64_t{0};
  });
}

Result<void> make_schema(Connection& writer, std::string_view database_id) {
  WB_TRY(auto transaction, Transaction::begin(writer, Transaction::Kind::write));
  // Another process that starts at the same time may have been first.
  WB_TRY(const std::int64_t schema, writer.read_integer("PRAGMA user_version"));
  if (schema != 0) return {};
  WB_CHECK_OK(writer.run_script(search_schema()));
  WB_CHECK_OK(Query(writer, Sql::insert_mark, Blob{database_id}).run());
  const std::string number = "PRAGMA user_version = " + std::to_string(kSearchSchema);
  WB_CHECK_OK(writer.run_script(number.c_str()));
  return transaction->commit();
}

/// The mark of a file that follows this database, a new file included; nullopt where it has to be built anew.
Result<std::optional<std::int64_t>> usable_mark(Connection& writer, Database& database,
                                                std::string_view database_id) {
  WB_CHECK_OK(make_schema(writer, database_id));
  WB_TRY(const std::int64_t schema, writer.read_integer("PRAGMA user_version"));
  if (schema != kSearchSchema) return std::optional<std::int64_t>();
  std::int64_t mark = 0;
  {
    Query query(writer, Sql::get_mark);
    WB_TRY(const bool row, query.step());
    if (!row || query.text(0) != database_id) return std::optional<std::int64_t>();
    mark = query.integer(1);
  }
  // Read after the mark: a server that runs beside this process moves both. A mark beyond the last change
  // means that the database was put back from an older backup.
  WB_TRY(const std::int64_t last, last_change(database));
  if (mark > last) return std::optional<std::int64_t>();
  return std::optional(mark);
}

/// True where the file itself is at fault, and not the disk or another process.
bool is_damage(const Error& error) {
  return error.code == ErrorCode::corrupt || error.code == ErrorCode::internal;
}

void remove_files(const std::filesystem::path& file) {
  std::error_code ignored;  // what cannot be removed fails again, and is told, when the file is opened
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix, ignored);
}

Result<SearchHit> read_hit(Connection& reader, const Query& row, const std::string& expression) {
  SearchHit hit{KnowledgeId(row.integer(0)), row.string(1), row.string(2), row.string(3), {}, 0};
  hit.score = sql::score_of(row.integer(5), -row.real(4));  // bm25 is better the lower it is
  Query snippet(reader, Sql::search_snippet, expression, hit.id);
  WB_TRY(const bool found, snippet.step());
  if (found) hit.snippet = snippet.string(0);
  return hit;
}

}  // namespace

SearchIndex::SearchIndex(const std::filesystem::path& file, Database& database,
                         std::unique_ptr<Connection> writer, std::int64_t mark)
    : database_(database),
      readers_(file, kReaderOptions, kSearchReaders),
      writer_(std::move(writer)),
      mark_(mark) {}

Result<std::unique_ptr<SearchIndex>> SearchIndex::open(const std::filesystem::path& file, Database& database,
                                                       std::string_view database_id) {
  for (const bool first_try : {true, false}) {
    auto writer = Connection::open(file, kWriterOptions);
    auto mark = writer ? usable_mark(**writer, database, database_id)
                       : Result<std::optional<std::int64_t>>(writer.error());
    if (mark && *mark) {
      return std::unique_ptr<SearchIndex>(new SearchIndex(file, database, *std::move(writer), **mark));
    }
    if (!mark && !(first_try && is_damage(mark.error()))) return std::move(mark).error();
    if (writer) writer.value().reset();
    remove_files(file);
  }
  return Error{ErrorCode::io, "the search index " + file.string() + " cannot be built anew: remove the file"};
}

Result<bool> SearchIndex::index_some(std::size_t max_rows) {
  const std::lock_guard lock(writer_mutex_);
  return database_.read([&](sql::Connection& source) { return index_rows(source, max_rows); });
}

Result<bool> SearchIndex::index_rows(sql::Connection& source, std::size_t max_rows) {
  WB_TRY(auto transaction, Transaction::begin(*writer_, Transaction::Kind::write));
  std::int64_t mark = mark_.load();
  std::size_t rows = 0;
  Query query(source, Sql::revisions_after, mark, to_limit(max_rows));
  while (true) {
    WB_TRY(const bool row, query.step());
    if (!row) break;
    ++rows;
    mark = query.integer(0);
    const std::int64_t id = query.integer(2);
    if (query.is_null(1)) {  // an undo has removed it
      WB_CHECK_OK(Query(*writer_, Sql::forget_document, id).run());
      WB_CHECK_OK(Query(*writer_, Sql::forget_text, id).run());
      continue;
    }
    if (query.integer(1) != mark) continue;  // a later revision follows
    const std::string name = query.string(5);
    const std::string path = query.string(4) + "/" + name;
    WB_CHECK_OK(Query(*writer_, Sql::replace_document, id, query.text(3), path, name, query.text(6),
                      sql::folded(name))
                    .run());
    WB_TRY(const std::string keywords, sql::article_search_words(query.text(7)));
    WB_CHECK_OK(Query(*writer_, Sql::replace_text, id, name, keywords, query.text(8)).run());
  }
  if (rows > 0) WB_CHECK_OK(Query(*writer_, Sql::set_mark, mark).run());
  WB_CHECK_OK(transaction->commit());
  mark_ = mark;
  return rows < max_rows;
}

Result<std::int64_t> SearchIndex::backlog() {
  WB_TRY(const std::int64_t last, last_change(database_));
  return last - mark_.load();
}

Result<std::vector<SearchHit>> SearchIndex::search(const Department& department, std::string_view query,
                                                   std::size_t limit, std::size_t offset) {
  std::vector<SearchHit> hits;
  const std::string expression = match_expression(query);
  if (expression.empty() || limit == 0) return hits;
  const std::string name = sql::folded(query);
  const std::string beyond = sql::beyond(name);
  WB_TRY(auto reader, readers_.take());
  WB_TRY(auto transaction, Transaction::begin(*reader, Transaction::Kind::read));
  Query found(*reader, Sql::search_articles, expression, department, name, beyond, to_limit(limit),
              to_limit(offset));
  while (true) {
    WB_TRY(const bool row, found.step());
    if (!row) return hits;
    WB_TRY(SearchHit hit, read_hit(*reader, found, expression));
    hits.push_back(std::move(hit));
  }
}

}  // namespace waybill::storage::sqlite
