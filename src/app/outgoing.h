#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "config/settings.h"
#include "net/http_client.h"

namespace waybill::app {

/// How Waybill's own HTTP requests go out: what network.* says, trusting the authorities of `ca_file` where
/// it is not empty. Errors: invalid_argument (network.allow).
Result<net::HttpOptions> outgoing_http(const config::Settings& settings,
                                       const std::filesystem::path& ca_file);

/// "5 s ahead", "90 s behind", to the second; empty where the clocks are the same.
std::string clock_difference(Milliseconds ahead);

}  // namespace waybill::app
