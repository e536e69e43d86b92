#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"

namespace waybill::storage {

/// A PostgreSQL of this process's own, in a temporary folder, on a socket there; ended with it. As root it is
/// run as another user, for it refuses root.
class PostgresServer {
 public:
  /// The one of this process, started at the first call; null where PostgreSQL is not installed.
  static PostgresServer* shared();

  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// An empty database; how to reach it. Given back, it is emptied for the next.
  std::string make_database();
  void give_back(const std::string& url);
  std::string url(const std::string& database, const std::string& user = "waybill") const;

  /// Ends the server at once, as a crash would, and starts it again.
  void restart();
  /// Statements without values on a database of this server; the first column of its rows, a line each.
  static std::string run(const std::string& url, const std::string& sql);

 private:
  void start();
  void stop(int signal);
  pid_t launch(const std::filesystem::path& program, const std::vector<std::string>& arguments) const;

  TemporaryFolder folder_;
  pid_t server_ = -1;
  int made_ = 0;
  std::vector<std::string> free_;
};

}  // namespace waybill::storage
