#include "worker/article_pipeline.h"

#include <exception>
#include <string>
#include <utility>

namespace waybill::worker {

namespace {

/// Runs `step`; what it throws (memory is the only thing left to throw) becomes an Error.
template <typename Step>
auto guarded(Step step) -> decltype(step()) {
  try {
    return step();
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::unavailable, "The server is out of memory."};
  } catch (const std::exception& problem) {
    return Error{ErrorCode::internal, "The server met a problem of its own.", problem.what()};
  }
}

}  // namespace

ArticlePipeline::ArticlePipeline(package::ArticleStream& stream, ArticleChecker& checker, std::uint64_t first,
                                 int checkers, const Context& context)
    : stream_(stream), checker_(checker), context_(context), first_(first), next_(first) {
  threads_.emplace_back([this] { read(); });
  for (int i = 0; i < checkers; ++i) threads_.emplace_back([this] { check(); });
}

ArticlePipeline::~ArticlePipeline() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  can_read_.notify_all();
  can_check_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void ArticlePipeline::fail(std::uint64_t index, Error error) {
  const std::lock_guard lock(mutex_);
  done_.emplace(index, std::move(error));
  can_take_.notify_all();
}

void ArticlePipeline::read() {
  std::uint64_t index = 0;
  for (;; ++index) {
    auto text = guarded([&]() -> Result<std::optional<package::ArticleText>> {
      WB_CHECK_OK(context_.check());
      return stream_.next();
    });
    if (!text) return fail(std::max(index, first_), std::move(text).error());
    std::unique_lock lock(mutex_);
    if (!text->has_value()) {
      end_ = std::max(index, first_);
      can_take_.notify_all();
      can_check_.notify_all();
      return;
    }
    if (index < first_) continue;
    can_read_.wait(lock, [&] { return stopping_ || index < next_ + kWindow; });
    if (stopping_) return;
    todo_.push_back(std::move(**text));
    can_check_.notify_one();
  }
}

void ArticlePipeline::check() {
  ArticleChecker::Scratch scratch;
  for (;;) {
    std::unique_lock lock(mutex_);
    can_check_.wait(lock, [&] {
      return stopping_ || (todo_.empty() && end_) ||
             (!todo_.empty() && (done_bytes_ < kBytes || todo_.front().index == next_));
    });
    if (stopping_ || todo_.empty()) return;
    package::ArticleText text = std::move(todo_.front());
    todo_.pop_front();
    const std::uint64_t index = text.index;
    lock.unlock();
    auto item =
        guarded([&] { return checker_.check(std::move(text), stream_.pointer_prefix(), scratch, context_); });
    lock.lock();
    if (item) done_bytes_ += item->bytes;
    done_.emplace(index, std::move(item));
    if (index == next_) can_take_.notify_all();
  }
}

Result<ArticlePipeline::Got> ArticlePipeline::next(std::chrono::milliseconds wait, PreparedItem& item) {
  std::unique_lock lock(mutex_);
  can_take_.wait_for(lock, wait, [&] { return done_.contains(next_) || (end_ && next_ >= *end_); });
  const auto found = done_.find(next_);
  if (found == done_.end()) return end_ && next_ >= *end_ ? Got::end : Got::nothing_yet;
  Result<PreparedItem> ready = std::move(found->second);
  done_.erase(found);
  if (!ready) return std::move(ready).error();
  done_bytes_ -= ready->bytes;
  ++next_;
  can_read_.notify_one();
  can_check_.notify_all();
  lock.unlock();
  item = std::move(*ready);
  return Got::item;
}

}  // namespace waybill::worker
