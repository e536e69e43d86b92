#include <boost/json.hpp>

#include "api/testing.h"
#include "http/body_stream.h"

namespace waybill::api {

namespace {

class FindingsTest : public ApiTest {
 protected:
  void add(report::Rule rule, std::string message = "wrong") {
    report::Finding finding;
    finding.rule = rule;
    finding.kind = report::ItemKind::article;
    finding.item = "Help/One";
    finding.location = {"knowledgehub/articles/a b.html", "", 3, 7};
    finding.message = std::move(message);
    reports.rows.push_back(
        {static_cast<std::int64_t>(reports.rows.size()) + 1, report::make_entry(now, finding)});
  }
  /// All of a body that is sent while it is made.
  std::string all_of(const http::Response& answer) {
    std::string all;
    for (int rounds = 0; rounds < 10'000; ++rounds) {
      const auto piece = answer.stream->take();
      all += piece.bytes;
      if (piece.bytes.empty() && piece.state == http::BodyStream::State::closed) return all;
      answer.stream->sent();
    }
    ADD_FAILURE() << "it has no end";
    return all;
  }
  http::Response get(const jobs::Job& job, const std::string& accept,
                     std::vector<http::QueryParameter> query = {}) {
    return call("listFindings", {to_string(job.id)},
                {.headers = {{"Accept", accept}}, .query = std::move(query)});
  }
};

TEST_F(FindingsTest, CsvQuotesWhatNeedsIt) {
  auto& job = add_job(jobs::State::successful);
  add(report::Rule::reference_broken, "a \"quoted\", thing\non two lines");
  const auto answer = get(job, "text/csv");
  EXPECT_TRUE(header_of(answer, "Content-Type").starts_with("text/csv"));
  EXPECT_EQ(all_of(answer),
            "sequence,time,severity,rule,kind,item,file,line,column,pointer,message,advice\r\n"
            "1,2024-03-01T10:00:00.000Z,warning,reference-broken,article,Help/One,knowledgehub/articles/a "
            "b.html,3,7,,"
            "\"a \"\"quoted\"\", thing\non two lines\",\r\n");
}

TEST_F(FindingsTest, ManyComePageByPageEachOnceAndAsJson) {
  auto& job = add_job(jobs::State::successful);
  for (int i = 0; i < 3'000; ++i) add(report::Rule::active_content);
  const std::string lines = all_of(get(job, "application/x-ndjson"));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 3'000);
  const auto sarif = boost::json::parse(all_of(get(job, "application/sarif+json")));
  const auto& run = sarif.at("runs").at(0);
  EXPECT_EQ(run.at("results").as_array().size(), 3'000U);
  const auto& result = run.at("results").at(2'999);
  EXPECT_EQ(result.at("ruleId"), "active-content");
  const auto index = static_cast<std::size_t>(result.at("ruleIndex").as_int64());
  EXPECT_EQ(run.at("tool").at("driver").at("rules").at(index).at("id"), "active-content");
  EXPECT_EQ(result.at("locations").at(0).at("physicalLocation").at("artifactLocation").at("uri"),
            "knowledgehub/articles/a%20b.html");
}

TEST_F(FindingsTest, NoFindingsAreAWholeDocumentToo) {
  auto& job = add_job(jobs::State::failed);
  const auto sarif = boost::json::parse(all_of(get(job, "application/sarif+json")));
  EXPECT_TRUE(sarif.at("runs").at(0).at("results").as_array().empty());
  EXPECT_FALSE(sarif.at("runs").at(0).at("invocations").at(0).at("executionSuccessful").as_bool());
}

TEST_F(FindingsTest, SeveralSeveritiesAndRulesAndASummary) {
  auto& job = add_job(jobs::State::successful);
  add(report::Rule::reference_broken);
  add(report::Rule::article_name);
  add(report::Rule::resources_unused);
  const auto two = boost::json::parse(
      get(job, "application/json", {{"severity", "error, warning"}, {"summary", "true"}, {"limit", "1"}})
          .body);
  EXPECT_EQ(two.at("findings").as_array().size(), 1U);
  EXPECT_EQ(two.at("summary").at("errors"), 1);
  EXPECT_EQ(two.at("summary").at("warnings"), 1);
  EXPECT_EQ(two.at("summary").at("remarks"), 0);
  EXPECT_EQ(code_of(get(job, "application/json", {{"severity", "error,fatal"}})), "400-152");
  EXPECT_EQ(code_of(get(job, "application/json", {{"rule", "reference-broken,nope"}})), "400-152");
  EXPECT_EQ(code_of(get(job, "application/json", {{"summary", "yes"}})), "400-152");
  EXPECT_EQ(code_of(get(job, "application/xml")), "406-100");
}

TEST_F(FindingsTest, WithALimitTheyComeByPages) {
  auto& job = add_job(jobs::State::successful);
  for (int i = 0; i < 3; ++i) add(report::Rule::active_content);
  const auto answer = get(job, "text/csv", {{"limit", "2"}});
  EXPECT_FALSE(answer.stream);
  EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '\n'), 3);
  EXPECT_NE(header_of(answer, "Link").find("after=2"), std::string::npos);
}

}  // namespace

}  // namespace waybill::api
