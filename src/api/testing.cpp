#include "api/testing.h"

#include <algorithm>
#include <boost/json.hpp>

#include "api/gate.h"
#include "auth/scopes.h"

namespace waybill::api {

namespace {

constexpr int kNotYet = 599;

template <typename Row>
std::vector<Row> page(const std::vector<Row>& rows, const knowledge::ListFilter& filter) {
  std::vector<Row> result;
  for (const auto& row : rows) {
    if (filter.after && row.id <= *filter.after) continue;
    if (result.size() < filter.limit) result.push_back(row);
  }
  return result;
}

}  // namespace

jobs::Job* MemoryJobStore::find(const JobId& id) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const jobs::Job& job) { return job.id == id; });
  return found == rows.end() ? nullptr : &*found;
}

Result<jobs::Created> MemoryJobStore::create(const jobs::Job& job,
                                             const std::optional<jobs::IdempotencyKey>& key) {
  if (broken) return *broken;
  if (key) {
    const auto [known, fresh] = keys_.try_emplace({job.client, key->key}, key->request_hash, job.id);
    if (!fresh && known->second.first != key->request_hash) return Error{ErrorCode::conflict, "another body"};
    if (!fresh) return jobs::Created{known->second.second, true};
  }
  rows.push_front(job);
  return jobs::Created{job.id, false};
}

Result<jobs::Job> MemoryJobStore::get(const JobId& id) {
  ++gets;
  if (broken) return *broken;
  const auto* job = find(id);
  if (job == nullptr) return Error{ErrorCode::not_found, "no such job"};
  return *job;
}

Result<std::vector<jobs::Job>> MemoryJobStore::list(const jobs::JobFilter& filter) {
  if (broken) return *broken;
  std::vector<jobs::Job> found;
  bool seen = !filter.after;
  for (const auto& job : rows) {
    const bool fits = (!filter.department || job.department == *filter.department) &&
                      (!filter.state || job.state == *filter.state) &&
                      (!filter.type || job.type == *filter.type);
    if (seen && fits && found.size() < filter.limit) found.push_back(job);
    if (filter.after && job.id == *filter.after) seen = true;
  }
  return found;
}

Result<std::optional<jobs::Job>> MemoryJobStore::claim(Time, const std::string&, const jobs::ClaimLimits&) {
  return std::optional<jobs::Job>();
}
Result<std::optional<Time>> MemoryJobStore::next_due(Time) {
  return std::optional<Time>();
}
Result<jobs::LeaseAnswer> MemoryJobStore::renew(const JobId&, Epoch, Time) {
  return jobs::LeaseAnswer{};
}
Result<jobs::Job> MemoryJobStore::end(const JobId& id, Epoch, const jobs::Ending&) {
  return get(id);
}

Result<jobs::EndedAndNext> MemoryJobStore::end_and_claim(const JobId& id, Epoch, const jobs::Ending&, Time,
                                                         const std::string&, const jobs::ClaimLimits&) {
  WB_TRY(jobs::Job ended, get(id));
  return jobs::EndedAndNext{std::move(ended), std::nullopt};
}

Result<jobs::State> MemoryJobStore::request_cancel(const JobId& id, const ClientId& by, Time at) {
  auto* job = find(id);
  if (job == nullptr) return Error{ErrorCode::not_found, "no such job"};
  if (jobs::is_final(job->state)) return Error{ErrorCode::conflict, "ended"};
  job->cancel_requested = at;
  job->cancel_requested_by = by.value();
  ++job->version;
  if (job->state == jobs::State::scheduled) {
    job->state = jobs::State::cancelled;
    job->ended = at;
  }
  return job->state;
}

Result<jobs::Job> MemoryJobStore::retry(const JobId& id, const ClientId&, Time at,
                                        const Secret& /*credentials*/) {
  auto* job = find(id);
  if (job == nullptr) return Error{ErrorCode::not_found, "no such job"};
  const auto next = jobs::next_state(job->state, jobs::Event::retry, job->retryable);
  if (!next) return Error{ErrorCode::conflict, "cannot be retried"};
  job->state = *next;
  job->due = at;
  ++job->version;
  return *job;
}

Result<std::int64_t> MemoryJobStore::unfinished(const ClientId& client) {
  return std::count_if(rows.begin(), rows.end(), [&](const jobs::Job& job) {
    return job.client == client && !jobs::is_final(job.state);
  });
}

