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
  static constexpr std::size_t kWindow = 512;           // articles between the reader and the writer
  static constexpr std::size_t kTextBytes = 8U << 20;   // cut, not yet checked
  static constexpr std::size_t kItemBytes = 16U << 20;  // checked, not yet written

  static constexpr std::size_t kTogether = 48;               // articles that a checker takes at once, at most
  static constexpr std::size_t kTogetherBytes = 512U << 10;  // their texts, where there is more than one

  /// Takes a few articles that follow each other, then judges them one by one. One thread.
  class Checker {
   public:
    virtual ~Checker() = default;
    virtual Result<void> take(std::vector<package::ArticleText> articles) = 0;
    /// The next of those taken.
    virtual Result<JudgedItem> next(const Context& context) = 0;
  };
  /// Called on the checker's thread.
  using MakeChecker = std::function<std::unique_ptr<Checker>()>;

  /// Starts at once. `stream` outlives it.
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
  /// What a checker takes: more than one only where the others have as many. Empty: nothing will come.
  std::vector<Input> take_inputs();
  bool may_check(std::uint64_t number) const;
  bool wait_to_check(std::uint64_t number);  // false: stopped
  void check_together(Checker& checker, std::vector<Input> inputs);
  void put_result(std::uint64_t number, Result<JudgedItem> result);
  void fail(Error error);

  package::ArticleStream& stream_;
  const std::size_t checkers_;
  const MakeChecker make_checker_;
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
