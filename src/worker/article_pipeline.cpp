#include "worker/article_pipeline.h"

#include <algorithm>
#include <exception>
#include <new>
#include <string>

#include "base/thread.h"

namespace waybill::worker {

Result<void> without_exceptions(const char* what, const std::function<Result<void>()>& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::internal, std::string("There was not enough memory for ") + what + "."};
  } catch (const std::exception& exception) {
    return Error{ErrorCode::internal, std::string("An unexpected failure while ") + what + ".",
                 exception.what()};
  }
}

ArticlePipeline::ArticlePipeline(package::ArticleStream& stream, int checkers, MakeChecker make_checker,
                                 const Context& context)
    : stream_(stream),
      checkers_(static_cast<std::size_t>(std::max(checkers, 1))),
      make_checker_(std::move(make_checker)),
      context_(context.part()) {
  try {
    threads_.emplace_back([this] { read_all(); });
    for (std::size_t i = 0; i < checkers_; ++i) threads_.emplace_back([this] { check_all(); });
  } catch (...) {  // no more threads to be had: those that run must not outlive this object
    stop_threads();
    throw;
  }
}

ArticlePipeline::~ArticlePipeline() {
  stop_threads();
}

void ArticlePipeline::stop_threads() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    context_.cancel();
    for_reader_.notify_all();
    for_checkers_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

void ArticlePipeline::fail(Error error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
  all_read_ = true;
  for_reader_.notify_all();
  for_checkers_.notify_all();
  for_writer_.notify_all();
}

void ArticlePipeline::read_all() {
  auto done = without_exceptions("reading articles", [&]() -> Result<void> {
    for (;;) {
      WB_CHECK_OK(context_.check());
      WB_TRY(const bool more, read_one());
      if (!more) return {};
    }
  });
  if (!done) return fail(std::move(done).error());
  const std::lock_guard lock(mutex_);
  all_read_ = true;
  for_checkers_.notify_all();
  for_writer_.notify_all();
}

Result<bool> ArticlePipeline::read_one() {
  {
    std::unique_lock lock(mutex_);
    for_reader_.wait(
        lock, [&] { return stop_ || error_ || (read_ < written_ + kWindow && input_bytes_ < kTextBytes); });
    if (stop_ || error_) return false;
  }
  WB_TRY(auto article, stream_.next());
  if (!article) return false;
  const std::lock_guard lock(mutex_);
  input_bytes_ += article->text.size();
  inputs_.push_back({read_++, std::move(*article)});
  for_checkers_.notify_one();
  return true;
}

/// The one that the writer waits for is always checked, however much lies ready behind it.
bool ArticlePipeline::may_check(std::uint64_t number) const {
  return item_bytes_ < kItemBytes || number == written_;
}

std::vector<ArticlePipeline::Input> ArticlePipeline::take_inputs() {
  std::vector<Input> taken;
  std::unique_lock lock(mutex_);
  const auto may_start = [&] { return !inputs_.empty() && may_check(inputs_.front().number); };
  for_checkers_.wait(lock, [&] { return stop_ || error_ || may_start() || (all_read_ && inputs_.empty()); });
  if (stop_ || error_ || inputs_.empty()) return taken;
  const std::size_t share = std::clamp<std::size_t>(inputs_.size() / checkers_, 1, kTogether);
  for (std::size_t bytes = 0; taken.size() < share; inputs_.pop_front()) {
    bytes += inputs_.front().text.text.size();
    if (!taken.empty() && bytes > kTogetherBytes) break;
    input_bytes_ -= inputs_.front().text.text.size();
    taken.push_back(std::move(inputs_.front()));
  }
  for_reader_.notify_one();
  return taken;
}

bool ArticlePipeline::wait_to_check(std::uint64_t number) {
  std::unique_lock lock(mutex_);
  for_checkers_.wait(lock, [&] { return stop_ || error_ || may_check(number); });
  return !stop_ && !error_;
}

void ArticlePipeline::check_all() {
  yield_to_others();
  auto done = without_exceptions("checking articles", [&]() -> Result<void> {
    const auto checker = make_checker_();
    for (;;) {
      std::vector<Input> inputs = take_inputs();
      if (inputs.empty()) return {};
      check_together(*checker, std::move(inputs));
    }
  });
  if (!done) fail(std::move(done).error());
}

void ArticlePipeline::check_together(Checker& checker, std::vector<Input> inputs) {
  const std::uint64_t first = inputs.front().number;
  std::vector<package::ArticleText> texts;
  for (Input& input : inputs) texts.push_back(std::move(input.text));
  const auto taken = checker.take(std::move(texts));
  for (std::uint64_t number = first; number < first + inputs.size(); ++number) {
    if (!wait_to_check(number)) return;
    put_result(number, taken ? checker.next(context_) : Result<JudgedItem>(taken.error()));
  }
}

void ArticlePipeline::put_result(std::uint64_t number, Result<JudgedItem> result) {
  const std::lock_guard lock(mutex_);
  if (result) item_bytes_ += result->bytes;
  slots_[number % kWindow].emplace(std::move(result));
  if (number == written_) for_writer_.notify_one();
}

Result<ArticlePipeline::Got> ArticlePipeline::next(JudgedItem& item, std::chrono::nanoseconds at_most) {
  std::unique_lock lock(mutex_);
  Slot& slot = slots_[written_ % kWindow];
  const auto at_end = [&] { return all_read_ && written_ == read_; };
  for_writer_.wait_for(lock, at_most, [&] { return slot || error_ || at_end(); });
  if (slot) {
    Result<JudgedItem> result = std::move(*slot);
    slot.reset();
    ++written_;
    if (result) item_bytes_ -= result->bytes;
    for_reader_.notify_one();
    for_checkers_.notify_all();
    if (!result) return std::move(result).error();
    item = std::move(*result);
    return Got::item;
  }
  if (error_) return *error_;
  return at_end() ? Got::end : Got::nothing_yet;
}

}  // namespace waybill::worker
