#pragma once

#include <string>

#include "cli/console.h"
#include "cli/job_client.h"

namespace waybill::cli {

/// Follows a job that was just submitted and prints its result with the first findings. Returns the exit
/// status. `command`: for messages.
int follow_to_result(JobClient& client, const std::string& job, const Console& console, bool json,
                     std::string_view command);

}  // namespace waybill::cli
