#include "storage/postgres/word_splitter.h"

#include <sqlite3.h>

#include <algorithm>
#include <limits>

namespace waybill::storage::postgres {

namespace {

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// sqlite.org/fts5.html, section 7, "Extending FTS5".
fts5_api* fts5_of(sqlite3* handle) {
  fts5_api* api = nullptr;
  sqlite3_stmt* prepared = nullptr;
  sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &prepared, nullptr);
  const std::unique_ptr<sqlite3_stmt, Close> statement(prepared);
  if (!statement) return nullptr;
  sqlite3_bind_pointer(statement.get(), 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
  sqlite3_step(statement.get());
  return api;
}

}  // namespace

struct WordSplitter::Api {
  std::unique_ptr<sqlite3, Close> handle;  // in memory; FTS5 lives in it
  fts5_tokenizer functions{};
  Fts5Tokenizer* tokenizer = nullptr;
  ~Api() {
    if (tokenizer != nullptr) functions.xDelete(tokenizer);
  }
};

Result<std::unique_ptr<WordSplitter>> WordSplitter::make() {
  std::unique_ptr<WordSplitter> splitter(new WordSplitter());
  splitter->api_ = std::make_unique<Api>();
  Api& api = *splitter->api_;
  sqlite3* handle = nullptr;
  const int opened = sqlite3_open_v2(
      ":memory:", &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, nullptr);
  api.handle.reset(handle);
  fts5_api* const fts5 = opened == SQLITE_OK ? fts5_of(handle) : nullptr;
  void* context = nullptr;
  const char* options[] = {"remove_diacritics", "2", "categories", "L* N* Co Mn Mc"};
  if (fts5 == nullptr || fts5->xFindTokenizer(fts5, "unicode61", &context, &api.functions) != SQLITE_OK ||
      api.functions.xCreate(context, options, static_cast<int>(std::size(options)), &api.tokenizer) !=
          SQLITE_OK) {
    return Error{ErrorCode::internal, "this build of SQLite has no FTS5, which search needs"};
  }
  return splitter;
}

WordSplitter::~WordSplitter() = default;

void WordSplitter::split(std::string_view text, const std::function<void(const Word&)>& tell) {
  using Tell = std::function<void(const Word&)>;
  const auto told = [](void* to, int, const char* token, int bytes, int begin, int end) {
    (**static_cast<const Tell**>(to))({{token, static_cast<std::size_t>(bytes)},
                                       static_cast<std::size_t>(begin),
                                       static_cast<std::size_t>(end)});
    return SQLITE_OK;
  };
  const Tell* context = &tell;  // FTS5 wants a pointer to what is not const
  constexpr auto kMostBytes = static_cast<std::size_t>(std::numeric_limits<int>::max());
  (void)api_->functions.xTokenize(api_->tokenizer, &context, FTS5_TOKENIZE_DOCUMENT, text.data(),
                                  static_cast<int>(std::min(text.size(), kMostBytes)), told);
}

}  // namespace waybill::storage::postgres
