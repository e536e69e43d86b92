#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/ids.h"
#include "base/time.h"
#include "jobs/status_board.h"

namespace boost::json {
class object;
}

namespace waybill::api {

/// A status, ready to be sent.
struct StatusText {
  std::shared_ptr<const std::string> body;  // shared: sent to many pollers at once
  std::string etag;                         // strong, with its quotes
};

/// Members exactly as the contract's table, section 2: those that do not apply are left out. `now` decides
/// whether a scheduled job is due, and keeps the estimate from lying in the past.
boost::json::object status_object(const jobs::Status& status, Time now);

/// Writes a snapshot once and remembers it, however many poll. Any thread.
class StatusWriter {
 public:
  static constexpr std::size_t kMaxKept = 2048;

  StatusText write(const std::shared_ptr<const jobs::Status>& status, Time now);

 private:
  struct Kept {
    std::shared_ptr<const jobs::Status> status;
    Time good_until{};  // when time alone changes what it says
    StatusText text;
  };

  std::mutex mutex_;
  std::unordered_map<JobId, Kept> kept_;
};

}  // namespace waybill::api
