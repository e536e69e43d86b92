#pragma once

#include "base/result.h"
#include "cli/console.h"
#include "cli/session.h"

namespace waybill::cli {

/// Says what is wrong on the console's error stream, "waybill COMMAND: …". Returns the exit status of a
/// failure on the way to the server or of its refusal (4), of wrong arguments (2), or of Ctrl-C (130).
int fail(const Console& console, std::string_view command, const Error& error);
/// The same for a command that does its work on this machine: 2 for wrong arguments, else 3.
int fail_here(const Console& console, std::string_view command, const Error& error);

/// Opens a session as the arguments and the environment say. Errors: as find_account().
Result<Session> open_session(const SessionArguments& arguments, const Console& console);

}  // namespace waybill::cli
