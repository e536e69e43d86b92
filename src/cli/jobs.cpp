#include <ostream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/follow.h"
#include "cli/progress_bar.h"

namespace waybill::cli {

namespace {

constexpr int kWatchEveryMilliseconds = 2'000;
constexpr std::size_t kStatusColumns = 12;
constexpr std::size_t kTypeColumns = 11;

std::string padded(std::string text, std::size_t columns) {
  if (text.size() < columns) text.append(columns - text.size(), ' ');
  return text;
}

std::string progress_of(const JobStatus& status) {
  if (!status.total) return {};
  const std::int64_t processed = status.processed.value_or(0);
  std::string text = with_commas(processed) + "/" + with_commas(*status.total) + " (" +
                     std::to_string(percentage(processed, *status.total)) + " %)";
  if (status.results && status.results->errors > 0) {
    text += ", " + counted(status.results->errors, "error", "errors");
  }
  return text;
}

void print_rows(const Console& console, const std::vector<JobRow>& rows, bool json) {
  for (const JobRow& row : rows) {
    if (json) {
      console.out << row.status.json << '\n';
      continue;
    }
    console.out << row.id << "  " << padded(row.status.job_type, kTypeColumns)
                << padded(row.status.status, kStatusColumns) << "  " << row.status.start << "  "
                << progress_of(row.status) << '\n';
  }
  console.out.flush();
}

}  // namespace

int run_jobs(const JobsArguments& arguments, const Console& console) {
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, "jobs", session.error());
  JobClient client(*session);
  const InterruptGuard guard;
  do {
    const auto rows = client.jobs(arguments.status, arguments.type, arguments.limit);
    if (!rows.ok()) return fail(console, "jobs", rows.error());
    const bool redraw = arguments.watch && console.terminal && !arguments.json;
    if (redraw) console.out << "\x1b[H\x1b[2J";
    print_rows(console, *rows, arguments.json);
    if (rows->empty() && !arguments.json) console.err << "no jobs" << std::endl;
  } while (arguments.watch && !InterruptGuard::wait(kWatchEveryMilliseconds));
  return InterruptGuard::interrupted() ? kInterrupted : kFine;
}

}  // namespace waybill::cli
