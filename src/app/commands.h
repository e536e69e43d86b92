#pragma once

#include "cli/local.h"

namespace waybill::app {

// What cli::Local is filled with; see there.

int serve(const cli::LocalArguments& arguments);

Result<cli::LocalValidation> validate_local(const std::filesystem::path& package,
                                            const std::filesystem::path& sarif,
                                            const std::function<void(const cli::LocalFinding&)>& found,
                                            const std::function<void(const cli::LocalProgress&)>& progress);

Result<cli::LocalClient> client_create(const cli::LocalArguments& arguments, const std::string& name,
                                       const std::string& department, const std::vector<std::string>& scopes);
Result<std::vector<cli::LocalClient>> client_list(const cli::LocalArguments& arguments);
Result<void> client_revoke(const cli::LocalArguments& arguments, const std::string& id);
Result<cli::LocalClient> client_rotate_secret(const cli::LocalArguments& arguments, const std::string& id);
Result<std::string> key_rotate(const cli::LocalArguments& arguments);
Result<int> migrate(const cli::LocalArguments& arguments);

Result<cli::LocalBackup> backup(const cli::LocalArguments& arguments, const std::filesystem::path& target);

std::vector<cli::Local::Check> doctor(const cli::LocalArguments& arguments);
std::vector<cli::Local::Check> doctor_source(const cli::LocalArguments& arguments,
                                             const std::string& data_source);
Result<std::string> server_url(const cli::LocalArguments& arguments);
std::string settings_table();

}  // namespace waybill::app
