#include <exception>
#include <iostream>

#include "app/commands.h"

int main(int argc, char** argv) {
  using namespace waybill;
  cli::Local local;
  local.serve = app::serve;
  local.validate = app::validate_local;
  local.client_create = app::client_create;
  local.client_list = app::client_list;
  local.client_revoke = app::client_revoke;
  local.client_rotate_secret = app::client_rotate_secret;
  local.key_rotate = app::key_rotate;
  local.backup = app::backup;
  local.migrate = app::migrate;
  local.doctor = app::doctor;
  local.doctor_source = app::doctor_source;
  local.server_url = app::server_url;
  local.settings_table = app::settings_table;
  local.version = WAYBILL_VERSION;
  try {
    return cli::run(argc, argv, local);
  } catch (const std::exception& problem) {
    // Only defects and a machine without memory come here.
    std::cerr << "waybill: unexpected problem: " << problem.what() << '\n';
    return 3;
  }
}
