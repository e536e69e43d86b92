#include "storage/sql/clients.h"

#include <gmock/gmock.h>

#include "storage/testing/store_fixture.h"

namespace waybill::storage {
namespace {

class ClientsTest : public StoreTest {
 protected:
  auth::ClientStore& clients() { return store_->clients(); }
  auth::Client client(std::string id) const {
    return {ClientId(std::move(id)), "a name",     kSales, "$argon2id$x",
            {"a.read", "a.manage"},  clock_.now(), {}};
  }
  auth::SigningKey key(std::string kid) const {
    return {std::move(kid), "{}", std::string("\0sealed", 7), clock_.now(), {}};
  }
};

TEST_P(ClientsTest, KeepsAClientAcrossAReopen) {
  ASSERT_TRUE(clients().add(client("c1")).ok());
  reopen();
  const auto read = clients().get(ClientId("c1"));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->name, "a name");
  EXPECT_EQ(read->department, kSales);
  EXPECT_EQ(read->secret_hash, "$argon2id$x");
  EXPECT_THAT(read->scopes, testing::ElementsAre("a.read", "a.manage"));
  EXPECT_EQ(read->created, clock_.now());
  EXPECT_EQ(read->revoked, std::nullopt);
  EXPECT_EQ(clients().add(client("c1")).error().code, ErrorCode::already_exists);
}

TEST_P(ClientsTest, ClientWithoutScopesStaysWithout) {
  auth::Client bare = client("c1");
  bare.scopes.clear();
  ASSERT_TRUE(clients().add(bare).ok());
  EXPECT_TRUE(clients().get(bare.id)->scopes.empty());
}

TEST_P(ClientsTest, RevokesOnceAndChangesSecrets) {
  ASSERT_TRUE(clients().add(client("c1")).ok());
  ASSERT_TRUE(clients().add(client("c2")).ok());
  const Time at = clock_.now();
  ASSERT_TRUE(clients().revoke(ClientId("c1"), at).ok());
  ASSERT_TRUE(clients().revoke(ClientId("c1"), at + std::chrono::hours(1)).ok());
  ASSERT_TRUE(clients().set_secret(ClientId("c2"), "new").ok());
  const auto all = clients().list();
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(0).revoked, at);
  EXPECT_EQ(all->at(1).revoked, std::nullopt);
  EXPECT_EQ(all->at(1).secret_hash, "new");
  EXPECT_EQ(clients().get(ClientId("x")).error().code, ErrorCode::not_found);
  EXPECT_EQ(clients().revoke(ClientId("x"), at).error().code, ErrorCode::not_found);
  EXPECT_EQ(clients().set_secret(ClientId("x"), "s").error().code, ErrorCode::not_found);
}

TEST_P(ClientsTest, RotatesSigningKeys) {
  ASSERT_TRUE(clients().add_key(key("k1")).ok());
  clock_.advance(Milliseconds(1));
  ASSERT_TRUE(clients().add_key(key("k2")).ok());
  EXPECT_EQ(clients().add_key(key("k2")).error().code, ErrorCode::already_exists);
  EXPECT_EQ(clients().retire_others("k3", clock_.now()).error().code, ErrorCode::not_found);
  ASSERT_TRUE(clients().retire_others("k2", clock_.now()).ok());
  reopen();
  const auto keys = clients().keys();
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ(keys->at(0).kid, "k1");
  EXPECT_EQ(keys->at(0).retired, clock_.now());
  EXPECT_EQ(keys->at(0).sealed_private_jwk, std::string("\0sealed", 7));
  EXPECT_EQ(keys->at(1).retired, std::nullopt) << "the key that signs";
  ASSERT_TRUE(clients().remove_key("k1").ok());
  EXPECT_EQ(clients().remove_key("k1").error().code, ErrorCode::not_found);
  EXPECT_EQ(clients().keys()->size(), 1U);
}

WAYBILL_ON_EACH_DATABASE(ClientsTest);

}  // namespace
}  // namespace waybill::storage
