#include "api/event_feed.h"

#include <boost/json.hpp>

#include "api/finding_text.h"
#include "api/status_writer.h"

namespace waybill::api {

namespace json = boost::json;
using Room = http::BodyStream::Room;

namespace {

constexpr std::size_t kPage = 200;
constexpr std::chrono::milliseconds kBusy{100};  // the pool is full: later

/// Whether more than numbers differs.
bool is_turn(const jobs::Status& before, const jobs::Status& after) {
  return before.state != after.state || before.phase != after.phase ||
         before.log_location != after.log_location || before.total.has_value() != after.total.has_value() ||
         before.stop != after.stop || before.due != after.due ||
         before.cancel_requested != after.cancel_requested;
}

json::object progress_object(const jobs::Status& status, Time now) {
  const json::object whole = status_object(status, now);
  json::object object;
  for (const auto* name : {"progress", "estimatedCompletion"}) {
    if (const auto* value = whole.if_contains(name)) object[name] = *value;
  }
  object["results"] = json::object{{"successful", status.counts.successful},
                                   {"warnings", status.counts.warnings},
                                   {"errors", status.counts.errors}};
  if (status.rate) object["rate"] = *status.rate;
  return object;
}

}  // namespace

EventFeed::EventFeed(const Services& services, const JobId& id, std::int64_t after, bool findings)
    : services_(services), id_(id), findings_(findings), sequence_(after) {
  ++services_.event_streams;
}

EventFeed::~EventFeed() {
  services_.board.unsubscribe(id_, subscription_);
  --services_.event_streams;
}

std::shared_ptr<http::BodyStream> EventFeed::start() {
  auto stream = std::make_shared<http::BodyStream>(true);
  stream_ = stream;
  stream->write("retry: 2000\n\n");
  stream->on_ready([self = shared_from_this()] { self->wake(); });
  subscription_ = services_.board.subscribe(id_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->wake();
  });
  beat();
  wake();
  return stream;
}

void EventFeed::wake() {
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    again_ = true;
    if (running_) return;
    running_ = true;
  }
  if (services_.post([self = shared_from_this()] { self->run(); })) return;
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  wake_after(kBusy);
}

void EventFeed::wake_after(std::chrono::milliseconds delay) {
  services_.after(delay, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->wake();
  });
}

void EventFeed::run() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (ended_ || !again_) {
        running_ = false;
        return;
      }
      again_ = false;
    }
    write_news();
  }
}

std::shared_ptr<const jobs::Status> EventFeed::status() {
  if (auto known = services_.board.find(id_)) return known;
  const auto job = services_.jobs.get(id_);
  return job ? std::make_shared<const jobs::Status>(jobs::status_of(*job)) : nullptr;
}

void EventFeed::write_news() {
  const auto stream = stream_.lock();
  if (!stream || stream->room() == Room::gone) return end();
  // Read before the findings: what it counts, they show, and the last status comes after the last of them.
  const auto now_there = status();
  if (!now_there) {
    stream->fail();
    return end();
  }
  if (!write_findings(*stream)) return;
  if (!shown_ || shown_->version != now_there->version) write_status(*stream, now_there);
}

bool EventFeed::write_findings(http::BodyStream& stream) {
  if (!findings_) return true;
  for (;;) {
    if (stream.room() != Room::open) return false;
    const auto rows = services_.reports.entries(id_, sequence_, kPage);
    if (!rows) {
      wake_after(EventFeed::kBetweenProgress);
      return false;
    }
    for (const auto& row : *rows) {
      sequence_ = row.sequence;
      if (row.entry.is_finding) send(stream, "finding", json::serialize(finding_object(row)));
    }
    if (rows->size() < kPage) return true;
  }
}

void EventFeed::write_status(http::BodyStream& stream, const std::shared_ptr<const jobs::Status>& status) {
  const auto now = services_.clock.steady();
  if (shown_ && !is_turn(*shown_, *status)) {
    const auto wait = shown_at_ + kBetweenProgress - now;
    if (wait > std::chrono::nanoseconds(0)) {
      return wake_after(std::chrono::ceil<std::chrono::milliseconds>(wait));
    }
    send(stream, "progress", json::serialize(progress_object(*status, services_.clock.now())));
  } else {
    json::object object = status_object(*status, services_.clock.now());
    object["id"] = to_string(id_);
    send(stream, "status", json::serialize(object));
  }
  shown_ = status;
  shown_at_ = now;
  if (!jobs::is_final(status->state)) return;
  send(stream, "end", json::serialize(json::object{{"status", jobs::to_string(status->state)}}));
  stream.close();
  end();
}

void EventFeed::send(http::BodyStream& stream, std::string_view event, std::string_view data) {
  stream.write("event: " + std::string(event) + "\nid: " + std::to_string(sequence_) +
               "\ndata: " + std::string(data) + "\n\n");
}

/// Also tells whether the reader is still there, which nothing else does while the job waits.
void EventFeed::beat() {
  services_.after(kHeartbeat, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    {
      const std::lock_guard lock(self->mutex_);
      if (self->ended_) return;
    }
    const auto stream = self->stream_.lock();
    if (!stream || stream->room() == Room::gone) return self->end();
    if (stream->room() == Room::open) stream->write(": still here\n\n");
    self->beat();
  });
}

void EventFeed::end() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
  }
  services_.board.unsubscribe(id_, subscription_);
}

}  // namespace waybill::api
