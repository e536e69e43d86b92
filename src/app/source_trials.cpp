#include "app/source_trials.h"

#include <utility>

#include "app/source_check.h"

namespace waybill::app {

namespace {

constexpr int kThreads = 4;
constexpr std::size_t kMostWaiting = 32;
constexpr int kMostOfDepartment = 2;
// All checks of one source together. A client waits; a job would have the patience of network.*_timeout.
constexpr Milliseconds kTime{15'000};

Error too_many(const char* whose) {
  return {ErrorCode::limit_exceeded,
          std::string(whose) + " sources are being checked at the moment. Try again in some seconds."};
}

}  // namespace

SourceTrials::SourceTrials(const Sources& sources, const package::Limits& limits, const Clock& clock)
    : sources_(sources), limits_(limits), context_(clock), pool_(kThreads, kMostWaiting) {
  pool_.start();
}

bool SourceTrials::admit(const Department& department) {
  const std::lock_guard lock(mutex_);
  int& under_way = under_way_[department];
  if (under_way >= kMostOfDepartment) return false;
  ++under_way;
  return true;
}

void SourceTrials::leave(const Department& department) {
  const std::lock_guard lock(mutex_);
  const auto found = under_way_.find(department);
  if (--found->second == 0) under_way_.erase(found);
}

void SourceTrials::start(const jobs::DataSource& source, const Department& department,
                         const api::SourceTried& done) {
  if (!admit(department)) return done(too_many("Two of this department's"));
  const bool taken = pool_.post([this, source, department, done] {
    auto checks = run(source, department);
    leave(department);
    done(std::move(checks));
  });
  if (taken) return;
  leave(department);
  done(too_many("Too many"));
}

Result<std::vector<api::SourceCheck>> SourceTrials::run(const jobs::DataSource& source,
                                                        const Department& department) {
  const Context context = context_.with_timeout(kTime);
  const auto opened = sources_.look(source, department, context);
  std::vector<api::SourceCheck> steps;
  for (auto& check :
       opened ? check_source(**opened, limits_, context, kTime) : std::vector{source_away(opened.error())}) {
    steps.push_back({std::move(check.what), check.fine, std::move(check.found), std::move(check.advice)});
  }
  // What was cut short by the server's end is no finding of the source.
  if (context_.cancelled()) return Error{ErrorCode::cancelled, "The server stops."};
  return steps;
}

void SourceTrials::stop() {
  context_.cancel();
  pool_.stop();
}

}  // namespace waybill::app
