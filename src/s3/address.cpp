#include "s3/address.h"

#include <algorithm>

#include "base/text.h"

namespace waybill::s3 {

namespace {

constexpr std::string_view kScheme = "s3://";

}  // namespace

Result<Address> parse_uri(std::string_view uri) {
  const Error wrong{ErrorCode::invalid_argument, "an S3 path must be s3://bucket/key-or-prefix"};
  if (!iequals(uri.substr(0, kScheme.size()), kScheme)) return wrong;
  const std::string_view rest = uri.substr(kScheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  Address address;
  address.bucket = rest.substr(0, slash);
  address.uri = uri;
  constexpr std::size_t kMost = 255;  // 63 at AWS; other stores and old buckets allow more
  constexpr std::string_view kOf = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  if (address.bucket.size() < 3 || address.bucket.size() > kMost ||
      address.bucket.find_first_not_of(kOf) != std::string::npos) {
    return Error{ErrorCode::invalid_argument,
                 "the bucket's name must have 3 to 255 letters, digits, '.', '-' and '_'"};
  }
  const auto key = percent_decode(rest.substr(std::min(slash + 1, rest.size())));
  if (!key || key->find('\0') != std::string::npos || first_invalid_utf8(*key)) {
    return Error{ErrorCode::invalid_argument,
                 "the key after the bucket must be percent-encoded UTF-8 without NUL"};
  }
  address.key = *key;
  return address;
}

}  // namespace waybill::s3
