#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "cli/local.h"
#include "config/settings.h"
#include "s3/bucket.h"

namespace waybill::app {

/// The server's own keys for buckets: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the
/// environment.
std::optional<s3::Credentials> server_credentials();

/// storage.bucket; null where the settings name none. Shared: blobs and uploads lie in it. Sends nothing yet.
/// Errors: invalid_argument (the URI, the keys that are missing).
Result<std::shared_ptr<s3::Bucket>> open_bucket(const config::Settings& settings);

/// Whether a probe can be put there, read and taken away again. Only where the settings name one.
cli::Local::Check check_bucket(const config::Settings& settings);

}  // namespace waybill::app
