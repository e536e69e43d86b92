#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "source/source.h"

namespace waybill::source {

/// The path of a file URI (RFC 8089): file:///path, file://localhost/path and file:/path, percent-decoded.
/// Errors: invalid_argument (another scheme or host, a query or fragment, a broken %, NUL).
Result<std::filesystem::path> parse_file_uri(std::string_view uri);

/// A package on a mounted share: a file or folder below one of the roots that the operator allows
/// (sources.file_roots), where it lies once every link is resolved. From then on no link is followed, so one
/// that is swapped in later leads nowhere. Its log goes to `logs/` in the folder that holds the package, or
/// inside the package's folder where that is itself a root. What lies outside the roots is
/// permission_denied whether it is there or not. Errors: invalid_argument (the URI, a special file),
/// permission_denied, not_found, io.
Result<std::unique_ptr<Source>> open_share(const std::string& uri,
                                           const std::vector<std::filesystem::path>& allowed_roots);

/// A package that the user of this machine names by its path, for work without a server: no roots, and no log
/// is put beside it. Errors: not_found, permission_denied, invalid_argument (a special file), io.
Result<std::unique_ptr<Source>> open_local(const std::filesystem::path& path);

}  // namespace waybill::source
