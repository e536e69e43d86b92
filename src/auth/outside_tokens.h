#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "auth/caller.h"
#include "auth/outside_issuers.h"

namespace waybill::auth {

/// What a token of an outside issuer must say, and what it means here.
struct OutsideRules {
  std::string audience;
  std::vector<Algorithm> algorithms = {Algorithm::rs256, Algorithm::ps256, Algorithm::es256,
                                       Algorithm::eddsa};
  std::vector<std::string> scope_prefixes;
  std::string department_claim = "department";
  /// The department by the claim's value; empty: the value is the department.
  std::map<std::string, std::string, std::less<>> departments;
};

/// Checks an access token (RFC 7519, RFC 8725; RFC 9068 where the issuer follows it) but for its times, of an
/// issuer that is known. An ID token is none: docs/decisions/0010. The caller's client is "CLIENT@ISSUER", so
/// that it is never taken for one of the embedded issuer or of another. `keys` are those of the issuer that
/// the token names, null where they cannot be had. Pure.
TokenCheck check_outside_token(std::string_view token, const boost::json::object& header,
                               const boost::json::object& claims, const PublishedKeys* keys,
                               const OutsideRules& rules);

}  // namespace waybill::auth
