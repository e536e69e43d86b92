#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "api/error.h"
#include "api/operation.h"
#include "api/services.h"
#include "auth/tokens.h"
#include "http/message.h"
#include "http/server.h"

namespace waybill::api {

/// What the gate learnt from a request's head.
struct Admitted {
  std::shared_ptr<const auth::Caller> caller;  // null where Access::open
  std::string_view media_type;
};

/// The order of checks, the same for every operation: token (401-101), scope (403-197), Accept-Language and
/// Accept (406-100), query parameters (400-101, 400-152, 400-112), department (412-100), the body's type
/// (415-100). `unknown_key` is set where the token's key is not known, so that it may be read anew.
Outcome<Admitted> admit(const Services& services, const Operation& operation, const http::Request& request,
                        bool* unknown_key = nullptr);

/// The operation as a route behind the gate.
http::Route guarded_route(const Services& services, Operation operation);

// For the operations behind the gate.

/// The value of a query parameter; nullopt where it is absent.
std::optional<std::string_view> parameter(const http::Request& request, std::string_view name);
/// `limit`, from 1 to `most`. 400-152 otherwise.
Outcome<std::size_t> read_limit(const http::Request& request, std::size_t usual, std::size_t most);
/// A whole number of 0 to `most`; `usual` where absent. 400-152 otherwise.
Outcome<std::int64_t> read_number(const http::Request& request, std::string_view name, std::int64_t usual,
                                  std::int64_t most);

/// True where the caller may know of the department's jobs.
bool may_see(const auth::Caller& caller, const Department& department);
/// The job that the first {…} of the path names. 404-100 where it is no job id, not there, or another
/// department's: all alike.
Outcome<jobs::Job> find_job(const Services& services, const Call& call);

/// A domain error for the client; the operator's log gets the whole.
ApiError fault(const Services& services, const http::Request& request, const Error& error);

}  // namespace waybill::api
