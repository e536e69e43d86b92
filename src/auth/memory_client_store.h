#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "auth/client_store.h"
#include "auth/key_sealer.h"

namespace waybill::auth {

/// For tests: clients and keys in memory. Any thread.
class MemoryClientStore final : public ClientStore {
 public:
  Result<void> add(const Client& client) override {
    const std::lock_guard lock(mutex_);
    if (find(client.id) != nullptr) return Error{ErrorCode::already_exists, "The client is there already."};
    clients_.push_back(client);
    return {};
  }
  Result<Client> get(const ClientId& id) override {
    const std::lock_guard lock(mutex_);
    const Client* found = find(id);
    if (found == nullptr) return Error{ErrorCode::not_found, "There is no such client."};
    return *found;
  }
  Result<std::vector<Client>> list() override {
    const std::lock_guard lock(mutex_);
    return clients_;
  }
  Result<void> revoke(const ClientId& id, Time at) override {
    const std::lock_guard lock(mutex_);
    Client* found = find(id);
    if (found == nullptr) return Error{ErrorCode::not_found, "There is no such client."};
    found->revoked = at;
    return {};
  }
  Result<void> set_secret(const ClientId& id, const std::string& secret_hash) override {
    const std::lock_guard lock(mutex_);
    Client* found = find(id);
    if (found == nullptr) return Error{ErrorCode::not_found, "There is no such client."};
    found->secret_hash = secret_hash;
    return {};
  }
  Result<void> add_key(const SigningKey& key) override {
    const std::lock_guard lock(mutex_);
    keys_.push_back(key);
    return {};
  }
  Result<std::vector<SigningKey>> keys() override {
    const std::lock_guard lock(mutex_);
    return keys_;
  }
  Result<void> retire_others(const std::string& kid, Time at) override {
    const std::lock_guard lock(mutex_);
    for (auto& key : keys_) {
      if (key.kid != kid && !key.retired) key.retired = at;
    }
    return {};
  }
  Result<void> remove_key(const std::string& kid) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(keys_, [&](const SigningKey& key) { return key.kid == kid; });
    return {};
  }

 private:
  Client* find(const ClientId& id) {
    const auto found =
        std::find_if(clients_.begin(), clients_.end(), [&](const Client& client) { return client.id == id; });
    return found == clients_.end() ? nullptr : &*found;
  }

  std::mutex mutex_;
  std::vector<Client> clients_;
  std::vector<SigningKey> keys_;
};

/// For tests: "seals" by a mark in front, so that a test sees what was and was not sealed.
class MarkSealer final : public KeySealer {
 public:
  Result<std::string> seal(std::string_view plain) override { return "sealed:" + std::string(plain); }
  Result<Secret> open(std::string_view sealed) override {
    if (!sealed.starts_with("sealed:")) return Error{ErrorCode::corrupt, "Not sealed with this key."};
    return Secret(std::string(sealed.substr(7)));
  }
};

}  // namespace waybill::auth
