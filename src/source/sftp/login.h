#pragma once

#include <optional>

#include "base/result.h"
#include "source/sftp/handles.h"
#include "source/sftp/sftp.h"

namespace waybill::source {

/// Time is Watch's matter: libssh's own limit must not come first. Seconds.
inline constexpr long kNoLimit = 24L * 60 * 60;

/// Logs in on a connection whose host is checked, by what the server offers and we have: the key, then the
/// password, then the password where it asks for it (RFC 4256). Blocks. nullopt where the connection broke
/// off meanwhile. Errors: permission_denied, naming what was tried and what the server offers.
std::optional<Result<void>> log_in(ssh_session ssh, const SftpAddress& address,
                                   const SftpCredentials& credentials, ssh_key key);

}  // namespace waybill::source