Result<std::optional<jobs::Job>> MemoryJobStore::undo_of(const JobId& id) {
  if (undo_broken) return *undo_broken;
  for (const auto& job : rows) {
    if (job.type == jobs::JobType::undo && job.target == id) return std::optional(job);
  }
  return std::optional<jobs::Job>();
}
Result<std::vector<jobs::JobCount>> MemoryJobStore::counts() {
  std::map<std::pair<jobs::JobType, jobs::State>, std::int64_t> sums;
  for (const auto& job : rows) ++sums[{job.type, job.state}];
  std::vector<jobs::JobCount> counts;
  for (const auto& [key, count] : sums) counts.push_back({key.first, key.second, count});
  return counts;
}

Result<std::vector<storage::ItemRecord>> MemoryItems::list(const JobId&, const storage::ItemFilter& filter) {
  std::vector<storage::ItemRecord> found;
  for (const auto& row : rows) {
    const bool fits =
        row.number > filter.after.value_or(0) && (!filter.outcome || row.outcome == *filter.outcome) &&
        (!filter.kind || row.kind == *filter.kind) && row.path.find(filter.text) != std::string::npos;
    if (fits && found.size() < filter.limit) found.push_back(row);
  }
  return found;
}
Result<storage::ItemRecord> MemoryItems::get(const JobId&, std::int64_t number) {
  for (const auto& row : rows) {
    if (row.number == number) return row;
  }
  return Error{ErrorCode::not_found, "no such item"};
}
Result<std::vector<storage::OutcomeCount>> MemoryItems::counts(const JobId&) {
  std::vector<storage::OutcomeCount> counts;
  for (const auto& row : rows) counts.push_back({row.kind, row.outcome, 1});
  return counts;
}

Result<std::vector<knowledge::FolderRow>> MemoryKnowledge::folders(const knowledge::ListFilter& filter) {
  return page(folder_rows, filter);
}
Result<std::vector<knowledge::ArticleRow>> MemoryKnowledge::articles(const knowledge::ListFilter& filter) {
  auto rows = page(article_rows, filter);
  if (!filter.parent.empty()) {
    std::erase_if(rows, [&](const auto& row) { return row.article.folder != filter.parent; });
  }
  return rows;
}
Result<std::vector<knowledge::TopicRow>> MemoryKnowledge::topics(const knowledge::ListFilter& filter) {
  return page(topic_rows, filter);
}
Result<std::vector<knowledge::PortalRow>> MemoryKnowledge::portals(const knowledge::ListFilter& filter) {
  return page(portal_rows, filter);
}

Result<knowledge::ArticleRow> MemoryKnowledge::article(const Department& asked, KnowledgeId id) {
  for (const auto& row : article_rows) {
    if (row.id == id && asked == department) return row;
  }
  return Error{ErrorCode::not_found, "no such article"};
}

Result<std::string> MemoryKnowledge::body(const Department& asked, KnowledgeId id) {
  WB_TRY(const auto row, article(asked, id));
  return row.article.body;
}

Result<std::vector<knowledge::SearchHit>> MemoryKnowledge::search(const Department&, std::string_view,
                                                                  std::size_t limit, std::size_t offset) {
  std::vector<knowledge::SearchHit> found;
  for (std::size_t i = offset; i < std::min(hits.size(), offset + limit); ++i) found.push_back(hits[i]);
  return found;
}

Result<std::vector<report::NumberedEntry>> MemoryReports::findings(const JobId&,
                                                                   const report::FindingFilter& filter) {
  std::vector<report::NumberedEntry> found;
  for (const auto& row : rows) {
    const bool fits =
        row.entry.is_finding && row.sequence > filter.after &&
        (filter.severities.empty() ||
         std::count(filter.severities.begin(), filter.severities.end(), row.entry.finding.severity()) > 0) &&
        (filter.rules.empty() ||
         std::count(filter.rules.begin(), filter.rules.end(), row.entry.finding.rule) > 0);
    if (fits && found.size() < filter.limit) found.push_back(row);
  }
  return found;
}

Result<std::vector<report::FindingCount>> MemoryReports::count_findings(const JobId& job,
                                                                        const report::FindingFilter& filter) {
  auto all = filter;
  all.after = 0;
  all.limit = rows.size();
  std::vector<report::FindingCount> counts;
  WB_TRY(const auto found, findings(job, all));
  for (const auto& row : found) counts.push_back({row.entry.finding.rule, 1});
  return counts;
}

Result<std::vector<report::NumberedEntry>> MemoryReports::entries(const JobId&, std::int64_t after,
                                                                  std::size_t limit) {
  std::vector<report::NumberedEntry> found;
  for (const auto& row : rows) {
    if (row.sequence > after && found.size() < limit) found.push_back(row);
  }
  return found;
}

