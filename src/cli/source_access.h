#pragma once

#include <boost/json/fwd.hpp>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/arguments.h"
#include "cli/console.h"

namespace waybill::cli {

/// The `dataSource` of a request for a package at a URI, with the credentials that open it:
/// s3://    AWS_ACCESS_KEY_ID and its kin, else the profile in AWS's files, else asked for; where none are
///          given, none are sent: the server may have its own
/// sftp://  the user of --user, of the URI, or this one; the key of --identity, else a password from
///          --password-file, else the agent's or the usual key files of ~/.ssh, else a password asked for
/// What is asked for is not echoed. Errors: invalid_argument (names the option that would help), not_found,
/// permission_denied.
Result<boost::json::object> data_source(const std::string& uri, const SourceArguments& arguments,
                                        const Console& console);

/// file:// and the absolute path, as a request names a package that the server reads itself.
std::string file_uri(const std::filesystem::path& path);

/// Credentials leave this machine through TLS alone. Errors: invalid_argument.
Result<void> check_way(std::string_view server, const boost::json::object& source);

}  // namespace waybill::cli
