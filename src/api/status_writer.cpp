#include "api/status_writer.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/hash.h"
#include "base/text.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxErrorCharacters = 1024;
constexpr std::size_t kEtagBytes = 16;

using jobs::State;

std::int64_t percentage(std::int64_t processed, std::int64_t total) {
  if (processed >= total) return 100;
  // Rounded down, and below 100 while anything is left.
  return processed * 100 / total;
}

json::object results(const jobs::Counts& counts) {
  return {{"successful", counts.successful}, {"warnings", counts.warnings}, {"errors", counts.errors}};
}

/// Rounded up to the second, so that a late estimate does not make every answer a new one.
Time next_second(Time now) {
  return std::chrono::ceil<std::chrono::seconds>(now);
}

/// The moment at which the same snapshot would be written otherwise.
Time good_until(const jobs::Status& status, Time now) {
  if (status.state == State::scheduled && status.due > now) return status.due;
  if (status.state == State::in_progress && status.estimated_completion) {
    return *status.estimated_completion > now ? *status.estimated_completion : next_second(now);
  }
  return Time::max();
}

void add_end(json::object& object, const jobs::Status& status) {
  const Time ended = status.ended.value_or(status.started.value_or(status.due));
  if (status.state == State::failed) {
    object["failureTime"] = format_time(ended);
    object["results"] = results(status.counts);
    // The limit counts characters, this cut bytes: never too long.
    object["error"] = truncate_utf8(status.error, kMaxErrorCharacters);
    object["retryable"] = status.retryable;
  } else {
    object["completionTime"] = format_time(ended);
    object["results"] = results(status.counts);
  }
}

}  // namespace

json::object status_object(const jobs::Status& status, Time now) {
  json::object object{{"status", jobs::to_string(status.state)}, {"jobType", jobs::to_string(status.type)}};
  if (status.total) {
    const auto processed = status.counts.processed();
    object["progress"] = json::object{{"processed", processed},
                                      {"total", *status.total},
                                      {"percentage", percentage(processed, *status.total)}};
  }
  if (status.started && !status.log_location.empty()) object["logFileLocation"] = status.log_location;
  const bool waiting = status.state == State::scheduled;
  object["startTime"] = format_time(waiting ? status.due : status.started.value_or(status.due));
  if (status.stop) object["scheduledStopTime"] = format_time(*status.stop);
  if (status.state == State::in_progress) {
    if (status.estimated_completion) {
      object["estimatedCompletion"] = format_time(std::max(*status.estimated_completion, next_second(now)));
    }
    object["currentOperation"] = jobs::to_string(status.phase);
  } else if (waiting && status.due <= now) {
    object["currentOperation"] = jobs::to_string(jobs::Phase::waiting);
  }
  if (jobs::is_final(status.state)) add_end(object, status);
  return object;
}

StatusText StatusWriter::write(const std::shared_ptr<const jobs::Status>& status, Time now) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(status->id);
    if (found != kept_.end() && found->second.status == status && now < found->second.good_until) {
      return found->second.text;
    }
  }
  auto body = std::make_shared<const std::string>(json::serialize(status_object(*status, now)));
  const Sha256 hash = sha256(*body);
  StatusText text{std::move(body), "\"" + hex_encode(as_bytes(hash).substr(0, kEtagBytes)) + "\""};
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kMaxKept) kept_.clear();
  kept_[status->id] = Kept{status, good_until(*status, now), text};
  return text;
}

}  // namespace waybill::api
