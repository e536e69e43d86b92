#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "cli/console.h"

namespace waybill::cli {

/// Keys and region as AWS's own tools find them.
struct AwsProfile {
  std::string access_key_id;  // empty: no keys were found
  Secret secret_access_key;
  Secret session_token;
  std::string region;
};

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, unless `profile` is given; else that
/// profile (AWS_PROFILE, "default") in AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials) and AWS_CONFIG_FILE
/// (~/.aws/config). The region: AWS_REGION, AWS_DEFAULT_REGION, the profile's. Errors: not_found (a profile
/// that was asked for by name), invalid_argument (half a pair of keys; a profile whose keys another program
/// makes).
Result<AwsProfile> find_aws_profile(const std::string& profile, const Console& console);

}  // namespace waybill::cli
