#include <algorithm>
#include <ostream>
#include <utility>
#include <vector>

#include "base/time.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/jobs_view.h"

namespace waybill::cli {

namespace {

constexpr int kWatchEveryMilliseconds = 1'000;

using Rows = Result<std::vector<JobRow>>;

/// The newest jobs, those under way before all others: a long queue must not hide what is being done.
Rows look(JobClient& client, const JobsArguments& arguments) {
  Rows newest = client.jobs(arguments.status, arguments.type, arguments.limit, arguments.text);
  if (!newest.ok() || !arguments.status.empty()) return newest;
  Rows rows = client.jobs("In Progress", arguments.type, arguments.limit, arguments.text);
  if (!rows.ok()) return rows;
  const auto is_there = [&rows](const JobRow& row) {
    return std::any_of(rows->begin(), rows->end(), [&](const JobRow& other) { return other.id == row.id; });
  };
  for (JobRow& row : *newest) {
    if (static_cast<int>(rows->size()) >= arguments.limit) break;
    if (!is_there(row)) rows->push_back(std::move(row));
  }
  return rows;
}

int watch(JobClient& client, const JobsArguments& arguments, const Console& console) {
  const InterruptGuard guard;
  JobsView view(console);
  do {
    const auto rows = console.terminal && !arguments.json
                          ? look(client, arguments)
                          : client.jobs(arguments.status, arguments.type, arguments.limit, arguments.text);
    if (InterruptGuard::interrupted()) break;
    if (!rows.ok()) return fail(console, "jobs", rows.error());
    if (arguments.json) {
      for (const JobRow& row : *rows) console.out << row.status.json << '\n';
      console.out.flush();
    } else {
      view.show(*rows, system_clock().steady());
    }
  } while (!InterruptGuard::wait(kWatchEveryMilliseconds));
  return kInterrupted;
}

}  // namespace

int run_jobs(const JobsArguments& arguments, const Console& console) {
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, "jobs", session.error());
  JobClient client(*session);
  if (arguments.watch) return watch(client, arguments, console);
  const auto rows = client.jobs(arguments.status, arguments.type, arguments.limit, arguments.text);
  if (!rows.ok()) return fail(console, "jobs", rows.error());
  for (const JobRow& row : *rows) console.out << (arguments.json ? row.status.json : plain_row(row)) << '\n';
  if (rows->empty() && !arguments.json) console.err << "no jobs" << std::endl;
  return kFine;
}

}  // namespace waybill::cli
