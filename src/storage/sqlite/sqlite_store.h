#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "base/time.h"
#include "storage/blob_store.h"
#include "storage/server_store.h"

namespace waybill::storage {

/// Opens the store that needs nothing installed. In its folder lie waybill.db (everything), search.db (the
/// full-text index, which can be made again from the first) and master.key (what credentials and signing keys
/// are sealed with: without it, they are lost). Makes what is not there, and brings an older schema up to
/// date. `clock` outlives the store. Errors, each naming the file: conflict (a newer program wrote it),
/// corrupt (a damaged file, or a master.key that does not belong to the database), not_found (master.key is
/// gone, the database is there), permission_denied, no_space, io.
Result<std::unique_ptr<ServerStore>> open_sqlite(const std::filesystem::path& folder,
                                                 std::unique_ptr<BlobStore> blobs, const Clock& clock);

}  // namespace waybill::storage
