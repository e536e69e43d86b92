#include "storage/sql/clients.h"

#include "base/text.h"

namespace waybill::storage::sql {

namespace {

Error no_client(const ClientId& id) {
  return {ErrorCode::not_found, "there is no client " + id.value()};
}
Error no_key(const std::string& kid) {
  return {ErrorCode::not_found, "there is no signing key " + kid};
}

auth::Client read_client(const Query& row) {
  auth::Client client{
      ClientId(row.string(0)), row.string(1), Department(row.string(2)), row.string(3), {}, row.time(5),
      row.optional_time(6)};
  for (const std::string_view scope : split(row.text(4), ' ')) {
    if (!scope.empty()) client.scopes.emplace_back(scope);
  }
  return client;
}

/// `none` where the last statement changed no row.
Result<void> changed(const Connection& writer, const Error& none) {
  if (writer.changes() == 0) return none;
  return {};
}

}  // namespace

Result<void> Clients::add(const auth::Client& client) {
  std::string scopes;
  for (const std::string& scope : client.scopes) scopes += (scopes.empty() ? "" : " ") + scope;
  return database_.write([&](Connection& writer) -> Result<void> {
    Query existing(writer, Sql::get_client, client.id);
    WB_TRY(const bool there, existing.step());
    if (there) return Error{ErrorCode::already_exists, "there is a client " + client.id.value() + " already"};
    return Query(writer, Sql::insert_client, client.id, client.name, client.department, client.secret_hash,
                 scopes, client.created, client.revoked)
        .run();
  });
}

Result<auth::Client> Clients::get(const ClientId& id) {
  return database_.read([&](Connection& reader) -> Result<auth::Client> {
    Query query(reader, Sql::get_client, id);
    WB_TRY(const bool row, query.step());
    if (!row) return no_client(id);
    return read_client(query);
  });
}

Result<std::vector<auth::Client>> Clients::list() {
  return database_.read([](Connection& reader) -> Result<std::vector<auth::Client>> {
    std::vector<auth::Client> clients;
    Query query(reader, Sql::list_clients);
    while (true) {
      WB_TRY(const bool row, query.step());
      if (!row) return clients;
      clients.push_back(read_client(query));
    }
  });
}

Result<void> Clients::revoke(const ClientId& id, Time at) {
  return database_.write([&](Connection& writer) -> Result<void> {
    WB_CHECK_OK(Query(writer, Sql::revoke_client, id, at).run());
    return changed(writer, no_client(id));
  });
}

Result<void> Clients::set_secret(const ClientId& id, const std::string& secret_hash) {
  return database_.write([&](Connection& writer) -> Result<void> {
    WB_CHECK_OK(Query(writer, Sql::set_client_secret, id, secret_hash).run());
    return changed(writer, no_client(id));
  });
}

Result<void> Clients::add_key(const auth::SigningKey& key) {
  return database_.write([&](Connection& writer) -> Result<void> {
    Query existing(writer, Sql::find_signing_key, key.kid);
    WB_TRY(const bool there, existing.step());
    if (there) return Error{ErrorCode::already_exists, "there is a signing key " + key.kid + " already"};
    return Query(writer, Sql::insert_signing_key, key.kid, key.public_jwk, Blob{key.sealed_private_jwk},
                 key.created, key.retired)
        .run();
  });
}

Result<std::vector<auth::SigningKey>> Clients::keys() {
  return database_.read([](Connection& reader) -> Result<std::vector<auth::SigningKey>> {
    std::vector<auth::SigningKey> keys;
    Query query(reader, Sql::list_signing_keys);
    while (true) {
      WB_TRY(const bool row, query.step());
      if (!row) return keys;
      keys.push_back(
          {query.string(0), query.string(1), query.string(2), query.time(3), query.optional_time(4)});
    }
  });
}

Result<void> Clients::retire_others(const std::string& kid, Time at) {
  return database_.write([&](Connection& writer) -> Result<void> {
    // Without the key that stays, all would be retired and nothing could sign.
    Query existing(writer, Sql::find_signing_key, kid);
    WB_TRY(const bool there, existing.step());
    if (!there) return no_key(kid);
    return Query(writer, Sql::retire_other_keys, kid, at).run();
  });
}

Result<void> Clients::remove_key(const std::string& kid) {
  return database_.write([&](Connection& writer) -> Result<void> {
    WB_CHECK_OK(Query(writer, Sql::delete_signing_key, kid).run());
    return changed(writer, no_key(kid));
  });
}

}  // namespace waybill::storage::sql
