#include "storage/testing/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

namespace waybill::storage {

namespace {

// The newest that is installed; Debian keeps each version's programs apart.
std::filesystem::path programs() {
  for (int version = 20; version >= 14; --version) {
    std::filesystem::path folder = "/usr/lib/postgresql/" + std::to_string(version) + "/bin";
    if (std::filesystem::exists(folder / "initdb")) return folder;
  }
  return {};
}

/// Whom the server runs as where the tests run as root.
const passwd* other_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  return user != nullptr ? user : ::getpwnam("nobody");
}

bool finish(pid_t process) {
  int status = 0;
  return ::waitpid(process, &status, 0) == process && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

PostgresServer* PostgresServer::shared() {
  static const std::unique_ptr<PostgresServer> server =
      programs().empty() ? nullptr : std::make_unique<PostgresServer>();
  return server.get();
}

PostgresServer::PostgresServer() {
  if (const passwd* user = other_user()) {
    if (::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) throw std::runtime_error("chown");
  }
  const std::string data = folder_.path() / "data";
  if (!finish(launch(programs() / "initdb", {"-D", data, "-U", "waybill", "-A", "trust", "-E", "UTF8",
                                             "--locale=C.UTF-8", "--no-sync", "--no-instructions"}))) {
    throw std::runtime_error("initdb failed: see " + (folder_.path() / "log").string());
  }
  // One user has to show a password.
  std::ofstream(folder_.path() / "data" / "pg_hba.conf")
      << "local all guarded scram-sha-256\nlocal all all trust\n";
  start();
}

PostgresServer::~PostgresServer() {
  stop(SIGINT);
}

pid_t PostgresServer::launch(const std::filesystem::path& program,
                             const std::vector<std::string>& arguments) const {
  std::vector<std::string> texts{program};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  const passwd* user = other_user();
  const std::string log = folder_.path() / "log";
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (user != nullptr &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) {
    ::_exit(126);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // it does not outlive a test that crashes
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, 1);
  ::dup2(out, 2);
  (void)::chdir("/");
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

void PostgresServer::start() {
  server_ =
      launch(programs() / "postgres", {"-D", folder_.path() / "data", "-k", folder_.path(), "-c",
                                       "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=100"});
  constexpr std::chrono::seconds kPatience{60};
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (PQping(url("postgres").c_str()) != PQPING_OK) {
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error("PostgreSQL does not start");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void PostgresServer::stop(int signal) {
  if (server_ <= 0) return;
  ::kill(server_, signal);
  ::waitpid(server_, nullptr, 0);
  server_ = -1;
}

void PostgresServer::restart() {
  stop(SIGQUIT);
  start();
}

std::string PostgresServer::url(const std::string& database, const std::string& user) const {
  return "postgres:///" + database + "?host=" + folder_.path().string() + "&user=" + user;
}

std::string PostgresServer::make_database() {
  if (!free_.empty()) {
    std::string freed = std::move(free_.back());
    free_.pop_back();
    return freed;
  }
  const std::string name = "test_" + std::to_string(++made_);
  run(url("postgres"), "CREATE DATABASE " + name + " STRATEGY file_copy");
  return url(name);
}

void PostgresServer::give_back(const std::string& of) {
  // Much quicker than to drop it and make another.
  run(of, "SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  free_.push_back(of);
}

std::string PostgresServer::run(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(url.c_str()), PQfinish);
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()), PQclear);
  const auto status = PQresultStatus(result.get());
  EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
      << sql << ": " << PQerrorMessage(connection.get());
  if (status != PGRES_TUPLES_OK) return {};
  std::string text;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    if (row > 0) text += '\n';
    text += PQgetvalue(result.get(), row, 0);
  }
  return text;
}

}  // namespace waybill::storage
