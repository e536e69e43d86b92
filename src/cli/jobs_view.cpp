#include "cli/jobs_view.h"

#include <algorithm>
#include <ostream>

#include "base/text.h"
#include "cli/columns.h"

namespace waybill::cli {

namespace {

constexpr std::size_t kStatusColumns = 12;
constexpr std::size_t kTypeColumns = 11;
constexpr std::size_t kIdColumns = 8;  // the beginning of an id, which tells jobs apart
constexpr std::size_t kNameColumns = 24;
constexpr std::size_t kRoomForNames = 90;  // columns of a terminal that has them beside a bar
constexpr const char* kHideCursor = "\x1b[?25l";
constexpr const char* kShowCursor = "\x1b[?25h";

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

Paint paint_of(std::string_view status) {
  if (status == "Successful") return Paint::green;
  if (status == "Failed") return Paint::red;
  return status == "Cancelled" ? Paint::yellow : Paint::cyan;
}

}  // namespace

std::string plain_row(const JobRow& row) {
  return row.id + "  " + padded(row.status.job_type, kTypeColumns) +
         padded(row.status.status, kStatusColumns) + "  " + row.status.start + "  " +
         progress_of(row.status) + (row.of.empty() ? "" : "  " + cut_to_columns(row.of, columns_of(row.of)));
}

JobsView::~JobsView() {
  if (drawn_) console_.out << kShowCursor << std::flush;
}

void JobsView::show(const std::vector<JobRow>& rows, std::chrono::nanoseconds now) {
  if (console_.terminal && console_.out_terminal) {
    draw(rows, now);
  } else {
    print(rows);
  }
}

std::string JobsView::line(const JobRow& row, std::chrono::nanoseconds now, unsigned width) {
  const std::string head = row.id.substr(0, kIdColumns) + "  " + padded(row.status.job_type, kTypeColumns);
  const std::string status = padded(row.status.status, kStatusColumns);
  const std::string name = width < kRoomForNames ? "" : padded_to_columns(row.of, kNameColumns) + "  ";
  const std::size_t used = head.size() + status.size() + 2 + (name.empty() ? 0 : kNameColumns + 2);
  if (width <= used + 1) return head.substr(0, width);
  const auto left = static_cast<unsigned>(width - used - 1);
  std::string rest;
  if (row.status.status == "In Progress") {
    RateMeter& meter = meters_[row.id];
    const std::int64_t processed = row.status.processed.value_or(0);
    meter.add(now, processed);
    rest = render_bar({.operation = row.status.operation,
                       .processed = processed,
                       .total = row.status.total,
                       .per_second = meter.per_second(),
                       .left = meter.left(processed, row.status.total)},
                      left, console_.colour);
    if (rest.empty() && row.status.total) {
      rest = (std::to_string(percentage(processed, *row.status.total)) + " %").substr(0, left);
    }
  } else {
    meters_.erase(row.id);
    const std::string what = name.empty() && !row.of.empty() ? row.of + "  " : "";
    rest = cut_to_columns(what + row.status.start + "  " + progress_of(row.status), left);
  }
  return head + paint(status, paint_of(row.status.status), console_.colour) + "  " + name + rest;
}

void JobsView::draw(const std::vector<JobRow>& rows, std::chrono::nanoseconds now) {
  const unsigned width = console_.width();
  const unsigned height = console_.height ? console_.height() : 24;
  const std::size_t room = height > 1 ? height - 1 : 1;
  // From the top left, each line over the one before and its rest wiped: never an empty screen in between.
  std::string frame = drawn_ ? "\x1b[H" : std::string(kHideCursor) + "\x1b[2J\x1b[H";
  std::size_t lines = 0;
  for (const JobRow& row : rows) {
    if (lines + 1 >= room && rows.size() > room) break;
    frame += line(row, now, width) + "\x1b[K\n";
    ++lines;
  }
  if (rows.empty()) frame += "no jobs\x1b[K\n";
  if (lines < rows.size()) {
    frame +=
        padded("… and " + std::to_string(rows.size() - lines) + " more", 1).substr(0, width) + "\x1b[K\n";
  }
  console_.out << frame << "\x1b[J" << std::flush;
  drawn_ = true;
}

void JobsView::print(const std::vector<JobRow>& rows) {
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {  // the newest last, as in any log
    const std::string text = plain_row(*row);
    std::string& before = printed_[row->id];
    if (text == before) continue;
    before = text;
    console_.out << text << '\n';
  }
  console_.out.flush();
}

}  // namespace waybill::cli
