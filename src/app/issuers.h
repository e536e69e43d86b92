#pragma once

#include <memory>
#include <vector>

#include "auth/outside_issuers.h"
#include "auth/outside_tokens.h"
#include "base/result.h"
#include "cli/local.h"
#include "config/settings.h"

namespace waybill::app {

/// The issuers of auth.outside_issuers, their documents fetched by HTTP where network.allow lets connections
/// go; not started. Errors: invalid_argument (network.allow).
Result<std::unique_ptr<auth::OutsideIssuers>> make_outside_issuers(const config::Settings& settings,
                                                                   const Clock& clock);
auth::OutsideRules outside_rules(const config::Settings& settings);

/// For `waybill doctor`: whether each issuer's metadata and keys can be had, over TLS, and how its clock
/// differs.
std::vector<cli::Local::Check> check_issuers(const config::Settings& settings);

}  // namespace waybill::app
