#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "source/sftp/handles.h"

namespace waybill::source {

/// True where `key` is a private key as far as its first lines tell, and comes with a passphrase where it is
/// encrypted. Quick: nothing is decrypted. Errors: invalid_argument.
Result<void> check_private_key_form(const Secret& key, bool has_passphrase);

/// Reads the key; one with a passphrase takes the fraction of a second that its format asks for. Errors:
/// invalid_argument, telling a wrong passphrase from a key that cannot be read.
Result<OwnedKey> read_private_key(const Secret& key, const Secret& passphrase);

}  // namespace waybill::source
