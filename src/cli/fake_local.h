#pragma once

#include <string>
#include <vector>

#include "cli/local.h"

namespace waybill::cli {

/// A program that only notes what the command line asked of it.
struct FakeLocal {
  LocalArguments served, migrated;
  std::string created_name, created_department, revoked;
  std::vector<std::string> created_scopes;
  LocalValidation result{.status = "Successful", .error = {}};
  std::vector<LocalFinding> findings;
  std::vector<Local::Check> checks;
  std::filesystem::path sarif_file;
  std::string url;
  std::string doctored;  // the data source

  Local local() {
    Local local;
    local.version = "1.2.3";
    local.serve = [this](const LocalArguments& arguments) {
      served = arguments;
      return 0;
    };
    local.validate =
        [this](const std::filesystem::path&, const std::filesystem::path& sarif,
               const std::function<void(const LocalFinding&)>& found,
               const std::function<void(const LocalProgress&)>& progress) -> Result<LocalValidation> {
      sarif_file = sarif;
      for (const LocalFinding& finding : findings) found(finding);
      progress(
          {.operation = "Processing content items", .processed = result.processed, .total = result.total});
      return result;
    };
    local.client_create = [this](const LocalArguments&, const std::string& name,
                                 const std::string& department,
                                 const std::vector<std::string>& scopes) -> Result<LocalClient> {
      created_name = name;
      created_department = department;
      created_scopes = scopes;
      LocalClient client;
      client.id = "client-1";
      client.name = name;
      client.department = department;
      client.secret = "only once";
      client.scopes = scopes;
      return client;
    };
    local.client_list = [](const LocalArguments&) -> Result<std::vector<LocalClient>> {
      return std::vector<LocalClient>();
    };
    local.client_revoke = [this](const LocalArguments&, const std::string& id) -> Result<void> {
      if (id != "client-1") return Error{ErrorCode::not_found, "there is no client " + id};
      revoked = id;
      return {};
    };
    local.client_rotate_secret = [](const LocalArguments&, const std::string& id) -> Result<LocalClient> {
      LocalClient client;
      client.id = id;
      client.secret = "another";
      return client;
    };
    local.key_rotate = [](const LocalArguments&) -> Result<std::string> { return std::string("kid-2"); };
    local.migrate = [this](const LocalArguments& arguments) -> Result<int> {
      migrated = arguments;
      return 2;
    };
    local.doctor = [this](const LocalArguments&) { return checks; };
    local.doctor_source = [this](const LocalArguments&, const std::string& data_source) {
      doctored = data_source;
      return checks;
    };
    local.server_url = [this](const LocalArguments&) -> Result<std::string> { return url; };
    local.settings_table = [] { return std::string("server.listen  address:port\n"); };
    return local;
  }
};

}  // namespace waybill::cli
