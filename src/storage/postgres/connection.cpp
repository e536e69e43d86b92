#include "storage/postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>

#include "base/text.h"
#include "storage/postgres/copy_rows.h"
#include "storage/postgres/embedded_sql.h"

namespace waybill::storage::postgres {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kConnectPatience{10};
constexpr const char* kChannel = "waybill";
constexpr int kBinary = 1;  // libpq's number for values as they are

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::string option(const PQconninfoOption* options, std::string_view keyword) {
  for (; options != nullptr && options->keyword != nullptr; ++options) {
    if (options->keyword == keyword && options->val != nullptr) return options->val;
  }
  return {};
}

/// One line, without what libpq puts in front and behind.
std::string one_line(std::string_view words) {
  std::string line(trim(words));
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

/// False where the time is up.
bool wait_for(int socket, short events, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) return false;
    pollfd one{socket, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(left.count()));
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
  }
}

/// The SQLSTATE in a message of PQERRORS_SQLSTATE: "FATAL:  28P01".
std::string sqlstate_in(std::string_view words) {
  const auto at = words.find("FATAL:  ");
  return at == std::string_view::npos ? std::string() : std::string(words.substr(at + 8, 5));
}

Error connect_error(const std::string& url, std::string_view words) {
  const std::string where = describe(url);
  const std::string state = sqlstate_in(words);
  if (state.starts_with("28")) {
    return {ErrorCode::permission_denied,
            "PostgreSQL at " + where +
                " does not let this user in: check user and password in storage.database (or PGPASSWORD, "
                "~/.pgpass), and the server's pg_hba.conf",
            one_line(words)};
  }
  if (state == "3D000") {
    return {ErrorCode::not_found,
            "PostgreSQL at " + where + " has no such database: make it with `createdb`, in UTF8",
            one_line(words)};
  }
  if (state == "53300") {
    return {ErrorCode::unavailable,
            "PostgreSQL at " + where +
                " has no connection left: raise its max_connections, or lower storage.connections",
            one_line(words)};
  }
  return {ErrorCode::unavailable,
          "cannot reach PostgreSQL at " + where +
              ": check storage.database, and that the server runs and can be reached from here",
          one_line(words)};
}

bool is_text(std::string_view given) {
  return given.find('\0') == std::string_view::npos && !first_invalid_utf8(given);
}

std::int64_t big_endian(const char* bytes, int length) {
  std::uint64_t number = length > 0 && (bytes[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (int i = 0; i < length; ++i) number = number << 8U | static_cast<unsigned char>(bytes[i]);
  return static_cast<std::int64_t>(number);
}

/// The values of a statement as libpq takes them.
struct Parameters {
  explicit Parameters(std::span<const sql::Value> given) {
    for (const sql::Value& one : given) std::visit([this](const auto& held) { add(held); }, one);
  }
  void add(std::nullptr_t) { put(nullptr, 0, false); }
  void add(std::int64_t number) { put_text(std::to_string(number)); }
  void add(std::string_view text) { put_text(is_text(text) ? std::string(text) : clean_text(text)); }
  void add(sql::Blob blob) {
    put(blob.bytes.empty() ? "" : blob.bytes.data(), static_cast<int>(blob.bytes.size()), true);
  }
  int count() const { return static_cast<int>(values.size()); }
  void put_text(std::string text) {
    kept.push_back(std::move(text));
    put(kept.back().c_str(), 0, false);
  }
  void put(const char* data, int length, bool binary) {
    values.push_back(data);
    lengths.push_back(length);
    formats.push_back(binary ? 1 : 0);
  }
  std::deque<std::string> kept;
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
};

/// Statements whose plan does not go by what lies in a table: the row of a job, and a call of a function,
/// which has its own statements planned. One that was planned while its table was empty would be kept while
/// that grows.
bool stays_prepared(sql::Sql sql) {
  return sql == sql::Sql::insert_job || sql == sql::Sql::end_and_claim;
}

/// The server is shutting down, or has given up a transaction whose owner was silent.
bool ends_connection(std::string_view sqlstate) {
  return sqlstate.empty() || sqlstate.starts_with("57P") || sqlstate == "25P03";
}

}  // namespace

Error database_error(std::string_view sqlstate, std::string_view words) {
  const std::string detail = "PostgreSQL " +
                             (sqlstate.empty() ? std::string("connection") : std::string(sqlstate)) + ": " +
                             one_line(words);
  if (ends_connection(sqlstate) || sqlstate.starts_with("08")) {
    return {ErrorCode::unavailable, "the connection to the database is lost: try again", detail};
  }
  if (sqlstate == "53100") {
    return {ErrorCode::no_space, "the disk that holds the database is full: make room on it", detail};
  }
  if (sqlstate.starts_with("53") || sqlstate.starts_with("57")) {
    return {ErrorCode::unavailable, "the database is overloaded or shutting down: try again", detail};
  }
  if (sqlstate.starts_with("40") || sqlstate == "55P03" || sqlstate == "23505") {
    return {ErrorCode::unavailable, "another node's work got into the way: try again", detail};
  }
  if (sqlstate == "25006") {
    return {ErrorCode::unavailable,
            "the database can be read only: this is a standby, or it is being failed over", detail};
  }
  if (sqlstate == "42501" || sqlstate.starts_with("28")) {
    return {ErrorCode::permission_denied,
            "the database's user may not do this: it must own the tables (or run `waybill migrate` as a user "
            "who may make them)",
            detail};
  }
  if (sqlstate.starts_with("XX")) {
    return {ErrorCode::corrupt, "the database is damaged: restore it from a backup", detail};
  }
  if (sqlstate.starts_with("58")) {
    return {ErrorCode::io, "the database cannot read or write its files: check its disk", detail};
  }
  return {ErrorCode::internal, "a statement of the database failed", detail};
}

std::string describe(const std::string& url) {
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(url.c_str(), nullptr));
  if (!options) return "the given address";
  const std::string host = option(options.get(), "host");
  const std::string port = option(options.get(), "port");
  const std::string name = option(options.get(), "dbname");
  return (host.empty() ? "localhost" : host) + (port.empty() ? "" : ":" + port) + "/" + name;
}

