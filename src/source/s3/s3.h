#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_client.h"
#include "net/retry.h"
#include "source/s3/signature.h"
#include "source/source.h"

namespace waybill::source {

/// What an s3 URI names.
struct S3Address {
  std::string bucket;
  std::string key;  // decoded; empty: the whole bucket. Ends with '/' where a folder is meant
  std::string uri;  // as people see it
};

/// s3://bucket/key-or-prefix, percent-decoded. Errors: invalid_argument.
Result<S3Address> parse_s3_uri(std::string_view uri);

/// From a request's credentials: accessKeyId with secretAccessKey (+ sessionToken), or accessKey with
/// secretKey. Errors: invalid_argument; no message holds a value.
Result<S3Credentials> read_s3_credentials(std::string_view json);

struct S3Options {
  net::HttpOptions http;
  std::string endpoint;  // http(s)://host[:port] of a compatible store, path style; empty: AWS's own
  std::string region = "us-east-1";
  int connections = 8;       // that are worth having at once
  net::Retry::Limits retry;  // of throttled and broken requests without progress between them
};

/// A package in a bucket (Amazon S3 API Reference): an object whose key ends in .zip, or what lies below a
/// prefix. Nothing is sent before the first call. Its log goes to logs/ at the bucket's top. An object whose
/// ETag changes under way is unavailable. Beside the interface's errors: permission_denied (access denied,
/// address not allowed, certificate), invalid_argument (clock, keys' form), unavailable, timeout.
Result<std::unique_ptr<Source>> open_s3(const S3Address& address, const S3Credentials& credentials,
                                        const S3Options& options);

}  // namespace waybill::source
