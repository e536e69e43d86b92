#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "storage/blob_store.h"
#include "storage/server_store.h"

namespace waybill::storage {

struct PostgresOptions {
  std::string url;  // postgres://user@host/database, or libpq's keywords
  std::size_t connections = 10;
  std::filesystem::path key_file;  // the master key, the same on all nodes; made with a new database
  /// A transaction whose node is silent for so long is rolled back by the server. Not longer than a lease:
  /// what it has locked nobody else can take over.
  Milliseconds abandoned_after{10'000};
  bool follow_database_clock = true;  // false: `clock` is what all go by, as it is (tests)
};

/// Opens the store that many nodes share, and brings its schema up to date. `clock` outlives the store.
/// Errors, each naming the database or the file: unavailable (not reached), permission_denied, not_found (the
/// database, or the key file of an existing one), conflict (a newer program's schema), corrupt (another
/// database's key file), invalid_argument, io.
Result<std::unique_ptr<ServerStore>> open_postgres(const PostgresOptions& options,
                                                   std::unique_ptr<BlobStore> blobs, const Clock& clock);

/// Brings the schema up to date and does nothing else; how many steps it took. Errors: as open_postgres().
Result<int> migrate_postgres(const std::string& url);

}  // namespace waybill::storage
