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

/// Judges articles: what one thread of the pipeline does. Made, used and destroyed by that thread.
class Checker {
 public:
  virtual ~Checker() = default;
  /// Begins the articles that are checked next, and asks for what many need at once.
  virtual void begin(std::vector<package::ArticleText> articles) = 0;
  /// The next of those that were begun.
  virtual Result<JudgedItem> check_next(const Context& context) = 0;
};
using MakeChecker = std::function<std::unique_ptr<Checker>()>;

/// One reader cuts articles, several checkers judge them, and they come out in the order of the file. What is
/// on the way is bounded in number and in bytes, so memory does not grow with the package. Made, used and
/// destroyed by one thread.
class ArticlePipeline {
 public:
  static constexpr std::size_t kWindow = 512;          // articles between the reader and the writer
  static constexpr std::size_t kTextBytes = 8U << 20;   // cut, not yet checked
  static constexpr std::size_t kItemBytes = 16U << 20;  // checked, not yet written

  static constexpr std::size_t kGroup = 16;  // articles that a checker takes at once
  static constexpr std::size_t kGroupBytes = 256U << 10U;

  /// Starts at once. `stream` outlives it. `make_checker` is called on each checker's thread.
  ArticlePipeline(package::ArticleStream& stream, int checkers, MakeChecker make_checker,
                  const Context& context);
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
  Result<bool> read_one();  // false at the end
  /// The numbers of the articles that come next, and their texts; none: nothing will come.
  std::vector<std::uint64_t> take_inputs(std::vector<package::ArticleText>& texts);
  bool may_check(std::uint64_t number) const;
  bool wait_for_turn(std::uint64_t number);  // false: nothing more is wanted
  void put_result(std::uint64_t number, Result<JudgedItem> result);
  void fail(Error error);

  package::ArticleStream& stream_;
  const MakeChecker make_checker_;
  const std::size_t checkers_;
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
