#include "cli/failure.h"

#include <ostream>

#include "cli/exit_status.h"

namespace waybill::cli {

namespace {

void say(const Console& console, std::string_view command, const Error& error) {
  console.err << "waybill " << command << ": " << error.message << std::endl;
}

}  // namespace

int fail(const Console& console, std::string_view command, const Error& error) {
  say(console, command, error);
  if (error.code == ErrorCode::invalid_argument) return kUsage;
  return error.code == ErrorCode::cancelled ? kInterrupted : kRefused;
}

int fail_here(const Console& console, std::string_view command, const Error& error) {
  say(console, command, error);
  if (error.code == ErrorCode::invalid_argument || error.code == ErrorCode::not_found) return kUsage;
  return error.code == ErrorCode::cancelled ? kInterrupted : kJobFailed;
}

Result<Session> open_session(const SessionArguments& arguments, const Console& console) {
  WB_TRY(Account account, find_account(arguments, console));
  return Session(std::move(account), arguments.ca_file);
}

}  // namespace waybill::cli
