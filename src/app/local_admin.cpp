// Clients and keys, directly in the data folder: also beside a running server, which notices.

#include "app/commands.h"
#include "app/data_folder.h"
#include "auth/clients.h"
#include "auth/issuer.h"
#include "storage/postgres/postgres_store.h"

namespace waybill::app {

namespace {

struct Opened {
  std::unique_ptr<storage::ServerStore> store;
};

Result<Opened> open(const cli::LocalArguments& arguments) {
  WB_TRY(const auto settings, load_settings(arguments));
  WB_TRY(auto store, open_store(settings, DataPaths(settings.storage), system_clock()));
  return Opened{std::move(store)};
}

cli::LocalClient shown(const auth::Client& client) {
  cli::LocalClient row;
  row.id = client.id.value();
  row.name = client.name;
  row.department = client.department.value();
  row.created = format_time(client.created);
  if (client.revoked) row.revoked = format_time(*client.revoked);
  row.scopes = client.scopes;
  return row;
}

}  // namespace

Result<cli::LocalClient> client_create(const cli::LocalArguments& arguments, const std::string& name,
                                       const std::string& department,
                                       const std::vector<std::string>& scopes) {
  WB_TRY(const auto opened, open(arguments));
  WB_TRY(const auto made, auth::make_client(name, department, scopes, system_clock().now()));
  WB_CHECK_OK(opened.store->clients().add(made.client));
  auto row = shown(made.client);
  row.secret = std::string(made.secret.reveal());
  return row;
}

Result<std::vector<cli::LocalClient>> client_list(const cli::LocalArguments& arguments) {
  WB_TRY(const auto opened, open(arguments));
  WB_TRY(const auto clients, opened.store->clients().list());
  std::vector<cli::LocalClient> rows;
  rows.reserve(clients.size());
  for (const auto& client : clients) rows.push_back(shown(client));
  return rows;
}

Result<void> client_revoke(const cli::LocalArguments& arguments, const std::string& id) {
  WB_TRY(const auto opened, open(arguments));
  return opened.store->clients().revoke(ClientId(id), system_clock().now());
}

Result<cli::LocalClient> client_rotate_secret(const cli::LocalArguments& arguments, const std::string& id) {
  WB_TRY(const auto opened, open(arguments));
  WB_TRY(const auto client, opened.store->clients().get(ClientId(id)));
  WB_TRY(const auto fresh, auth::make_secret());
  WB_CHECK_OK(opened.store->clients().set_secret(client.id, fresh.hash));
  auto row = shown(client);
  row.secret = std::string(fresh.secret.reveal());
  return row;
}

Result<int> migrate(const cli::LocalArguments& arguments) {
  WB_TRY(const auto settings, load_settings(arguments));
  if (!settings.storage.database.empty()) return storage::migrate_postgres(settings.storage.database);
  // SQLite's is brought up to date wherever it is opened.
  WB_CHECK_OK(open_store(DataPaths(settings.storage), system_clock()));
  return 0;
}

Result<std::string> key_rotate(const cli::LocalArguments& arguments) {
  WB_TRY(const auto opened, open(arguments));
  StoreKeySealer sealer(opened.store->sealer());
  return auth::rotate_key(opened.store->clients(), sealer, system_clock().now());
}

}  // namespace waybill::app
