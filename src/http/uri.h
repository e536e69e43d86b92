#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace waybill::http {

/// Reads request.target into its path and query. Origin form and absolute form (RFC 9112, 3.2). False where
/// it is neither, or a percent-encoding is broken.
bool parse_target(Request& request);

/// Whether it may stand in the field Host (RFC 9110, 7.2); empty is allowed.
bool is_valid_host(std::string_view host);

/// The client's X-Request-Id where it is 1 to 128 visible ASCII characters, otherwise a new one.
std::string accept_request_id(const Headers& headers);

}  // namespace waybill::http
