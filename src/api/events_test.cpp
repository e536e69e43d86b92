#include <boost/json.hpp>

#include "api/event_feed.h"
#include "api/testing.h"
#include "base/text.h"

namespace waybill::api {

namespace {

using jobs::State;

class EventsTest : public ApiTest {
 protected:
  std::shared_ptr<http::BodyStream> open(const jobs::Job& job, const Sent& sent = {}) {
    auto answer = call("streamJobEvents", {to_string(job.id)}, sent);
    EXPECT_EQ(answer.status, 200) << body_of(answer);
    EXPECT_EQ(header_of(answer, "Content-Type"), "text/event-stream");
    answers.clear();
    return answer.stream;
  }
  /// The events since the last call: "event id" each.
  std::vector<std::string> events(const std::shared_ptr<http::BodyStream>& stream) {
    std::vector<std::string> found;
    std::string event;
    const auto piece = stream->take();
    stream->sent();
    for (const auto line : split(piece.bytes, '\n')) {
      if (line.starts_with("event: ")) event = line.substr(7);
      if (line.starts_with("id: ")) found.push_back(event + " " + std::string(line.substr(4)));
      if (line.starts_with("data: ")) {
        boost::system::error_code problem;
        (void)boost::json::parse(line.substr(6), problem);
        EXPECT_FALSE(problem) << line;
      }
    }
    return found;
  }
  void add_finding() {
    report::Finding finding;
    finding.rule = report::Rule::reference_broken;
    finding.message = "two\nlines";
    reports.rows.push_back(
        {static_cast<std::int64_t>(reports.rows.size()) + 1, report::make_entry(now, finding)});
  }
  void add_step() {
    reports.rows.push_back({static_cast<std::int64_t>(reports.rows.size()) + 1,
                            report::make_entry(now, report::Level::info, "step")});
  }
  void publish(jobs::Job& job) {
    ++job.version;
    board.publish(jobs::status_of(job));
  }
};

using List = std::vector<std::string>;

TEST_F(EventsTest, TellsFindingsStatusProgressAndTheEndInOrder) {
  auto& job = add_job(State::in_progress);
  add_step();
  add_finding();
  const auto stream = open(job);
  EXPECT_EQ(events(stream), (List{"finding 2", "status 2"}));
  job.total = 10;
  publish(job);
  EXPECT_EQ(events(stream), List{"status 2"}) << "the total is news";
  job.counts.successful = 1;
  publish(job);
  EXPECT_EQ(events(stream), List{}) << "at most four a second";
  advance(EventFeed::kBetweenProgress);
  EXPECT_EQ(events(stream), List{"progress 2"});
  add_finding();
  job.counts.warnings = 1;
  job.state = State::successful;
  job.ended = now;
  publish(job);
  EXPECT_EQ(events(stream), (List{"finding 3", "status 3", "end 3"}))
      << "every finding before the last status";
  EXPECT_EQ(stream->take().state, http::BodyStream::State::closed);
}

TEST_F(EventsTest, ResumesAfterTheLastKnownWithoutAGap) {
  auto& job = add_job(State::in_progress);
  for (int i = 0; i < 500; ++i) add_finding();
  const auto stream = open(job, {.headers = {{"Last-Event-ID", "497"}}});
  EXPECT_EQ(events(stream), (List{"finding 498", "finding 499", "finding 500", "status 500"}));
  const auto by_query = open(job, {.query = {{"lastEventId", "499"}}});
  EXPECT_EQ(events(by_query), (List{"finding 500", "status 500"}));
  const auto without = open(job, {.query = {{"findings", "false"}}});
  EXPECT_EQ(events(without), List{"status 0"}) << "who did not hear the findings is told them when it asks";
  const auto later = open(job, {.headers = {{"Last-Event-ID", "498"}}, .query = {{"findings", "false"}}});
  EXPECT_EQ(events(later), List{"status 498"});
  EXPECT_EQ(code_of(call("streamJobEvents", {to_string(job.id)}, {.headers = {{"Last-Event-ID", "x"}}})),
            "400-152");
}

TEST_F(EventsTest, ASlowReaderGetsTheNewestAndNothingPilesUp) {
  auto& job = add_job(State::in_progress);
  const auto stream = open(job);
  events(stream);
  for (int i = 0; i < 5'000; ++i) add_finding();
  publish(job);
  const auto first = stream->take();
  EXPECT_LT(first.bytes.size(), 2 * http::BodyStream::kFull);
  std::size_t rounds = 1;
  std::string all = first.bytes;
  for (stream->sent(); all.find("id: 5000\n") == std::string::npos && rounds < 100;
       stream->sent(), ++rounds) {
    all += stream->take().bytes;
  }
  std::size_t found = 0;
  for (auto at = all.find("event: finding"); at != std::string::npos; at = all.find("event: finding", at + 1))
    ++found;
  EXPECT_EQ(found, 5'000U) << "none is lost, none told twice";
}

TEST_F(EventsTest, HeartbeatsWhileNothingHappensAndLetsGoWithItsReader) {
  auto& job = add_job(State::scheduled);
  auto stream = open(job);
  events(stream);
  EXPECT_EQ(services.event_streams, 1U);
  advance(EventFeed::kHeartbeat);
  EXPECT_EQ(stream->take().bytes, ": still here\n\n");
  stream->detach();
  stream.reset();
  EXPECT_EQ(services.event_streams, 0U);
  publish(job);
}

TEST_F(EventsTest, AnswersThatAreNeverSentLetGoToo) {
  auto& job = add_job(State::scheduled);
  open(job).reset();
  EXPECT_EQ(services.event_streams, 0U);
  services.most_event_streams = 0;
  EXPECT_EQ(code_of(call("streamJobEvents", {to_string(job.id)})), "503-100");
}

}  // namespace

}  // namespace waybill::api
