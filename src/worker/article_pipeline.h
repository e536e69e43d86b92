#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "package/article_stream.h"
#include "worker/article_checker.h"

namespace waybill::worker {

/// Reads articles.json on one thread, checks articles on several, and gives them back in the file's order.
/// What is under way is bounded in number and in bytes. The constructor starts the threads, the destructor
/// ends them.
class ArticlePipeline {
 public:
  /// Articles before `first` are passed over. `context` ends everything.
  ArticlePipeline(package::ArticleStream& stream, ArticleChecker& checker, std::uint64_t first, int checkers,
                  const Context& context);
  ~ArticlePipeline();
  ArticlePipeline(const ArticlePipeline&) = delete;
  ArticlePipeline& operator=(const ArticlePipeline&) = delete;

  enum class Got { item, nothing_yet, end };
  /// The next article, waiting for at most `wait`. Errors: those of the source, at the article that met them.
  Result<Got> next(std::chrono::milliseconds wait, PreparedItem& item);

 private:
  void read();
  void check();
  void fail(std::uint64_t index, Error error);

  // So many articles may be between the reader and the writer, holding at most so many bytes; the oldest
  // always may.
  static constexpr std::uint64_t kWindow = 256;
  static constexpr std::size_t kBytes = 48U << 20;

  package::ArticleStream& stream_;
  ArticleChecker& checker_;
  const Context context_;
  const std::uint64_t first_;

  std::mutex mutex_;
  std::condition_variable can_read_, can_check_, can_take_;
  std::deque<package::ArticleText> todo_;
  std::map<std::uint64_t, Result<PreparedItem>> done_;  // at most kWindow
  std::size_t done_bytes_ = 0;
  std::uint64_t next_ = 0;            // the one that the writer waits for
  std::optional<std::uint64_t> end_;  // one past the last
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace waybill::worker
