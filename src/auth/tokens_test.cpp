#include "auth/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "auth/memory_client_store.h"
#include "auth/scopes.h"
#include "base/text.h"

namespace waybill::auth {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const Time kNow = *parse_time("2024-03-01T10:00:00.000Z");

class Tokens : public ::testing::Test {
 protected:
  void SetUp() override {
    client.id = ClientId("wb-1");
    client.department = Department("sales");
    ASSERT_TRUE(store.add(client).ok());
    issuer.set_url("http://issuer.example");
    ASSERT_TRUE(issuer.start().ok());
  }
  std::string issue() { return issuer.issue(client, {std::string(kReadScope)})->token; }

  static json::object part(const std::string& token, std::size_t index) {
    return json::parse(*base64_decode(split(token, '.')[index])).as_object();
  }
  /// A token signed with the issuer's own key, of the claims given.
  std::string signed_claims(const json::object& claims, const std::string& typ = "at+jwt") {
    return *issuer.ring()->signer->sign(json::serialize(claims), typ);
  }

  FakeClock clock{kNow};
  MemoryClientStore store;
  MarkSealer sealer;
  Client client;
  Issuer issuer{IssuerOptions{}, store, sealer, clock};
  TokenChecker checker{issuer};
};

TEST_F(Tokens, CarryTheClaimsOfTheContract) {
  const std::string token = issue();
  const auto header = part(token, 0);
  EXPECT_EQ(header.at("alg"), "ES256");
  EXPECT_EQ(header.at("typ"), "at+jwt");
  const auto claims = part(token, 1);
  for (const char* name :
       {"iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "department"}) {
    EXPECT_TRUE(claims.contains(name)) << name;
  }
  EXPECT_EQ(claims.at("exp").as_int64() - claims.at("iat").as_int64(), 3600);
  EXPECT_EQ(claims.at("department"), "sales");
}

TEST_F(Tokens, AGoodTokenSaysWhoCalls) {
  const auto checked = checker.check(issue());
  ASSERT_TRUE(checked.caller) << checked.message;
  EXPECT_EQ(checked.caller->client, ClientId("wb-1"));
  EXPECT_EQ(checked.caller->department, Department("sales"));
  EXPECT_TRUE(has_scope(checked.caller->scopes, kReadScope));
  EXPECT_FALSE(checked.caller->admin());
}

TEST_F(Tokens, ExpireAfterTheirLifeAndTheLeeway) {
  const std::string token = issue();
  ASSERT_TRUE(checker.check(token).caller);
  clock.advance(1h + 59s);
  EXPECT_TRUE(checker.check(token).caller);
  clock.advance(1s);
  EXPECT_EQ(checker.check(token).fault, TokenFault::expired);
  EXPECT_FALSE(checker.check(token).caller);
}

TEST_F(Tokens, AreNotGoodBeforeTheirTime) {
  const std::string token = issue();
  clock.set_wall(kNow - 61s);
  EXPECT_EQ(checker.check(token).fault, TokenFault::not_yet_valid);
}

TEST_F(Tokens, AChangedByteOfAnyPartIsRefused) {
  const std::string token = issue();
  for (std::size_t i = 0; i < token.size(); i += 7) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (changed == token) continue;
    EXPECT_FALSE(checker.check(changed).caller) << "byte " << i;
  }
}

TEST_F(Tokens, NoneAndHmacAreRefused) {
  const std::string payload(split(issue(), '.')[1]);
  const std::string kid = issuer.ring()->signer->kid();
  for (const char* alg : {"none", "None", "HS256", "RS256", "ES384"}) {
    const auto header = json::serialize(json::object{{"alg", alg}, {"typ", "at+jwt"}, {"kid", kid}});
    EXPECT_FALSE(checker.check(base64url_encode(header) + "." + payload + ".").caller) << alg;
    EXPECT_FALSE(
        checker.check(base64url_encode(header) + "." + payload + "." + base64url_encode(std::string(64, 'x')))
            .caller)
        << alg;
  }
}

TEST_F(Tokens, AnotherIssuerAudienceOrTypeIsRefused) {
  auto claims = part(issue(), 1);
  EXPECT_TRUE(checker.check(signed_claims(claims)).caller);
  EXPECT_FALSE(checker.check(signed_claims(claims, "JWT")).caller);
  auto other = claims;
  other["iss"] = "http://elsewhere.example";
  EXPECT_EQ(checker.check(signed_claims(other)).fault, TokenFault::issuer);
  other = claims;
  other["aud"] = json::array{"somebody"};
  EXPECT_EQ(checker.check(signed_claims(other)).fault, TokenFault::audience);
  other["aud"] = json::array{"somebody", "waybill"};
  EXPECT_TRUE(checker.check(signed_claims(other)).caller);
  other.erase("exp");
  EXPECT_FALSE(checker.check(signed_claims(other)).caller);
}

TEST_F(Tokens, GarbageAndGiantsAreRefused) {
  for (const std::string& token : {std::string(), std::string("a"), std::string("a.b"), std::string("..."),
                                   std::string("a.b.c"), std::string("=.=.="), std::string(9000, 'a')}) {
    const auto checked = checker.check(token);
    EXPECT_FALSE(checked.caller);
    EXPECT_EQ(checked.fault, TokenFault::malformed);
  }
}

TEST_F(Tokens, OfARevokedClientStopWorking) {
  const std::string token = issue();
  ASSERT_TRUE(checker.check(token).caller);
  ASSERT_TRUE(store.revoke(client.id, kNow).ok());
  ASSERT_TRUE(issuer.refresh().ok());
  EXPECT_EQ(checker.check(token).fault, TokenFault::revoked);
}

TEST_F(Tokens, OutliveARotationOfTheKey) {
  const std::string old = issue();
  const std::string old_kid = issuer.ring()->signer->kid();
  ASSERT_TRUE(rotate_key(store, sealer, clock.now()).ok());
  ASSERT_TRUE(issuer.refresh().ok());
  EXPECT_NE(issuer.ring()->signer->kid(), old_kid);
  TokenChecker fresh(issuer);
  EXPECT_TRUE(fresh.check(old).caller);
  EXPECT_TRUE(fresh.check(issue()).caller);
  EXPECT_THAT(issuer.ring()->jwks, ::testing::HasSubstr(old_kid));

  clock.advance(2h);
  ASSERT_TRUE(issuer.refresh().ok());
  EXPECT_THAT(issuer.ring()->jwks, ::testing::Not(::testing::HasSubstr(old_kid)));
  EXPECT_EQ(store.keys()->size(), 1U);
}

TEST_F(Tokens, AreSignedByANewKeyOnceAllProcessesHavePublishedIt) {
  IssuerOptions options;
  options.publish_ahead = 30s;
  Issuer node(options, store, sealer, clock);
  ASSERT_TRUE(node.start().ok());
  const std::string old_kid = node.ring()->signer->kid();
  clock.advance(1h);
  const std::string kid = *rotate_key(store, sealer, clock.now());
  ASSERT_TRUE(node.refresh().ok());
  EXPECT_EQ(node.ring()->signer->kid(), old_kid);
  EXPECT_THAT(node.ring()->jwks, ::testing::HasSubstr(kid)) << "it is published at once";
  clock.advance(20s);
  // Once more before it has signed anything: each has its own time.
  const std::string next_kid = *rotate_key(store, sealer, clock.now());
  clock.advance(10s);
  ASSERT_TRUE(node.refresh().ok());
  EXPECT_EQ(node.ring()->signer->kid(), kid);
  Issuer started(options, store, sealer, clock);
  ASSERT_TRUE(started.start().ok());
  EXPECT_EQ(started.ring()->signer->kid(), kid) << "a node that starts now signs with no other";
  clock.advance(20s);
  ASSERT_TRUE(node.refresh().ok());
  EXPECT_EQ(node.ring()->signer->kid(), next_kid);
}

TEST_F(Tokens, AreSignedByTheFirstKeyWhereANewOneComesAtOnce) {
  IssuerOptions options;
  options.publish_ahead = 30s;
  const std::string first_kid = issuer.ring()->signer->kid();
  clock.advance(1s);
  ASSERT_TRUE(rotate_key(store, sealer, clock.now()).ok());
  Issuer node(options, store, sealer, clock);
  ASSERT_TRUE(node.start().ok());
  EXPECT_EQ(node.ring()->signer->kid(), first_kid);
}

TEST_F(Tokens, OfAKeyMadeElsewhereAreKnownAfterARefresh) {
  MarkSealer other_sealer;
  Issuer other(IssuerOptions{}, store, other_sealer, clock);
  clock.advance(1s);
  ASSERT_TRUE(rotate_key(store, sealer, clock.now()).ok());
  other.set_url("http://issuer.example");
  ASSERT_TRUE(other.start().ok());
  const std::string token = other.issue(client, {})->token;
  EXPECT_EQ(checker.check(token).fault, TokenFault::unknown_key);
  EXPECT_TRUE(issuer.refresh_for_unknown_key());
  EXPECT_TRUE(checker.check(token).caller);
  EXPECT_FALSE(issuer.refresh_for_unknown_key()) << "asked again within five seconds";
}

TEST_F(Tokens, TheSameKeySignsAfterARestart) {
  const std::string token = issue();
  Issuer again(IssuerOptions{}, store, sealer, clock);
  again.set_url("http://issuer.example");
  ASSERT_TRUE(again.start().ok());
  TokenChecker fresh(again);
  EXPECT_TRUE(fresh.check(token).caller);
  EXPECT_EQ(store.keys()->size(), 1U);
}

TEST_F(Tokens, ThePrivateKeyIsSealedAndNeverPublished) {
  const auto keys = *store.keys();
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_TRUE(keys[0].sealed_private_jwk.starts_with("sealed:"));
  EXPECT_EQ(json::parse(issuer.ring()->jwks).at("keys").as_array().at(0).as_object().contains("d"), false);
  EXPECT_FALSE(json::parse(keys[0].public_jwk).as_object().contains("d"));
}

TEST_F(Tokens, MetadataNamesTheEndpoints) {
  const auto metadata = json::parse(issuer.metadata()).as_object();
  EXPECT_EQ(metadata.at("issuer"), "http://issuer.example");
  EXPECT_EQ(metadata.at("token_endpoint"), "http://issuer.example/oauth2/v2.0/token");
  EXPECT_EQ(metadata.at("jwks_uri"), "http://issuer.example/.well-known/jwks.json");
  EXPECT_EQ(metadata.at("grant_types_supported"), json::array{"client_credentials"});
}

}  // namespace
}  // namespace waybill::auth