void Connection::FreeResult::operator()(pg_result* result) const {
  PQclear(result);
}

/// BEGIN by the simple protocol, which takes two statements in one message.
Connection::Connection(pg_conn* handle, Milliseconds abandoned_after)
    : handle_(handle),
      copy_patience_(
          std::max(std::chrono::ceil<std::chrono::seconds>(abandoned_after), std::chrono::seconds(1))),
      begin_("BEGIN; SET LOCAL idle_in_transaction_session_timeout = " +
             std::to_string(abandoned_after.count())) {}

/// A peer whose network is cut is silent in the midst of a statement as well (COPY waits for its rows): its
/// kernel does not answer the server's. Behind pgbouncer this is said of pgbouncer's own connection, and does
/// no harm. Poolers give a client a key of their own for its cancels: where it names the very process that
/// answers, nobody stands between.
Result<void> Connection::settle(Milliseconds abandoned_after) {
  const auto seconds = std::max<std::int64_t>(abandoned_after.count() / 1'000, 2);
  WB_TRY(const ResultPointer answer,
         run_text(("SET tcp_user_timeout = " + std::to_string(seconds * 1'000) +
                   "; SET tcp_keepalives_idle = " + std::to_string(seconds / 2) +
                   "; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = " +
                   std::to_string(seconds / 2) + "; SELECT pg_backend_pid()")
                      .c_str(),
                  kPatience));
  owns_session_ = std::to_string(PQbackendPID(handle_)) == PQgetvalue(answer.get(), 0, 0);
  return {};
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& url, Milliseconds abandoned_after) {
  char* wrong = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(url.c_str(), &wrong));
  if (!options) {
    const std::string words = wrong == nullptr ? "" : one_line(wrong);
    PQfreemem(wrong);
    return Error{ErrorCode::invalid_argument,
                 "storage.database is no address of a PostgreSQL: expected postgres://user@host/database",
                 words};
  }
  // What the URL says wins over what stands before it here. A peer that is gone without a word is noticed in
  // seconds, well within a lease.
  const char* const keywords[] = {"application_name", "keepalives_idle",  "keepalives_interval",
                                  "keepalives_count", "tcp_user_timeout", "target_session_attrs",
                                  "dbname",           "client_encoding",  nullptr};
  const char* const values[] = {"waybill",    "5",         "2",    "3",    "10000",
                                "read-write", url.c_str(), "UTF8", nullptr};
  std::unique_ptr<Connection> connection(
      new Connection(PQconnectStartParams(keywords, values, 1), abandoned_after));
  PGconn* handle = connection->handle_;
  if (handle == nullptr) return Error{ErrorCode::unavailable, "there is no memory for a connection"};
  PQsetErrorVerbosity(handle, PQERRORS_SQLSTATE);
  PQsetNoticeProcessor(
      handle, [](void*, const char*) {}, nullptr);
  const auto until = Clock::now() + kConnectPatience;
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  while (PQstatus(handle) != CONNECTION_BAD && status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
    const short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!wait_for(PQsocket(handle), events, until)) {
      return connect_error(url, "no answer within " + std::to_string(kConnectPatience.count()) + " s");
    }
    status = PQconnectPoll(handle);
  }
  if (PQstatus(handle) != CONNECTION_OK) return connect_error(url, PQerrorMessage(handle));
  PQsetErrorVerbosity(handle, PQERRORS_DEFAULT);
  WB_CHECK_OK(connection->settle(abandoned_after));
  return connection;
}

