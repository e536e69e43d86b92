#include "http/body_stream.h"

#include <utility>

namespace waybill::http {

void BodyStream::wake_reader(std::unique_lock<std::mutex>& lock) {
  const auto wake = wake_;
  lock.unlock();
  if (wake) wake();
}

void BodyStream::tell_maker(std::unique_lock<std::mutex>& lock) {
  const auto ready = ready_;
  lock.unlock();
  if (ready) ready();
}

BodyStream::Room BodyStream::write(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  if (gone_ || state_ != State::open) return Room::gone;
  const bool first = waiting_.empty();
  waiting_ += bytes;
  was_full_ = waiting_.size() >= kFull;
  const Room room = was_full_ ? Room::full : Room::open;
  if (first && !bytes.empty()) wake_reader(lock);
  return room;
}

BodyStream::Room BodyStream::room() const {
  const std::lock_guard lock(mutex_);
  if (gone_) return Room::gone;
  return waiting_.size() >= kFull ? Room::full : Room::open;
}

void BodyStream::close() {
  std::unique_lock lock(mutex_);
  if (state_ == State::open) state_ = State::closed;
  wake_reader(lock);
}

void BodyStream::fail() {
  std::unique_lock lock(mutex_);
  if (state_ == State::open) state_ = State::failed;
  wake_reader(lock);
}

void BodyStream::on_ready(std::function<void()> ready) {
  const std::lock_guard lock(mutex_);
  ready_ = std::move(ready);
}

void BodyStream::attach(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

BodyStream::Piece BodyStream::take() {
  const std::lock_guard lock(mutex_);
  return {std::exchange(waiting_, {}), state_};
}

void BodyStream::sent() {
  std::unique_lock lock(mutex_);
  if (!std::exchange(was_full_, false)) return;
  tell_maker(lock);
}

void BodyStream::detach() {
  std::unique_lock lock(mutex_);
  wake_ = nullptr;
  if (std::exchange(gone_, true)) return;
  waiting_.clear();
  waiting_.shrink_to_fit();
  tell_maker(lock);
  lock.lock();
  ready_ = nullptr;  // whatever it holds goes: it may hold this stream
}

}  // namespace waybill::http
