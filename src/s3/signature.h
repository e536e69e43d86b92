#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "base/time.h"

namespace waybill::s3 {

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;  // empty: none
};

/// A request as AWS Signature Version 4 sees it.
struct SignedRequest {
  std::string method;
  std::string path;                                          // encoded once, beginning with '/'
  std::vector<std::pair<std::string, std::string>> query;    // not encoded
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case; "host" among them
  std::string payload_hash;                                  // SHA-256 in hex
};

/// Adds x-amz-date, x-amz-content-sha256, x-amz-security-token and authorization (AWS Signature Version 4 for
/// the service "s3": https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
void sign(SignedRequest& request, const Credentials& credentials, std::string_view region, Time now);

/// "prefix=a%20b&x=", sorted and encoded as the signature wants it.
std::string canonical_query(const std::vector<std::pair<std::string, std::string>>& query);

/// "20130524T000000Z"
std::string amz_date(Time time);

}  // namespace waybill::s3
