#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "package/article_stream.h"
#include "worker/item.h"

namespace waybill::worker {

/// One reader cuts articles, several checkers judge them, and they come out in the order of the file. What is
/// on the way is bounded in number and in bytes, so memory does not grow with the package. Made, used and
/// destroyed by one thread.
class ArticlePipeline {
 public:
  static constexpr std::size_t kWindow = 1024;          // articles between the reader and the writer
  static constexpr std::size_t kTextBytes = 8U << 20;   // cut, not yet checked
  static constexpr std::size_t kItemBytes = 16U << 20;  // checked, not yet written

  using Check = std::function<Result<JudgedItem>(package::ArticleText, const Context&)>;
  /// Makes the check of one checker; called on its thread.
  using MakeCheck = std::function<Check()>;

  /// Starts at once. `stream` outlives it.
  ArticlePipeline(package::ArticleStream& stream, int checkers, MakeCheck make_check, const Context& context);
  /// Stops the threads, whatever they wait for, and waits for them: what they hold is dropped.
  ~ArticlePipeline();
  ArticlePipeline(const ArticlePipeline&) = delete;
  ArticlePipeline& operator=(const ArticlePipeline&) = delete;

  enum class Got : std::uint8_t { item, end, nothing_yet };
  /// The next article, waiting at most so long. Errors: the first that reader or checkers met, in the order
  /// of the articles; an exception in a thread is internal.
  Result<Got> next(JudgedItem& item, std::chrono::nanoseconds at_most);

 private:
  struct Input {
    std::uint64_t number = 0;
    package::ArticleText text;
  };
  using Slot = std::optional<Result<JudgedItem>>;

  void stop_threads();
  void read_all();
  void check_all();
  Result<bool> read_one();        // false at the end
  bool take_input(Input& input);  // false: nothing will come
  void put_result(std::uint64_t number, Result<JudgedItem> result);
  void fail(Error error);

  package::ArticleStream& stream_;
  const MakeCheck make_check_;
  const Context context_;  // a part of the job's: stopped with these threads

  std::mutex mutex_;
  std::condition_variable for_reader_, for_checkers_, for_writer_;
  std::deque<Input> inputs_;
  std::size_t input_bytes_ = 0;
  std::vector<Slot> slots_{kWindow};  // by number % kWindow
  std::size_t item_bytes_ = 0;
  std::uint64_t read_ = 0;     // articles cut so far
  std::uint64_t written_ = 0;  // handed out so far
  bool all_read_ = false;
  bool stop_ = false;
  std::optional<Error> error_;  // of the reader, or of a thread as such

  std::vector<std::thread> threads_;
};

/// Runs `work` so that an exception (out of memory, say) becomes an Error. `what` names the step.
Result<void> without_exceptions(const char* what, const std::function<Result<void>()>& work);

}  // namespace waybill::worker
