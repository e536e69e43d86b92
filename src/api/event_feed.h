#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

#include "api/services.h"
#include "http/body_stream.h"
#include "jobs/status_board.h"

namespace waybill::api {

/// One reader's server-sent events of a job (HTML Living Standard, 9.2): status, progress and findings. It
/// has no thread: what happens to the job, the reader's taking and the clock each wake it, and then a short
/// run on the pool writes what is new. Findings are read from the store by their number, so none is lost or
/// told twice, however often the reader comes back; of statuses the newest alone is told. Any thread.
class EventFeed : public std::enable_shared_from_this<EventFeed> {
 public:
  static constexpr std::chrono::milliseconds kHeartbeat{15'000};
  static constexpr std::chrono::milliseconds kBetweenProgress{250};

  /// `after`: the number of the last entry that the reader knows.
  EventFeed(const Services& services, const JobId& id, std::int64_t after, bool findings);
  ~EventFeed();
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  /// The body. It keeps the feed: both go with the connection, whatever becomes of it.
  std::shared_ptr<http::BodyStream> start();

 private:
  void wake();
  void run();
  void write_news();
  bool write_findings(http::BodyStream& stream);  // false where the reader has to take first
  void write_status(http::BodyStream& stream, const std::shared_ptr<const jobs::Status>& status);
  std::shared_ptr<const jobs::Status> status();
  void send(http::BodyStream& stream, std::string_view event, std::string_view data);
  void beat();
  void wake_after(std::chrono::milliseconds delay);
  void end();

  const Services& services_;
  const JobId id_;
  const bool findings_;
  std::weak_ptr<http::BodyStream> stream_;

  // Of the one run at a time.
  std::int64_t sequence_;
  std::shared_ptr<const jobs::Status> shown_;
  std::chrono::nanoseconds shown_at_{};

  std::mutex mutex_;
  bool running_ = false, again_ = false, ended_ = false;
  std::uint64_t subscription_ = 0;
};

}  // namespace waybill::api
