#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "api/operation.h"
#include "api/services.h"
#include "auth/memory_client_store.h"

// For the tests of api/: everything that the operations stand on, in memory and on a fake clock; no sockets.

namespace waybill::api {

/// Jobs in memory, newest first; what the tests need of JobStore and no more.
class MemoryJobStore final : public jobs::JobStore {
 public:
  Result<jobs::Created> create(const jobs::Job& job, const std::optional<jobs::IdempotencyKey>& key) override;
  Result<jobs::Job> get(const JobId& id) override;
  Result<std::vector<jobs::Job>> list(const jobs::JobFilter& filter) override;
  Result<std::optional<jobs::Job>> claim(Time now, const std::string& owner,
                                         const jobs::ClaimLimits& limits) override;
  Result<std::optional<Time>> next_due(Time now) override;
  Result<jobs::LeaseAnswer> renew(const JobId& id, Epoch epoch, Time until) override;
  Result<jobs::State> request_cancel(const JobId& id, const ClientId& by, Time at) override;
  Result<jobs::Job> end(const JobId& id, Epoch epoch, const jobs::Ending& ending) override;
  Result<jobs::EndedAndNext> end_and_claim(const JobId& id, Epoch, const jobs::Ending&, Time,
                                           const std::string&, const jobs::ClaimLimits&) override;
  Result<jobs::Job> retry(const JobId& id, const ClientId& by, Time at, const Secret& credentials) override;
  Result<std::int64_t> unfinished(const ClientId& client) override;
  Result<std::optional<jobs::Job>> undo_of(const JobId& id) override;
  Result<std::vector<jobs::JobCount>> counts() override;
  Result<std::int64_t> end_leases() override { return std::int64_t{0}; }
  Result<std::optional<JobId>> prune(Time) override { return std::optional<JobId>(); }

  std::deque<jobs::Job> rows;
  std::optional<Error> broken;       // every call fails with it
  std::optional<Error> undo_broken;  // undo_of() does
  int gets = 0;

 private:
  jobs::Job* find(const JobId& id);
  std::map<std::pair<ClientId, std::string>, std::pair<std::string, JobId>> keys_;
};

/// One department's things; ids in order.
class MemoryKnowledge final : public knowledge::KnowledgeBase {
 public:
  using Names = std::span<const std::string_view>;
  Result<std::vector<Found>> find_folders(const Department&, Names paths) override { return none(paths); }
  Result<std::vector<Found>> find_topics(const Department&, Names paths) override { return none(paths); }
  Result<std::vector<Found>> find_portals(const Department&, Names names) override { return none(names); }
  Result<std::vector<Found>> find_articles(const Department&,
                                           std::span<const knowledge::ArticleIdentity> articles) override {
    return none(articles);
  }
  Result<bool> has_article(const Department&, std::string_view, std::string_view) override { return false; }
  Result<std::optional<KnowledgeId>> find_macro(const Department&, std::string_view) override {
    return std::optional<KnowledgeId>();
  }
  Result<bool> has_article_type(const Department&, std::string_view) override { return false; }
  Result<std::vector<std::string>> folder_names(const Department&, std::string_view) override {
    return std::vector<std::string>();
  }
  Result<std::vector<knowledge::FolderRow>> folders(const knowledge::ListFilter& filter) override;
  Result<std::vector<knowledge::ArticleRow>> articles(const knowledge::ListFilter& filter) override;
  Result<std::vector<knowledge::TopicRow>> topics(const knowledge::ListFilter& filter) override;
  Result<std::vector<knowledge::PortalRow>> portals(const knowledge::ListFilter& filter) override;
  Result<knowledge::ArticleRow> article(const Department& department, KnowledgeId id) override;
  Result<std::string> body(const Department& department, KnowledgeId id) override;
  Result<std::vector<knowledge::ResolvedLink>> links(const Department&, KnowledgeId) override {
    return links_;
  }
  Result<std::vector<knowledge::SearchHit>> search(const Department&, std::string_view, std::size_t limit,
                                                   std::size_t offset) override;

