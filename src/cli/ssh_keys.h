#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace waybill::cli {

/// Private key files of the user's SSH folder, best first: those whose public half the agent holds, then the
/// usual names as ssh(1) tries them (id_ed25519, id_ecdsa, id_rsa). `agent_socket` empty: no agent is asked.
/// Files that are not there are left out. An agent that does not answer is taken as one that holds nothing.
std::vector<std::filesystem::path> ssh_key_files(const std::filesystem::path& ssh_folder,
                                                 const std::filesystem::path& agent_socket);

/// True where the key is of no use without its passphrase: "ENCRYPTED" in PEM (RFC 1421, PKCS #8), or a
/// cipher other than "none" in OpenSSH's own format (PROTOCOL.key).
bool is_encrypted_key(std::string_view key);

/// The public keys that an agent holds, as in the second field of a .pub file (base64). Errors: unavailable,
/// corrupt.
Result<std::vector<std::string>> agent_keys(const std::filesystem::path& agent_socket);

}  // namespace waybill::cli
