#include <algorithm>
#include <csignal>
#include <iostream>
#include <thread>

#include "api/error.h"
#include "api/health_monitor.h"
#include "api/operation.h"
#include "api/services.h"
#include "app/bucket.h"
#include "app/commands.h"
#include "app/data_folder.h"
#include "app/health_checks.h"
#include "app/issuers.h"
#include "app/local_client.h"
#include "app/metrics.h"
#include "app/service_manager.h"
#include "app/source_trials.h"
#include "app/sources.h"
#include "auth/clients.h"
#include "auth/issuer.h"
#include "auth/tokens.h"
#include "base/hash.h"
#include "base/text.h"
#include "http/pool.h"
#include "http/server.h"
#include "jobs/status_board.h"
#include "jobs/status_follower.h"
#include "observe/log.h"
#include "source/s3/bucket_uploads.h"
#include "source/uploads.h"
#include "storage/blobs/bucket_blobs.h"
#include "web/pages.h"
#include "worker/job_log.h"
#include "worker/worker.h"

namespace waybill::app {

namespace {

using observe::Level;

// In-flight requests get this long at the end; with the open batches it stays below five seconds.
constexpr std::chrono::milliseconds kGrace{1'500};
// How often keys and revoked clients are read anew.
constexpr std::chrono::seconds kRefresh{15};
// How old what a poll shows of another node's job may be.
constexpr Milliseconds kFollowEvery{500};
// A database of this size is read in about a second at the start; a larger one is left to `waybill doctor`.
constexpr std::uint64_t kMostLookedAt = 512ULL << 20;
// How long the bucket of uploads may be asked for one while a client waits.
constexpr Milliseconds kLookTime{5'000};
// How often is looked for what has expired.
constexpr std::chrono::minutes kExpireEvery{60};
// Uploads that are sent to the bucket at once, and that wait for it on the disk.
constexpr int kSenders = 4;
constexpr std::size_t kMostSending = 256;
constexpr int kUsage = 2;
constexpr int kFailed = 3;

int fail(const Error& error, int status = kFailed) {
  std::cerr << "waybill serve: " << error.message << '\n';
  if (!error.detail.empty()) observe::log(Level::error, "app.start_failed", {{"detail", error.detail}});
  return status;
}

/// Blocks SIGTERM and SIGINT for all threads started from now on; wait() takes one.
class Signals {
 public:
  Signals() {
    std::signal(SIGPIPE, SIG_IGN);  // a broken connection is an error of its write
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  int wait() const {
    int received = 0;
    sigwait(&set_, &received);
    return received;
  }

 private:
  sigset_t set_{};
};

void log_fault(const http::Request& request, const Error& error) {
  observe::log(Level::error, "api.fault",
               {{"request_id", request.request_id},
                {"path", request.path},
                {"code", to_string(error.code)},
                {"message", error.message},
                {"detail", error.detail}});
}

web::PageOptions page_options(const config::Settings& settings) {
  web::PageOptions options;
  options.version = WAYBILL_VERSION;
  options.issuer = settings.console.issuer;
  options.client_id = settings.console.client_id;
  options.scope = settings.console.scope;
  options.not_found = [](const http::Request& request, const std::string& text) {
    return api::to_response({api::Code::not_found, text, {}, {}}, &request);
  };
  return options;
}

/// Everything that serves, in the order in which it is made; taken down the other way round.
class Service {
 public:
  explicit Service(config::Settings settings) : settings_(std::move(settings)), paths_(settings_.storage) {}
  ~Service() { stop(); }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  Result<void> start();
  void stop();
  const std::string& url() const { return url_; }
  /// Tells the manager again and again that the event loop goes round, which is what a hang would end.
  void stay_alive(const ServiceManager& manager);
  /// Where it listens, whatever URL clients see.
  std::string address() const;

 private:
  worker::Options worker_options();
  http::ServerOptions server_options();
  api::Services services();
  Result<void> check_source(const jobs::DataSource& source, const Department& department) const;
  void add_upload(const std::filesystem::path& file, const Department& department,
                  const api::UploadAdded& added);
  bool language_enabled(const Department& department, std::string_view language) const;
  void refresh_later();
  /// Removes what has been kept for as long as the settings say, now and every hour.
  void expire();
  void expire_uploads();
  void expire_jobs();
  /// Whether a job that has not ended reads the upload.
  Result<bool> is_needed(const UploadId& upload);
  std::string metrics_text();
  /// What another node has announced.
  void heard(const storage::Notice& notice);

  const config::Settings settings_;
  const DataPaths paths_;
  const Clock* clock_ = &system_clock();  // the store's, once there is one
  std::string url_;
  FileDescriptor lock_;
  std::shared_ptr<s3::Bucket> bucket_;  // null: none. Shared with the store, which keeps its blobs in it
  std::unique_ptr<storage::ServerStore> store_;
  std::unique_ptr<StoreKeySealer> sealer_;
  std::unique_ptr<auth::Issuer> issuer_;
  std::unique_ptr<auth::OutsideIssuers> outside_;
  std::unique_ptr<auth::TokenChecker> tokens_;
  std::unique_ptr<auth::TokenGrants> grants_;
  std::unique_ptr<source::Uploads> uploads_;
  const Context stopping_;  // cancelled when the service stops
  std::unique_ptr<http::Pool> senders_;
  std::unique_ptr<Sources> sources_;
  std::unique_ptr<SourceTrials> trials_;
  jobs::StatusBoard board_;
  Metrics metrics_;
  std::unique_ptr<worker::Scheduler> scheduler_;
  std::unique_ptr<jobs::StatusFollower> follower_;  // where other nodes work on the same jobs
  std::unique_ptr<api::HealthMonitor> health_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<api::Services> services_;
};

bool Service::language_enabled(const Department& department, std::string_view language) const {
  auto row = settings_.languages.find(department.value());
  if (row == settings_.languages.end()) row = settings_.languages.find("*");
  if (row == settings_.languages.end()) return true;
  return std::find(row->second.begin(), row->second.end(), language) != row->second.end();
}

worker::Options Service::worker_options() {
  worker::Options options;
  options.owner = "worker-" + hex_encode(random_bytes(4));
  options.running_jobs = settings_.jobs.running;
  options.checkers = settings_.jobs.checkers;
  options.batch_items = static_cast<std::size_t>(settings_.jobs.batch_items);
  options.batch_bytes = static_cast<std::size_t>(settings_.jobs.batch_bytes);
  options.batch_time = settings_.jobs.batch_time;
  options.lease = settings_.jobs.lease;
  options.max_items_per_second = settings_.jobs.max_items_per_second;
  options.wait_for_index = settings_.jobs.wait_for_index;
  options.limits = package_limits(settings_);
  options.log_folder = paths_.logs;
  options.server_log_location = [this](const JobId& id) {
    return url_ + "/knowledge/contentmgr/v4/import/content/" + to_string(id) + "/log";
  };
  options.processed = [this](jobs::JobType type, const jobs::Counts& more) {
    metrics_.processed(type, more);
  };
  options.body_judged = [this](bool recalled) { metrics_.body_judged(recalled); };
  options.language_enabled = [this](const Department& department, std::string_view language) {
    return language_enabled(department, language);
  };
  options.open_source = [this](const jobs::Job& job, const Context& context) {
    return sources_->open(job, context);
  };
  return options;
}

http::ServerOptions Service::server_options() {
  http::ServerOptions options;
  const auto endpoint = config::parse_endpoint(settings_.server.listen);
  options.address = endpoint->address;
  options.port = endpoint->port;
  options.loops = settings_.server.loops;
  options.pool_threads = settings_.server.pool_threads;
  options.max_connections = settings_.server.max_connections;
  options.head_timeout = settings_.server.head_timeout;
  options.body_timeout = settings_.server.body_timeout;
  options.min_body_rate = settings_.server.min_body_rate;
  options.certificate = settings_.server.certificate;
  options.private_key = settings_.server.private_key;
  options.upload_folder = paths_.incoming;
  options.make_error = api::refusal;
  options.on_answer = [this](const http::Request& request, int status, std::uint64_t bytes,
                             std::chrono::nanoseconds took) {
    metrics_.requests().add(request.method, status, bytes, took, !request.path.ends_with("/events"));
    if (!observe::logger().enabled(Level::info)) return;
    observe::log(Level::info, "http.answer",
                 {{"request_id", request.request_id},
                  {"method", request.method},
                  {"path", request.path},
                  {"status", status},
                  {"bytes", bytes},
                  {"peer", request.peer},
                  {"microseconds", std::chrono::duration_cast<std::chrono::microseconds>(took).count()}});
  };
  return options;
}

api::Services Service::services() {
  return api::Services{
      .jobs = store_->jobs(),
      .board = board_,
      .knowledge = store_->knowledge(),
      .reports = store_->reports(),
      .items = store_->items(),
      .issuer = *issuer_,
      .tokens = *tokens_,
      .grants = *grants_,
      .clock = *clock_,
      .wake = [this] { scheduler_->wake(); },
      .cancel_running = [this](const JobId& id) { scheduler_->cancel(id); },
      .post = [this](std::function<void()> work) { return server_->post(std::move(work)); },
      .after = [this](std::chrono::milliseconds delay,
                      std::function<void()> work) { server_->after(delay, std::move(work)); },
      .check_source = [this](const jobs::DataSource& source,
                             const Department& department) { return check_source(source, department); },
      .add_upload = [this](const std::filesystem::path& file, const Department& department,
                           const api::UploadAdded& added) { add_upload(file, department, added); },
      .try_source = [this](const jobs::DataSource& source, const Department& department,
                           const api::SourceTried& done) { trials_->start(source, department, done); },
      .blob = [this](const Sha256& hash) { return store_->blobs().get(hash); },
      .log_file =
          [this](const JobId& id) {
            // A node's file has what it wrote itself; the rows have what all did.
            return store_->shared() ? std::filesystem::path() : paths_.logs / worker::log_name(id);
          },
      .health = [this] { return health_->latest(); },
      .unfinished_jobs = [this](const ClientId& client) { return store_->jobs().unfinished(client); },
      .log_fault = log_fault,
      .metrics = [this] { return metrics_text(); },
      .queued_per_client = settings_.jobs.queued_per_client,
      .requests_per_client = static_cast<double>(settings_.limits.requests_per_client),
      .guesses_per_minute = static_cast<double>(settings_.limits.wrong_secrets),
      .max_upload_bytes = settings_.server.max_upload_bytes,
      .version = WAYBILL_VERSION,
      .started = clock_->now(),
  };
}

Result<void> Service::check_source(const jobs::DataSource& source, const Department& department) const {
  const auto opened = sources_->look(source, department, Context(*clock_).with_timeout(kLookTime));
  // A share that is away for the moment is the job's to find: the path itself is fine.
  if (opened || opened.error().retryable()) return {};
  const bool share = !source.path.starts_with("upload://");
  if (share && opened.error().code == ErrorCode::not_found) return {};
  return opened.error();
}

/// To a bucket it is sent by threads of their own: it takes as long as it takes, and the pool has more to do.
void Service::add_upload(const std::filesystem::path& file, const Department& department,
                         const api::UploadAdded& added) {
  const auto adopt = [this, file, department, added] { added(uploads_->adopt(file, department, stopping_)); };
  if (!senders_) return adopt();
  if (!senders_->post(adopt)) {
    added(Error{ErrorCode::unavailable, "too many uploads are on their way to the bucket"});
  }
}

Result<void> Service::start() {
  std::error_code failed;
  std::filesystem::create_directories(paths_.root, failed);
  if (failed) return errno_error("cannot make the data folder " + paths_.root.string(), failed.value());
  WB_TRY(lock_, lock_data_folder(paths_));
  WB_TRY(bucket_, open_bucket(settings_));
  std::unique_ptr<storage::BlobStore> blobs;
  if (bucket_) blobs = std::make_unique<storage::BucketBlobStore>(bucket_);
  WB_TRY(store_, open_store(settings_, paths_, *clock_, std::move(blobs)));
  clock_ = &store_->clock();
  WB_TRY(const bool not_looked_at, store_->look_for_damage(kMostLookedAt));
  if (not_looked_at && !store_->shared()) {
    observe::log(Level::info, "app.database_not_checked",
                 {{"reason", "it is large: `waybill doctor` reads all of it"}});
  }
  // The lock says that no other server works here: jobs of one that died go on at once. Where others may be
  // at work, a lease has to run out first.
  if (!store_->shared()) WB_CHECK_OK(store_->jobs().end_leases());
  for (const auto& left : std::filesystem::directory_iterator(paths_.incoming))
    std::filesystem::remove(left, failed);

  sealer_ = std::make_unique<StoreKeySealer>(store_->sealer());
  auth::IssuerOptions issuer{settings_.auth.audience, settings_.auth.token_life, settings_.auth.leeway,
                             settings_.auth.scope_prefixes};
  // Other nodes may publish the same keys: each of them reads them once in that time.
  if (!settings_.storage.database.empty()) issuer.publish_ahead = 2 * kRefresh;
  issuer_ = std::make_unique<auth::Issuer>(std::move(issuer), store_->clients(), *sealer_, *clock_);
  WB_CHECK_OK(issuer_->start());
  WB_TRY(outside_, make_outside_issuers(settings_, *clock_));
  tokens_ = std::make_unique<auth::TokenChecker>(*issuer_, outside_.get(), outside_rules(settings_));
  grants_ = std::make_unique<auth::TokenGrants>(*issuer_);
  if (bucket_) {
    uploads_ = std::make_unique<source::BucketUploads>(*bucket_);
    senders_ = std::make_unique<http::Pool>(kSenders, kMostSending);
    senders_->start();
  } else {
    uploads_ = std::make_unique<source::LocalUploads>(paths_.uploads, *clock_);
  }
  sources_ = std::make_unique<Sources>(settings_, paths_, *uploads_);
  sources_->sweep_spools(store_->jobs());
  trials_ = std::make_unique<SourceTrials>(*sources_, package_limits(settings_), *clock_);
  scheduler_ = std::make_unique<worker::Scheduler>(worker_options(), *store_, board_, *clock_);
  health_ = std::make_unique<api::HealthMonitor>(
      health_checks(*store_, *scheduler_, *outside_, paths_.root, bucket_.get()), *clock_);
  server_ = std::make_unique<http::Server>(server_options());
  // Not make_unique: Services cannot be moved, and is made in its place.
  services_.reset(new api::Services(services()));  // NOLINT(modernize-make-unique): see above
  for (auto& route : api::routes(*services_)) server_->add(std::move(route));
  for (auto& route : web::routes(page_options(settings_))) server_->add(std::move(route));
  WB_CHECK_OK(server_->start());

  url_ = settings_.server.public_url;
  if (url_.empty()) url_ = (settings_.server.certificate.empty() ? "http://" : "https://") + address();
  issuer_->set_url(settings_.auth.issuer.empty() ? url_ : settings_.auth.issuer);
  if (outside_->knows(issuer_->url())) {
    return Error{ErrorCode::invalid_argument, "auth.outside_issuers names " + issuer_->url() +
                                                  ", which is this server itself: remove it."};
  }
  outside_->start();
  WB_CHECK_OK(publish_local_client(paths_, store_->clients(), url_, *clock_));
  scheduler_->start();
  if (store_->shared()) {
    follower_ = std::make_unique<jobs::StatusFollower>(store_->jobs(), board_, *clock_, kFollowEvery);
  }
  store_->listen([this](const storage::Notice& notice) { heard(notice); });
  health_->start();
  refresh_later();
  server_->post([this] { expire(); });
  return {};
}

void Service::heard(const storage::Notice& notice) {
  if (follower_) follower_->look_soon();
  if (notice.kind == storage::Notice::Kind::cancel) {
    scheduler_->cancel(notice.job);
  } else {
    scheduler_->wake();
  }
}

std::string Service::address() const {
  const auto endpoint = config::parse_endpoint(settings_.server.listen);
  const bool v6 = endpoint->address.find(':') != std::string::npos;
  return (v6 ? "[" : "") + endpoint->address + (v6 ? "]:" : ":") + std::to_string(server_->port());
}

std::string Service::metrics_text() {
  const auto health = health_->latest();
  const bool healthy =
      health && (health->overall() == api::Health::healthy || health->overall() == api::Health::degraded);
  return metrics_.text(*store_,
                       {scheduler_->running(), services_->event_streams.load(), healthy, services_->started});
}

void Service::refresh_later() {
  server_->after(kRefresh, [this] {
    server_->post([this] {
      if (const auto refreshed = issuer_->refresh(); !refreshed) {
        observe::log(Level::warning, "auth.refresh_failed", {{"reason", refreshed.error().message}});
      }
      refresh_later();
    });
  });
}

void Service::expire_uploads() {
  const Time before = clock_->now() - settings_.server.keep_uploads;
  const auto removed =
      uploads_->remove_older_than(before, [this](const UploadId& upload) { return is_needed(upload); });
  if (!removed) {
    observe::log(Level::warning, "app.uploads_not_expired",
                 {{"reason", removed.error().message}, {"detail", removed.error().detail}});
  } else if (*removed != 0) {
    observe::log(Level::info, "app.uploads_expired", {{"uploads", *removed}});
  }
}

void Service::expire_jobs() {
  if (settings_.jobs.keep_ended == Milliseconds(0)) return;
  std::int64_t expired = 0;
  while (!stopping_.cancelled()) {
    const auto job = store_->jobs().prune(clock_->now() - settings_.jobs.keep_ended);
    if (!job) {
      observe::log(Level::warning, "app.jobs_not_expired",
                   {{"reason", job.error().message}, {"detail", job.error().detail}});
    }
    if (!job || !*job) break;
    board_.forget(**job);
    std::error_code ignored;  // that of another node, or of none
    std::filesystem::remove(paths_.logs / worker::log_name(**job), ignored);
    ++expired;
  }
  if (expired != 0) observe::log(Level::info, "app.jobs_expired", {{"jobs", expired}});
}

void Service::expire() {
  expire_uploads();
  expire_jobs();
  server_->after(kExpireEvery, [this] { server_->post([this] { expire(); }); });
}

Result<bool> Service::is_needed(const UploadId& upload) {
  jobs::JobFilter filter;
  filter.text = source::upload_uri(upload);
  filter.limit = 1;
  for (const auto state : {jobs::State::scheduled, jobs::State::in_progress}) {
    filter.state = state;
    WB_TRY(const auto found, store_->jobs().list(filter));
    if (!found.empty()) return true;
  }
  return false;
}

void Service::stay_alive(const ServiceManager& manager) {
  if (!manager.alive_every()) return;
  server_->after(*manager.alive_every(), [this, &manager] {
    manager.alive();
    stay_alive(manager);
  });
}

void Service::stop() {
  if (store_) store_->stop_listening();
  follower_.reset();
  if (scheduler_) scheduler_->stop();
  if (outside_) outside_->stop();
  stopping_.cancel();
  if (senders_) senders_->stop();
  if (trials_) trials_->stop();
  if (server_) server_->stop(kGrace);
  if (health_) health_->stop();
  server_.reset();
}

}  // namespace

int serve(const cli::LocalArguments& arguments) {
  const ServiceManager manager;
  const Signals signals;
  auto settings = load_settings(arguments);
  if (!settings) return fail(settings.error(), kUsage);
  observe::configure(*observe::parse_level(settings->log.level),
                     *observe::parse_format(settings->log.format));
  const std::string data_dir = settings->storage.data_dir.string();
  Service service(std::move(*settings));
  if (const auto started = service.start(); !started) return fail(started.error());
  manager.ready("Listens on " + service.url());
  service.stay_alive(manager);
  std::cout << "Waybill " << WAYBILL_VERSION << " listens on " << service.url() << std::endl;
  observe::log(Level::info, "app.started",
               {{"url", service.url()}, {"address", service.address()}, {"data_dir", data_dir}});
  const int received = signals.wait();
  observe::log(Level::info, "app.stopping", {{"signal", received}});
  manager.stopping();
  service.stop();
  return 0;
}

}  // namespace waybill::app
