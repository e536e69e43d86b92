#pragma once

#include <filesystem>
#include <memory>

#include "auth/client_store.h"
#include "base/result.h"
#include "base/time.h"
#include "storage/blob_store.h"
#include "storage/sealer.h"
#include "storage/store.h"

namespace waybill::storage::sqlite {

/// The store that needs nothing installed. In its folder lie waybill.db (everything), search.db (the
/// full-text index, which can be made again from the first) and master.key (what credentials and signing keys
/// are sealed with: without it, they are lost). Any thread.
class SqliteStore : public Store {
 public:
  virtual auth::ClientStore& clients() = 0;
  /// Reads the whole database and looks for damage, unless it is larger than `most_bytes`: then true is
  /// returned at once, for "not looked at". Errors: corrupt, io.
  virtual Result<bool> look_for_damage(std::uint64_t most_bytes) = 0;
  /// Seals with master.key. Lives as long as the store.
  virtual const Sealer& sealer() const = 0;
};

}  // namespace waybill::storage::sqlite

namespace waybill::storage {

/// Opens the store in `folder`, makes what is not there, and brings an older schema up to date. `clock`
/// outlives the store. Errors, each naming the file: conflict (a newer program wrote it), corrupt (a damaged
/// file, or a master.key that does not belong to the database), not_found (master.key is gone, the database
/// is there), permission_denied, no_space, io.
Result<std::unique_ptr<sqlite::SqliteStore>> open_sqlite(const std::filesystem::path& folder,
                                                         std::unique_ptr<BlobStore> blobs,
                                                         const Clock& clock);

}  // namespace waybill::storage
