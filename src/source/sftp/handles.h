#pragma once

#include <libssh/libssh.h>
#include <libssh/sftp.h>

#include <memory>
#include <type_traits>

#include "base/free_with.h"

namespace waybill::source {

// libssh's handles, freed when they go.

template <typename Handle, auto Free>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, FreeWith<Free>>;

using OwnedKey = Owned<ssh_key, ssh_key_free>;
using OwnedSsh = Owned<ssh_session, ssh_free>;
using OwnedSftp = Owned<sftp_session, sftp_free>;
using OwnedFile = Owned<sftp_file, sftp_close>;
using OwnedFolder = Owned<sftp_dir, sftp_closedir>;
using OwnedAttributes = Owned<sftp_attributes, sftp_attributes_free>;
using OwnedVolume = Owned<sftp_statvfs_t, sftp_statvfs_free>;
using OwnedText = Owned<char*, ssh_string_free_char>;

}  // namespace waybill::source