Connection::~Connection() {
  PQfinish(handle_);
}

Error Connection::failure(const pg_result* result) {
  if (PQstatus(handle_) == CONNECTION_BAD) broken_ = true;
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string sqlstate = state == nullptr ? "" : state;
  collided_ = sqlstate.starts_with("40") || sqlstate == "23505" || sqlstate == "55P03";
  // What was prepared is not there, or is there before it is prepared: somebody does stand between.
  if (sqlstate == "26000" || sqlstate == "42P05") {
    owns_session_ = false;
    collided_ = true;
  }
  if (ends_connection(sqlstate)) broken_ = true;
  const char* words = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return database_error(sqlstate, words != nullptr ? words : PQerrorMessage(handle_));
}

Result<void> Connection::begin_call() {
  collided_ = false;
  if (broken_) return database_error("", "the connection is lost");
  return {};
}

Result<Connection::ResultPointer> Connection::finish(std::optional<std::chrono::seconds> patience) {
  const auto until = Clock::now() + patience.value_or(std::chrono::hours(24 * 365));
  ResultPointer last;
  for (;;) {
    while (PQisBusy(handle_) != 0) {
      if (!wait_for(PQsocket(handle_), POLLIN, until)) {
        broken_ = true;
        return Error{ErrorCode::unavailable, "the database does not answer: try again",
                     "no answer within " + std::to_string(patience->count()) + " s"};
      }
      if (PQconsumeInput(handle_) == 0) return failure(nullptr);
    }
    ResultPointer next(PQgetResult(handle_));
    if (!next) break;
    const ExecStatusType status = PQresultStatus(next.get());
    const bool first_failure = !last || PQresultStatus(last.get()) == PGRES_TUPLES_OK ||
                               PQresultStatus(last.get()) == PGRES_COMMAND_OK;
    if (first_failure) last = std::move(next);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) return last;
  }
  if (!last) return failure(nullptr);
  const ExecStatusType status = PQresultStatus(last.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) return failure(last.get());
  return last;
}

Result<Connection::ResultPointer> Connection::finish_statement() {
  WB_TRY(ResultPointer result, finish(kPatience));
  const char* changed = PQcmdTuples(result.get());
  changes_ = changed == nullptr || *changed == '\0' ? 0 : std::strtoll(changed, nullptr, 10);
  return result;
}

Result<Connection::ResultPointer> Connection::execute(const char* sql, std::span<const sql::Value> values) {
  WB_CHECK_OK(begin_call());
  const Parameters given(values);
  if (PQsendQueryParams(handle_, sql, given.count(), nullptr, given.values.data(), given.lengths.data(),
                        given.formats.data(), kBinary) == 0) {
    return failure(nullptr);
  }
  return finish_statement();
}

Result<Connection::ResultPointer> Connection::execute(sql::Sql sql, std::span<const sql::Value> values) {
  const char* text = statement_text(sql);
  if (text == nullptr) return Error{ErrorCode::internal, "PostgreSQL has no such statement"};
  if (!owns_session_ || !stays_prepared(sql)) return execute(text, values);
  WB_CHECK_OK(begin_call());
  // By its text: a session that turns out to be another program's as well cannot give its statement for ours.
  const std::string name = "waybill_" + std::to_string(std::hash<std::string_view>{}(text));
  if (!prepared_.contains(sql)) {
    if (PQsendPrepare(handle_, name.c_str(), text, 0, nullptr) == 0) return failure(nullptr);
    WB_CHECK_OK(finish(kPatience));
    prepared_.insert(sql);
  }
  const Parameters given(values);
  if (PQsendQueryPrepared(handle_, name.c_str(), given.count(), given.values.data(), given.lengths.data(),
                          given.formats.data(), kBinary) == 0) {
    return failure(nullptr);
  }
  return finish_statement();
}

/// One run of a statement: sent at the first step, its rows then held here.
class Run final : public sql::Rows {
 public:
  Run(Connection& connection, sql::Sql sql, std::span<const sql::Value> values)
      : connection_(connection), sql_(sql), values_(values.begin(), values.end()) {}

