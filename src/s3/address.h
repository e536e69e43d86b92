#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace waybill::s3 {

/// What an s3 URI names.
struct Address {
  std::string bucket;
  std::string key;  // decoded; empty: the whole bucket. Ends with '/' where a folder is meant
  std::string uri;  // as people see it
};

/// s3://bucket/key-or-prefix, percent-decoded. Errors: invalid_argument.
Result<Address> parse_uri(std::string_view uri);

}  // namespace waybill::s3
