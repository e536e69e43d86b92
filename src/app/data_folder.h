#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "auth/key_sealer.h"
#include "base/files.h"
#include "base/result.h"
#include "base/time.h"
#include "cli/local.h"
#include "config/settings.h"
#include "storage/server_store.h"

namespace waybill::app {

/// Where things lie below the data folder, and what all nodes must see below the shared one.
struct DataPaths {
  explicit DataPaths(const std::filesystem::path& folder) : DataPaths(folder, folder, folder / "incoming") {}
  /// Uploads come in beside where they stay, each node's in a folder of its own.
  explicit DataPaths(const config::Settings::Storage& storage);

  std::filesystem::path root, blobs, uploads, incoming, logs, spool, lock, local_client;

 private:
  DataPaths(const std::filesystem::path& folder, const std::filesystem::path& shared,
            std::filesystem::path incoming_folder)
      : root(folder),
        blobs(shared / "blobs"),
        uploads(shared / "uploads"),
        incoming(std::move(incoming_folder)),
        logs(folder / "logs"),
        spool(folder / "spool"),
        lock(folder / "lock"),
        local_client(folder / "local-client.json") {}
};

/// The settings from file, environment and flags. The file is --config, else WAYBILL_CONFIG.
Result<config::Settings> load_settings(const cli::LocalArguments& arguments);

/// Makes the data folder where it is missing, and opens the store in it.
Result<std::unique_ptr<storage::ServerStore>> open_store(const DataPaths& paths, const Clock& clock);
/// The same, or the database that the settings name. `blobs`: null for those of the folder.
Result<std::unique_ptr<storage::ServerStore>> open_store(const config::Settings& settings,
                                                         const DataPaths& paths, const Clock& clock,
                                                         std::unique_ptr<storage::BlobStore> blobs = nullptr);

/// Holds the data folder for one server; let go when it goes. Errors: conflict (another server has it).
Result<FileDescriptor> lock_data_folder(const DataPaths& paths);

/// Seals signing keys with the store's master key.
class StoreKeySealer final : public auth::KeySealer {
 public:
  explicit StoreKeySealer(const storage::Sealer& sealer) : sealer_(sealer) {}
  Result<std::string> seal(std::string_view plain) override;
  Result<Secret> open(std::string_view sealed) override;

 private:
  const storage::Sealer& sealer_;
};

}  // namespace waybill::app
