#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/job_client.h"
#include "cli/progress_bar.h"

namespace waybill::cli {

/// Jobs as they stand, again and again. On a terminal they are drawn over the ones before, in one write, each
/// line cut at the terminal's edge and the list at its foot, so that nothing flickers or scrolls, whatever
/// the size. Elsewhere a line for each job that has changed. One thread.
class JobsView {
 public:
  explicit JobsView(const Console& console) : console_(console) {}
  ~JobsView();
  JobsView(const JobsView&) = delete;
  JobsView& operator=(const JobsView&) = delete;

  /// `now` by a clock that never goes back.
  void show(const std::vector<JobRow>& rows, std::chrono::nanoseconds now);

 private:
  void draw(const std::vector<JobRow>& rows, std::chrono::nanoseconds now);
  void print(const std::vector<JobRow>& rows);
  std::string line(const JobRow& row, std::chrono::nanoseconds now, unsigned width);

  const Console& console_;
  bool drawn_ = false;
  std::map<std::string, RateMeter> meters_;     // jobs in progress
  std::map<std::string, std::string> printed_;  // the last line of each job
};

/// One job on a plain line, without its newline.
std::string plain_row(const JobRow& row);

}  // namespace waybill::cli
