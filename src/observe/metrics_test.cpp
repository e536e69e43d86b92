#include "observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waybill::observe {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricTextTest, EscapesWhatALabelMayHold) {
  MetricText out;
  out.family("a_total", "counter", "Help.");
  out.sample("a_total", {{"x", "q\"b\\n\nl"}}, 3);
  EXPECT_EQ(out.text(), "# HELP a_total Help.\n# TYPE a_total counter\na_total{x=\"q\\\"b\\\\n\\nl\"} 3\n");
}

TEST(RequestMetricsTest, CountsInBucketsThatAddUp) {
  RequestMetrics requests;
  requests.add("GET", 200, 10, std::chrono::microseconds(500), true);
  requests.add("GET", 200, 10, std::chrono::milliseconds(20), true);
  requests.add("GET", 200, 10, std::chrono::seconds(60), true);
  requests.add("GET", 200, 10, std::chrono::hours(1), false);
  requests.add("BREW", 405, 1, std::chrono::seconds(0), true);
  MetricText out;
  requests.write(out);
  EXPECT_THAT(out.text(), HasSubstr("waybill_http_requests_total{method=\"GET\",status=\"200\"} 4\n"));
  EXPECT_THAT(out.text(), HasSubstr("waybill_http_requests_total{method=\"other\",status=\"405\"} 1\n"));
  EXPECT_THAT(out.text(), HasSubstr("_bucket{le=\"0.001\"} 2\n"));
  EXPECT_THAT(out.text(), HasSubstr("_bucket{le=\"0.05\"} 3\n"));
  EXPECT_THAT(out.text(), HasSubstr("_bucket{le=\"30\"} 3\n"));
  EXPECT_THAT(out.text(), HasSubstr("_bucket{le=\"+Inf\"} 4\n"));
  EXPECT_THAT(out.text(), HasSubstr("_count 4\n"));
  EXPECT_THAT(out.text(), Not(HasSubstr("BREW")));
}

TEST(ProcessMetricsTest, TellOfThisProcess) {
  MetricText out;
  write_process_metrics(out);
  EXPECT_THAT(out.text(), HasSubstr("\nprocess_open_fds "));
  EXPECT_THAT(out.text(), Not(HasSubstr("process_resident_memory_bytes 0\n")));
}

}  // namespace

}  // namespace waybill::observe
