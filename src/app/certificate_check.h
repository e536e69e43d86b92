#pragma once

#include <filesystem>

#include "base/time.h"
#include "cli/local.h"

namespace waybill::app {

/// Whether the server's certificate and private key (PEM) belong together, and how long the certificate is
/// good.
cli::Local::Check check_certificate(const std::filesystem::path& certificate,
                                    const std::filesystem::path& private_key, Time now);

}  // namespace waybill::app
