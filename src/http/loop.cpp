#include "http/loop.h"

#include <boost/asio/post.hpp>

namespace waybill::http {

bool Mailbox::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (io_ == nullptr) return false;
  boost::asio::post(*io_, std::move(work));
  return true;
}

Loop::Loop() : work_(boost::asio::make_work_guard(io_)) {
  mailbox_->io_ = &io_;
}

Loop::~Loop() {
  stop();
}

void Loop::start() {
  thread_ = std::thread([this] {
    mailbox_->thread_ = std::this_thread::get_id();
    io_.run();
  });
}

void Loop::stop() {
  {
    const std::lock_guard lock(mailbox_->mutex_);
    mailbox_->io_ = nullptr;
  }
  io_.stop();
  if (thread_.joinable()) thread_.join();
  mailbox_->thread_ = std::thread::id();
}

}  // namespace waybill::http
