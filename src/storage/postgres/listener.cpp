#include "storage/postgres/listener.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <optional>
#include <string_view>
#include <utility>

namespace waybill::storage::postgres {

namespace {

constexpr std::chrono::seconds kBetweenTries{1};
constexpr std::chrono::seconds kMeasureEvery{10};

std::optional<Notice> parse_notice(std::string_view text) {
  static constexpr std::pair<std::string_view, Notice::Kind> kKinds[] = {
      {"due ", Notice::Kind::due}, {"cancel ", Notice::Kind::cancel}, {"ended ", Notice::Kind::ended}};
  for (const auto& [name, kind] : kKinds) {
    if (!text.starts_with(name)) continue;
    if (const auto id = parse_job_id(text.substr(name.size()))) return Notice{kind, *id};
  }
  return std::nullopt;  // of a newer program
}

}  // namespace

Listener::Listener(std::string url, DatabaseClock* clock, std::function<void(const Notice&)> heard)
    : url_(std::move(url)),
      clock_(clock),
      heard_(std::move(heard)),
      wake_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this] { run(); }) {}

Listener::~Listener() {
  stop_ = true;
  (void)::eventfd_write(wake_.get(), 1);
  thread_.join();
}

void Listener::run() {
  while (!stop_) {
    // The health check tells that the database is away.
    if (listen()) continue;
    pollfd woken{wake_.get(), POLLIN, 0};
    (void)::poll(&woken, 1, static_cast<int>(std::chrono::milliseconds(kBetweenTries).count()));
  }
}

Result<void> Listener::listen() {
  WB_TRY(const auto connection, Connection::open(url_));
  WB_CHECK_OK(connection->run_script("LISTEN waybill"));
  while (!stop_) {
    if (clock_ != nullptr) WB_CHECK_OK(clock_->measure(*connection));
    const auto until = std::chrono::steady_clock::now() + kMeasureEvery;
    while (!stop_) {
      const auto wait =
          std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      if (wait.count() <= 0) break;
      WB_TRY(const auto texts, connection->heard(wait, wake_.get()));
      for (const std::string& text : texts) {
        if (const auto notice = parse_notice(text)) heard_(*notice);
      }
    }
  }
  return {};
}

}  // namespace waybill::storage::postgres
