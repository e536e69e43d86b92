#include "app/metrics.h"

namespace waybill::app {

namespace {

constexpr std::array kStates = {jobs::State::scheduled, jobs::State::in_progress, jobs::State::successful,
                                jobs::State::failed, jobs::State::cancelled};

void write_jobs(observe::MetricText& out, jobs::JobStore& store) {
  const auto counts = store.counts();
  if (!counts) return;
  out.family("waybill_jobs", "gauge", "Jobs by type and state.");
  for (std::size_t type = 0; type < jobs::kJobTypes; ++type) {
    for (const auto state : kStates) {
      std::int64_t jobs = 0;
      for (const auto& count : *counts) {
        if (count.type == static_cast<jobs::JobType>(type) && count.state == state) jobs += count.jobs;
      }
      out.sample(
          "waybill_jobs",
          {{"type", jobs::to_string(static_cast<jobs::JobType>(type))}, {"state", jobs::to_string(state)}},
          static_cast<double>(jobs));
    }
  }
}

}  // namespace

void Metrics::processed(jobs::JobType type, const jobs::Counts& more) {
  Items& items = items_.at(static_cast<std::size_t>(type));
  items.successful += more.successful;
  items.warnings += more.warnings;
  items.errors += more.errors;
}

std::string Metrics::text(storage::Store& store, const Now& now) const {
  observe::MetricText out;
  const auto gauge = [&out](std::string_view name, std::string_view help, double value) {
    out.family(name, "gauge", help);
    out.sample(name, {}, value);
  };
  out.family("waybill_build_info", "gauge", "The version that runs.");
  out.sample("waybill_build_info", {{"version", WAYBILL_VERSION}}, 1);
  gauge("waybill_healthy", "1 where the health checks find nothing that stops work.", now.healthy ? 1 : 0);
  write_jobs(out, store.jobs());
  gauge("waybill_jobs_running", "Jobs that this process works on.", now.running_jobs);
  out.family("waybill_items_processed_total", "counter", "Items that jobs of this process have committed.");
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const auto type = jobs::to_string(static_cast<jobs::JobType>(i));
    const auto add = [&](std::string_view result, const std::atomic<std::int64_t>& count) {
      out.sample("waybill_items_processed_total", {{"type", type}, {"result", result}},
                 static_cast<double>(count.load()));
    };
    add("successful", items_[i].successful);
    add("warnings", items_[i].warnings);
    add("errors", items_[i].errors);
  }
  out.family("waybill_article_bodies_total", "counter",
             "Bodies of articles that jobs of this process have judged, by the rules or by what an earlier "
             "job found.");
  out.sample("waybill_article_bodies_total", {{"check", "made"}},
             static_cast<double>(bodies_checked_.load()));
  out.sample("waybill_article_bodies_total", {{"check", "recalled"}},
             static_cast<double>(bodies_recalled_.load()));
  if (const auto backlog = store.index_backlog()) {
    gauge("waybill_search_index_backlog", "Revisions that are committed and not yet in the search index.",
          static_cast<double>(*backlog));
  }
  gauge("waybill_event_streams", "Open streams of server-sent events.",
        static_cast<double>(now.event_streams));
  requests_.write(out);
  observe::write_process_metrics(out);
  gauge("process_start_time_seconds", "When the process started, in seconds since 1970.",
        static_cast<double>(now.started.time_since_epoch().count()) / 1000.0);
  return out.text();
}

}  // namespace waybill::app