  Result<bool> step() override {
    if (!result_) {
      WB_TRY(result_, connection_.execute(sql_, values_));
    }
    return ++row_ < PQntuples(result_.get());
  }
  bool is_null(int column) const override { return PQgetisnull(result_.get(), row_, column) != 0; }
  std::int64_t integer(int column) const override {
    const std::string_view bytes = text(column);
    return big_endian(bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 8)));
  }
  double real(int column) const override { return std::bit_cast<double>(integer(column)); }
  std::string_view text(int column) const override {
    return {PQgetvalue(result_.get(), row_, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
  }

 private:
  Connection& connection_;
  const sql::Sql sql_;
  const std::vector<sql::Value> values_;
  Connection::ResultPointer result_;
  int row_ = -1;
};

std::unique_ptr<sql::Rows> Connection::start(sql::Sql sql, std::span<const sql::Value> values) {
  return std::make_unique<Run>(*this, sql, values);
}

Result<void> Connection::announce(const Notice& notice) {
  static constexpr const char* kNames[] = {"due ", "cancel ", "ended "};
  notices_.push_back(kNames[static_cast<std::size_t>(notice.kind)] + to_string(notice.job));
  return {};
}

/// Those that notify take turns until their commits are on the disk, so this commit does not wait for it.
void Connection::tell(const std::vector<std::string>& notices) {
  const std::string texts = array_of(notices);
  const sql::Value values[] = {std::string_view(kChannel), std::string_view(texts)};
  (void)execute(
      "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, text) FROM unnest($2::text[]) AS "
      "text",
      values);
}

Result<void> Connection::run_script(const char* sql) {
  WB_CHECK_OK(run_text(sql, std::nullopt));
  return {};
}

Result<Connection::ResultPointer> Connection::run_text(const char* sql,
                                                       std::optional<std::chrono::seconds> patience) {
  WB_CHECK_OK(begin_call());
  if (PQsendQuery(handle_, sql) == 0) return failure(nullptr);
  return finish(patience);
}

Result<std::int64_t> Connection::read_integer(const char* sql) {
  WB_TRY(const ResultPointer result, execute(sql, {}));
  if (PQntuples(result.get()) == 0 || PQgetisnull(result.get(), 0, 0) != 0) return std::int64_t{0};
  return big_endian(PQgetvalue(result.get(), 0, 0), PQgetlength(result.get(), 0, 0));
}

Result<void> Connection::begin() {
  notices_.clear();
  WB_CHECK_OK(run_text(begin_.c_str(), kPatience));
  return {};
}

Result<void> Connection::commit() {
  WB_TRY(const ResultPointer result, run_text("COMMIT", kPatience));
  // A transaction in which a statement has failed is rolled back, and that is no error to PostgreSQL.
  if (std::string_view(PQcmdStatus(result.get())) == "COMMIT") return {};
  return Error{ErrorCode::internal, "a transaction of the database was rolled back"};
}

void Connection::rollback() {
  // A connection that cannot even do that is given up, and the server rolls back by itself.
  const bool collided = collided_;
  if (!broken_ && !run_text("ROLLBACK", kPatience)) broken_ = true;
  collided_ = collided;
}

Result<void> Connection::copy_in(const char* sql, int columns,
                                 const std::function<void(CopyRows&)>& add_rows) {
  WB_CHECK_OK(begin_call());
  if (PQsendQuery(handle_, sql) == 0) return failure(nullptr);
  // Until it has the answer the server waits for rows, and no limit of its own ends that: a node that hears
  // nothing any more would hold its locks for all of kPatience.
  WB_TRY(const ResultPointer copying, finish(copy_patience_));
  if (PQresultStatus(copying.get()) != PGRES_COPY_IN) return failure(copying.get());
  broken_ = true;  // an exception leaves the server in the midst of the rows
  bool sent = true;
  CopyRows rows(columns, [&](std::string_view piece) {
    // A failure is told at the end.
    sent = sent && PQputCopyData(handle_, piece.data(), static_cast<int>(piece.size())) == 1;
  });
  add_rows(rows);
  rows.finish();
  broken_ = false;
  if (PQputCopyEnd(handle_, nullptr) != 1) return failure(nullptr);
  WB_TRY(const ResultPointer done, finish(kPatience));
  return {};
}

bool Connection::hung_up() {
  pollfd one{PQsocket(handle_), POLLIN, 0};
  // What there is to read of an idle connection: its end, and the server's last words before it.
  while (!broken_ && ::poll(&one, 1, 0) > 0) {
    if (PQconsumeInput(handle_) == 0) broken_ = true;
  }
  return broken_;
}

Result<std::vector<std::string>> Connection::heard(std::chrono::milliseconds wait, int wake) {
  pollfd both[] = {{PQsocket(handle_), POLLIN, 0}, {wake, POLLIN, 0}};
  (void)::poll(both, 2, static_cast<int>(wait.count()));
  if (PQconsumeInput(handle_) == 0) return failure(nullptr);
  std::vector<std::string> texts;
  while (PGnotify* one = PQnotifies(handle_)) {
    if (std::string_view(one->relname) == kChannel) texts.emplace_back(one->extra);
    PQfreemem(one);
  }
  return texts;
}

}  // namespace waybill::storage::postgres
