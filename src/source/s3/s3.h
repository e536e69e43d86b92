#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "s3/address.h"
#include "s3/options.h"
#include "source/source.h"

namespace waybill::source {

/// From a request's credentials: accessKeyId with secretAccessKey (+ sessionToken), or accessKey with
/// secretKey. Errors: invalid_argument; no message holds a value.
Result<s3::Credentials> read_s3_credentials(std::string_view json);

/// A package in a bucket (Amazon S3 API Reference): an object whose key ends in .zip, or what lies below a
/// prefix. Nothing is sent before the first call. Its log goes to logs/ at the bucket's top. An object whose
/// ETag changes under way is unavailable. Beside the interface's errors: permission_denied (access denied,
/// address not allowed, certificate), invalid_argument (clock, keys' form), unavailable, timeout.
Result<std::unique_ptr<Source>> open_s3(const s3::Address& address, const s3::Credentials& credentials,
                                        const s3::Options& options);

}  // namespace waybill::source