ApiTest::ApiTest()
    : services{.jobs = store,
               .board = board,
               .knowledge = knowledge,
               .reports = reports,
               .items = items,
               .issuer = issuer,
               .tokens = tokens,
               .grants = grants,
               .clock = clock,
               .wake = [this] { ++woken; },
               .cancel_running = [this](const JobId& id) { cancelled.push_back(id); },
               .post =
                   [](const std::function<void()>& work) {
                     work();
                     return true;
                   },
               .after =
                   [this](std::chrono::milliseconds delay, std::function<void()> work) {
                     timers.emplace_back(clock.steady() + delay, std::move(work));
                   },
               .check_source = [this](const jobs::DataSource&, const Department&) -> Result<void> {
                 if (source_fault) return *source_fault;
                 return {};
               },
               .add_upload = [](const std::filesystem::path&, const Department&,
                                const UploadAdded& added) { added(UploadId(Uuid::random())); },
               .try_source =
                   [this](const jobs::DataSource& source, const Department&, const SourceTried& done) {
                     tried.push_back(source.path);
                     done(source_checks);
                   },
               .blob = [](const Sha256&) -> Result<std::string> { return std::string("bytes"); },
               .log_file = [](const JobId&) { return std::filesystem::path("/nonexistent/log"); },
               .health = [this] { return health_snapshot; },
               .unfinished_jobs = [this](const ClientId& client) { return store.unfinished(client); },
               .log_fault = {},
               .version = "0.1.0",
               .started = now} {
  issuer.set_url("http://issuer.example");
  EXPECT_TRUE(issuer.start().ok());
  for (auto& operation : operations(services.max_upload_bytes)) {
    std::string id(operation.id);
    routes_by_id.emplace(std::move(id), guarded_route(services, std::move(operation)));
  }
  token = token_for("sales", {std::string(auth::kManageScope), std::string(auth::kReadScope)});
}

std::string ApiTest::token_for(const std::string& department, const std::vector<std::string>& scopes) {
  auth::Client client;
  client.id = ClientId("client-of-" + department);
  client.department = Department(department);
  return issuer.issue(client, scopes)->token;
}

http::Response ApiTest::call(const std::string& operation_id, std::vector<std::string> path_values,
                             const Sent& sent) {
  const auto& route = routes_by_id.at(operation_id);
  http::Request request;
  request.method = route.method;
  request.path = route.path;
  request.target = route.path;
  request.path_values = std::move(path_values);
  request.query = sent.query;
  request.body = sent.body;
  request.body_size = sent.body.size();
  if (sent.with_token) request.headers.set("Authorization", "Bearer " + token);
  if (!sent.body.empty()) request.headers.set("Content-Type", "application/json");
  for (const auto& [name, value] : sent.headers) request.headers.set(name, value);
  const std::size_t before = answers.size();
  const http::Responder responder(
      [this](http::Response response) { answers.push_back(std::move(response)); });
  if (route.before_body) {
    if (auto early = route.before_body(request)) return *early;
  }
  route.handler(request, responder);
  if (answers.size() > before) return answers.back();
  http::Response none;
  none.status = kNotYet;
  return none;
}

std::string ApiTest::body_of(const http::Response& response) {
  return response.shared_body ? *response.shared_body : response.body;
}

std::string ApiTest::code_of(const http::Response& response) {
  boost::system::error_code ec;
  const auto value = boost::json::parse(body_of(response), ec);
  const auto* object = ec ? nullptr : value.if_object();
  const auto* code = object != nullptr ? object->if_contains("code") : nullptr;
  return code != nullptr && code->is_string() ? std::string(code->get_string()) : "";
}

std::string ApiTest::header_of(const http::Response& response, std::string_view name) {
  return std::string(response.headers.get(name).value_or(""));
}

jobs::Job& ApiTest::add_job(jobs::State state) {
  jobs::Job job;
  job.id = JobId(Uuid::random());
  job.department = Department("sales");
  job.client = ClientId("client-of-sales");
  job.source.path = "file:///srv/a.zip";
  job.created = job.due = now;
  job.state = state;
  if (state != jobs::State::scheduled) {
    job.started = now;
    job.log_location = "file:///srv/logs/import-logs-X.txt";
  }
  if (jobs::is_final(state)) job.ended = now;
  store.rows.push_front(job);
  return store.rows.front();
}

void ApiTest::advance(Milliseconds by) {
  clock.advance(by);
  auto due = std::move(timers);
  timers.clear();
  for (auto& timer : due) {
    if (timer.first <= clock.steady()) {
      timer.second();
    } else {
      timers.push_back(std::move(timer));
    }
  }
}

}  // namespace waybill::api
