#pragma once

#include "auth/client_store.h"
#include "storage/sql/query.h"

namespace waybill::storage::sql {

/// auth::ClientStore on the database. Any thread.
class Clients final : public auth::ClientStore {
 public:
  explicit Clients(Database& database) : database_(database) {}
  Result<void> add(const auth::Client& client) override;
  Result<auth::Client> get(const ClientId& id) override;
  Result<std::vector<auth::Client>> list() override;
  Result<void> revoke(const ClientId& id, Time at) override;
  Result<void> set_secret(const ClientId& id, const std::string& secret_hash) override;

  Result<void> add_key(const auth::SigningKey& key) override;
  Result<std::vector<auth::SigningKey>> keys() override;
  Result<void> retire_others(const std::string& kid, Time at) override;
  Result<void> remove_key(const std::string& kid) override;

 private:
  Database& database_;
};

}  // namespace waybill::storage::sql
