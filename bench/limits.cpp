// The least work: what any program that does Waybill's job would have to do as well. Each prints seconds.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <thread>

#include "package/html.h"
#include "packed.h"

namespace waybill::bench {

namespace {

namespace fs = std::filesystem;

constexpr int kRowsInTransaction = 500;  // jobs.batch_items

bool is_body(const PackedFile& file) {
  return file.name.ends_with(".html");
}

double inflate(const char* zip) {
  const double start = seconds();
  const Packed packed(zip);
  Inflater inflater;
  std::string bytes;
  for (const auto& file : packed.files()) inflater.inflate(file, bytes);
  return seconds() - start;
}

/// A database as Waybill opens its own (storage/sqlite/database.cpp), and one prepared statement.
class Table {
 public:
  Table(const fs::path& file, const char* synchronous, const char* schema, const char* insert) {
    run_or_give_up(sqlite3_open(file.c_str(), &handle_));
    execute("PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=2000");
    execute((std::string("PRAGMA cache_size=-16384; PRAGMA synchronous=") + synchronous).c_str());
    execute(schema);
    run_or_give_up(sqlite3_prepare_v2(handle_, insert, -1, &insert_, nullptr));
    execute("BEGIN");
  }
  ~Table() {
    sqlite3_finalize(insert_);
    sqlite3_close(handle_);
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  void add(std::string_view name, std::string_view body) {
    sqlite3_bind_text64(insert_, 1, name.data(), name.size(), SQLITE_STATIC, SQLITE_UTF8);
    sqlite3_bind_text64(insert_, 2, body.data(), body.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (sqlite3_step(insert_) != SQLITE_DONE) give_up(sqlite3_errmsg(handle_));
    sqlite3_reset(insert_);
    if (++rows_ % kRowsInTransaction == 0) execute("COMMIT; BEGIN");
  }
  void finish() { execute("COMMIT"); }

 private:
  void run_or_give_up(int code) {
    if (code != SQLITE_OK) give_up(sqlite3_errmsg(handle_));
  }
  void execute(const char* sql) { run_or_give_up(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr)); }

  sqlite3* handle_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  int rows_ = 0;
};

/// The text of each body, as the index gets it: made beforehand, since finding it is not the limit's work.
std::vector<std::string> texts_of(const Packed& packed) {
  std::vector<std::string> texts;
  Inflater inflater;
  std::string bytes;
  package::HtmlContent content;
  for (const auto& file : packed.files()) {
    if (!is_body(file)) continue;
    inflater.inflate(file, bytes);
    package::read_html(bytes, content);
    texts.push_back(content.text);
  }
  return texts;
}

/// Inflates everything and inserts the bodies; with `index`, their text into the same full-text index too, in
/// a file and at a durability of its own as Waybill's, on a thread of its own.
double insert(const char* zip, const fs::path& folder, bool index) {
  const Packed packed(zip);
  const auto texts = index ? texts_of(packed) : std::vector<std::string>();
  const double start = seconds();
  std::thread indexer;
  if (index) {
    indexer = std::thread([&] {
      Table search(
          folder / "search.db", "NORMAL",
          "CREATE VIRTUAL TABLE t USING fts5(name, keywords, body, tokenize='unicode61 remove_diacritics 2')",
          "INSERT INTO t (name, keywords, body) VALUES (?1, '', ?2)");
      for (const auto& text : texts) search.add("name", text);
      search.finish();
    });
  }
  Table rows(folder / "rows.db", "FULL", "CREATE TABLE t (name TEXT, body TEXT)",
             "INSERT INTO t VALUES (?1, ?2)");
  Inflater inflater;
  std::string bytes;
  for (const auto& file : packed.files()) {
    inflater.inflate(file, bytes);
    if (is_body(file)) rows.add(file.name, bytes);
  }
  rows.finish();
  if (index) indexer.join();
  return seconds() - start;
}

/// Synced appends of 1 KiB by so many threads, each to a file of its own; seconds for each.
double sync_writes(const fs::path& folder, int threads, int each) {
  const std::string block(1024, 'x');
  std::vector<std::thread> running;
  const double start = seconds();
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&, i] {
      const int fd = ::open((folder / std::to_string(i)).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
      for (int k = 0; k < each; ++k) {
        if (::write(fd, block.data(), block.size()) < 0 || ::fdatasync(fd) != 0) give_up("cannot sync");
      }
      ::close(fd);
    });
  }
  for (auto& thread : running) thread.join();
  return (seconds() - start) / threads / each;
}

int run(int argc, char** argv) {
  const std::string_view what = argc > 2 ? argv[1] : "";
  double took = -1;
  if (what == "inflate") took = inflate(argv[2]);
  if (what == "insert" && argc == 4) took = insert(argv[2], argv[3], false);
  if (what == "index" && argc == 4) took = insert(argv[2], argv[3], true);
  if (what == "sync" && argc == 5) took = sync_writes(argv[2], std::atoi(argv[3]), std::atoi(argv[4]));
  if (took < 0)
    give_up("usage: inflate ZIP | insert ZIP FOLDER | index ZIP FOLDER | sync FOLDER THREADS EACH");
  std::printf("%.6f\n", took);
  return 0;
}

}  // namespace

}  // namespace waybill::bench

int main(int argc, char** argv) {
  return waybill::bench::run(argc, argv);
}