  Department department{"sales"};
  std::vector<knowledge::FolderRow> folder_rows;
  std::vector<knowledge::ArticleRow> article_rows;
  std::vector<knowledge::TopicRow> topic_rows;
  std::vector<knowledge::PortalRow> portal_rows;
  std::vector<knowledge::ResolvedLink> links_;
  std::vector<knowledge::SearchHit> hits;

 private:
  template <typename Asked>
  static std::vector<Found> none(const Asked& asked) {
    return std::vector<Found>(asked.size());
  }
};

class MemoryReports final : public report::ReportStore {
 public:
  Result<std::vector<report::NumberedEntry>> findings(const JobId& job,
                                                      const report::FindingFilter& filter) override;
  Result<std::vector<report::NumberedEntry>> entries(const JobId& job, std::int64_t after,
                                                     std::size_t limit) override;
  Result<std::vector<report::FindingCount>> count_findings(const JobId& job,
                                                           const report::FindingFilter& filter) override;
  std::vector<report::NumberedEntry> rows;
};

/// Records of one job.
class MemoryItems final : public storage::ItemStore {
 public:
  Result<std::vector<storage::ItemRecord>> list(const JobId&, const storage::ItemFilter& filter) override;
  Result<storage::ItemRecord> get(const JobId&, std::int64_t number) override;
  Result<std::vector<storage::OutcomeCount>> counts(const JobId&) override;
  Result<storage::Standing> standing(const Department&, const storage::ItemRecord&, const JobId&) override {
    return storage::Standing{};
  }
  Result<std::optional<KnowledgeId>> taken(const Department&, const storage::ItemRecord&) override {
    return std::optional<KnowledgeId>();
  }
  Result<bool> macro_is_free(const Department&, std::string_view, KnowledgeId, const JobId&) override {
    return true;
  }
  Result<storage::Versions> versions(const JobId&, bool, const storage::ItemRecord&) override {
    if (!kept) return Error{ErrorCode::not_found, "not kept"};
    return *kept;
  }
  Result<std::vector<storage::Revision>> history(const Department&, KnowledgeId) override {
    return std::vector<storage::Revision>();
  }
  std::vector<storage::ItemRecord> rows;
  std::optional<storage::Versions> kept;
};

/// What is sent to an operation.
struct Sent {
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::vector<http::QueryParameter> query = {};
  bool with_token = true;
};

/// Calls operations as the server would, with the token of a client of department "sales".
class ApiTest : public ::testing::Test {
 protected:
  ApiTest();

  /// The answer; a 599 where the operation has not answered yet (see `answers`).
  http::Response call(const std::string& operation_id, std::vector<std::string> path_values = {},
                      const Sent& sent = {});
  /// A token for a client with these scopes.
  std::string token_for(const std::string& department, const std::vector<std::string>& scopes);
  /// "code" of an error.
  static std::string code_of(const http::Response& response);
  static std::string header_of(const http::Response& response, std::string_view name);
  /// The body, wherever it is.
  static std::string body_of(const http::Response& response);
  /// A job of "sales" in the store.
  jobs::Job& add_job(jobs::State state = jobs::State::scheduled);
  /// Moves the clock and runs what was to run until then.
  void advance(Milliseconds by);

  const Time now = *parse_time("2024-03-01T10:00:00.000Z");
  FakeClock clock{now};
  auth::MemoryClientStore clients;
  auth::MarkSealer sealer;
  auth::Issuer issuer{auth::IssuerOptions{}, clients, sealer, clock};
  auth::TokenChecker tokens{issuer};
  auth::TokenGrants grants{issuer};
  MemoryJobStore store;
  jobs::StatusBoard board;
  MemoryKnowledge knowledge;
  MemoryReports reports;
  MemoryItems items;
  std::optional<Error> source_fault;
  Result<std::vector<SourceCheck>> source_checks{std::vector<SourceCheck>()};
  std::vector<std::string> tried;  // the paths of the sources that were
  std::shared_ptr<const HealthSnapshot> health_snapshot;
  std::string token;
  int woken = 0;
  std::vector<JobId> cancelled;
  std::vector<http::Response> answers;  // all, also those that come later
  std::vector<std::pair<std::chrono::nanoseconds, std::function<void()>>> timers;
  Services services;
  std::map<std::string, http::Route, std::less<>> routes_by_id;
};

}  // namespace waybill::api
