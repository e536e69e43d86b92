#include "auth/outside_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <boost/json.hpp>

#include "auth/issuer.h"
#include "auth/memory_client_store.h"
#include "auth/scopes.h"
#include "auth/tokens.h"
#include "base/text.h"

namespace waybill::auth {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const Time kNow = *parse_time("2024-03-01T10:00:00.000Z");
constexpr std::int64_t kNowSeconds = 1'709'287'200;
const std::string kIssuer = "https://login.example.com/realm";
const std::string kOther = "https://other.example.com";

std::string bn(EVP_PKEY* key, const char* name, std::size_t least = 0) {
  BIGNUM* number = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key, name, &number), 1);
  std::string bytes(std::max(least, static_cast<std::size_t>(BN_num_bytes(number))), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  BN_free(number);
  return base64url_encode(bytes);
}

/// A key pair of an outside issuer: signs as that issuer would.
struct Pair {
  std::shared_ptr<EVP_PKEY> key;
  json::object jwk;

  static Pair rsa(const std::string& kid, const char* alg = nullptr, unsigned bits = 2048) {
    Pair pair{{EVP_RSA_gen(bits), EVP_PKEY_free}, {{"kty", "RSA"}, {"kid", kid}, {"use", "sig"}}};
    pair.jwk["n"] = bn(pair.key.get(), OSSL_PKEY_PARAM_RSA_N);
    pair.jwk["e"] = bn(pair.key.get(), OSSL_PKEY_PARAM_RSA_E);
    if (alg != nullptr) pair.jwk["alg"] = alg;
    return pair;
  }
  static Pair ec(const std::string& kid) {
    Pair pair{{EVP_EC_gen("P-256"), EVP_PKEY_free}, {{"kty", "EC"}, {"crv", "P-256"}, {"kid", kid}}};
    pair.jwk["x"] = bn(pair.key.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32);
    pair.jwk["y"] = bn(pair.key.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32);
    return pair;
  }
  static Pair ed25519(const std::string& kid) {
    Pair pair{{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free},
              {{"kty", "OKP"}, {"crv", "Ed25519"}, {"kid", kid}}};
    std::string bytes(32, '\0');
    std::size_t size = bytes.size();
    EXPECT_EQ(
        EVP_PKEY_get_raw_public_key(pair.key.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size),
        1);
    pair.jwk["x"] = base64url_encode(bytes);
    return pair;
  }

  std::string sign(const std::string& alg, const std::string& input) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* options = nullptr;
    EVP_DigestSignInit(context, &options, alg == "EdDSA" ? nullptr : EVP_sha256(), nullptr, key.get());
    if (alg == "PS256") {
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
    }
    const auto* bytes = reinterpret_cast<const unsigned char*>(input.data());
    std::size_t size = 0;
    EVP_DigestSign(context, nullptr, &size, bytes, input.size());
    std::string signature(size, '\0');
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, input.size());
    signature.resize(size);
    EVP_MD_CTX_free(context);
    return alg == "ES256" ? raw(signature) : signature;
  }

 private:
  static std::string raw(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    std::string out(64, '\0');
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), reinterpret_cast<unsigned char*>(out.data()), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), reinterpret_cast<unsigned char*>(out.data()) + 32, 32);
    ECDSA_SIG_free(pair);
    return out;
  }
};

class OutsideTokens : public ::testing::Test {
 protected:
  void SetUp() override {
    own.set_url("http://waybill.example");
    ASSERT_TRUE(own.start().ok());
    publish(kIssuer, {rsa.jwk, rsa_pss.jwk, ec.jwk, ed.jwk});
    publish(kOther, {other.jwk});
    issuers.refresh_due();
  }

  void publish(const std::string& issuer, const std::vector<json::object>& keys) {
    const std::string jwks = issuer + "/keys";
    documents[issuer + "/.well-known/openid-configuration"] =
        json::serialize(json::object{{"issuer", issuer}, {"jwks_uri", jwks}});
    json::array rows;
    for (const auto& key : keys) rows.push_back(key);
    documents[jwks] = json::serialize(json::object{{"keys", rows}});
  }

  Result<Fetched> fetch(const std::string& url) {
    ++fetches;
    if (away) return Error{ErrorCode::unavailable, "login.example.com could not be reached."};
    const auto found = documents.find(url);
    if (found == documents.end()) return Fetched{404, "", std::nullopt};
    return Fetched{200, found->second, std::nullopt};
  }

  static json::object good() {
    return {{"iss", kIssuer},       {"aud", "waybill"},     {"exp", kNowSeconds + 600},
            {"iat", kNowSeconds},   {"client_id", "app-1"}, {"scope", "knowledge.contentmgr.manage"},
            {"department", "sales"}};
  }
  static json::object with(std::string_view name, const json::value& value) {
    auto claims = good();
    claims[name] = value;
    return claims;
  }
  static std::string token(const Pair& pair, const std::string& alg, const json::object& claims,
                           json::object header = {}) {
    if (!header.contains("alg")) header["alg"] = alg;
    if (!header.contains("kid")) header["kid"] = pair.jwk.at("kid");
    const std::string input =
        base64url_encode(json::serialize(header)) + "." + base64url_encode(json::serialize(claims));
    return input + "." + base64url_encode(pair.sign(alg, input));
  }
  TokenFault fault_of(const std::string& text) {
    const auto checked = checker.check(text);
    EXPECT_EQ(checked.caller, nullptr);
    return checked.fault;
  }

  FakeClock clock{kNow};
  MemoryClientStore store;
  MarkSealer sealer;
  Issuer own{IssuerOptions{}, store, sealer, clock};
  const Pair rsa = Pair::rsa("r1"), rsa_pss = Pair::rsa("r2", "PS256"), ec = Pair::ec("e1"),
             ed = Pair::ed25519("d1"), other = Pair::ec("o1");
  std::map<std::string, std::string> documents;
  int fetches = 0;
  bool away = false;
  std::vector<IssuerState> changes;
  OutsideIssuers issuers{
      {.urls = {kIssuer, kOther}, .changed = [this](const auto& state) { changes.push_back(state); }},
      [this](const std::string& url, const Context&) { return fetch(url); },
      clock};
  OutsideRules rules = [] {
    OutsideRules made;
    made.audience = "waybill";
    made.scope_prefixes = {"api://waybill/"};
    return made;
  }();
  TokenChecker checker{own, &issuers, rules};
};

TEST_F(OutsideTokens, EachAlgorithmIsTaken) {
  const std::vector<std::pair<const Pair*, std::string>> all{
      {&rsa, "RS256"}, {&rsa_pss, "PS256"}, {&ec, "ES256"}, {&ed, "EdDSA"}};
  for (const auto& [pair, alg] : all) {
    const auto checked = checker.check(token(*pair, alg, good()));
    ASSERT_TRUE(checked.caller) << alg << ": " << checked.message;
    EXPECT_EQ(checked.caller->client, ClientId("app-1@login.example.com/realm"));
    EXPECT_EQ(checked.caller->department, Department("sales"));
    EXPECT_TRUE(has_scope(checked.caller->scopes, kManageScope));
  }
}

TEST_F(OutsideTokens, TokensOfTheEmbeddedIssuerStayGood) {
  Client client;
  client.id = ClientId("wb-1");
  ASSERT_TRUE(store.add(client).ok());
  EXPECT_TRUE(checker.check(own.issue(client, {std::string(kReadScope)})->token).caller);
}

TEST_F(OutsideTokens, NoneAndHmacAreNoSignatures) {
  const std::string claims = base64url_encode(json::serialize(good()));
  const std::string none = base64url_encode(R"({"alg":"none","kid":"r1"})") + "." + claims + ".";
  EXPECT_EQ(fault_of(none), TokenFault::malformed);
  // The classic: the public key's text as the secret.
  const std::string secret = json::serialize(rsa.jwk);
  const std::string input = base64url_encode(R"({"alg":"HS256","kid":"r1"})") + "." + claims;
  std::string mac(32, '\0');
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(input.data()), input.size(),
       reinterpret_cast<unsigned char*>(mac.data()), nullptr);
  EXPECT_EQ(fault_of(input + "." + base64url_encode(mac)), TokenFault::malformed);
}

TEST_F(OutsideTokens, AKeyIsUsedWithItsOwnAlgorithmAlone) {
  EXPECT_EQ(fault_of(token(rsa_pss, "RS256", good())), TokenFault::signature);
  // The header says one thing, the signature is another.
  EXPECT_EQ(fault_of(token(rsa, "RS256", good(), {{"alg", "PS256"}})), TokenFault::signature);
  EXPECT_EQ(fault_of(token(ec, "ES256", good(), {{"alg", "RS256"}})), TokenFault::signature);
}

TEST_F(OutsideTokens, AKeyWithoutAlgIsForTheFirstThatTheOperatorTakes) {
  EXPECT_TRUE(checker.check(token(rsa, "RS256", good())).caller);
  EXPECT_EQ(fault_of(token(rsa, "PS256", good())), TokenFault::signature);
  OutsideRules pss_first = rules;
  pss_first.algorithms = {Algorithm::ps256, Algorithm::rs256};
  TokenChecker other_way(own, &issuers, pss_first);
  EXPECT_TRUE(other_way.check(token(rsa, "PS256", good())).caller);
  EXPECT_EQ(other_way.check(token(rsa, "RS256", good())).fault, TokenFault::signature);
}

TEST_F(OutsideTokens, WithoutAKidTheOnlyKeyOfTheAlgorithmIsMeant) {
  const auto without_kid = [](const Pair& pair, const std::string& alg) {
    const std::string input =
        base64url_encode(R"({"alg":")" + alg + R"("})") + "." + base64url_encode(json::serialize(good()));
    return input + "." + base64url_encode(pair.sign(alg, input));
  };
  EXPECT_TRUE(checker.check(without_kid(ec, "ES256")).caller);
  EXPECT_EQ(fault_of(without_kid(Pair::ec("mine"), "ES256")), TokenFault::signature);
  publish(kIssuer, {ec.jwk, Pair::ec("e2").jwk});
  issuers.ask(kIssuer, {});
  issuers.refresh_due();
  EXPECT_EQ(fault_of(without_kid(ec, "ES256")), TokenFault::unknown_key);
}

TEST_F(OutsideTokens, ANameThatStandsTwiceIsRefused) {
  const auto forge = [&](const std::string& header, const std::string& claims) {
    const std::string input = base64url_encode(header) + "." + base64url_encode(claims);
    return input + "." + base64url_encode(ec.sign("ES256", input));
  };
  const std::string header = R"({"alg":"ES256","kid":"e1"})";
  const std::string claims = json::serialize(good());
  const std::string start = claims.substr(0, claims.size() - 1);
  EXPECT_TRUE(checker.check(forge(header, claims)).caller);
  EXPECT_EQ(fault_of(forge(R"({"alg":"none","alg":"ES256","kid":"e1"})", claims)), TokenFault::malformed);
  EXPECT_EQ(fault_of(forge(header, start + R"(,"department":"hr"})")), TokenFault::malformed);
  EXPECT_EQ(fault_of(forge(header, start + R"(,"depar\u0074ment":"hr"})")), TokenFault::malformed);
  EXPECT_EQ(fault_of(forge(header, start + R"(,"deep":[{"a":1,"a":2}]})")), TokenFault::malformed);
  EXPECT_TRUE(checker.check(forge(header, start + R"(,"deep":[{"a":1},{"a":2}]})")).caller);
}

TEST_F(OutsideTokens, NamesThatCouldForgeALogAreNone) {
  for (const std::string& name : {std::string("a\nb"), std::string("a\0b", 3), std::string(256, 'x')}) {
    const auto checked = checker.check(token(ec, "ES256", with("department", json::value(name))));
    ASSERT_TRUE(checked.caller);
    EXPECT_EQ(checked.caller->department, Department(""));
    EXPECT_EQ(fault_of(token(ec, "ES256", with("client_id", json::value(name)))), TokenFault::malformed);
  }
}

TEST_F(OutsideTokens, ATokenBoundToAKeyIsNoBearerToken) {
  EXPECT_EQ(fault_of(token(ec, "ES256", with("cnf", json::object{{"jkt", "x"}}))), TokenFault::malformed);
}

TEST_F(OutsideTokens, AlgorithmsThatTheOperatorLeftOutAreNotTaken) {
  OutsideRules narrow = rules;
  narrow.algorithms = {Algorithm::es256};
  TokenChecker strict(own, &issuers, narrow);
  EXPECT_TRUE(strict.check(token(ec, "ES256", good())).caller);
  EXPECT_EQ(strict.check(token(rsa, "RS256", good())).fault, TokenFault::malformed);
}

TEST_F(OutsideTokens, OneIssuerCannotSpeakForAnother) {
  EXPECT_EQ(fault_of(token(other, "ES256", good(), {{"kid", "e1"}})), TokenFault::signature);
  EXPECT_EQ(fault_of(token(other, "ES256", good())), TokenFault::unknown_key);
  EXPECT_FALSE(checker.check(token(ec, "ES256", with("iss", "https://unknown.example.com"))).caller);
  EXPECT_FALSE(checker.check(token(ec, "ES256", with("iss", json::value(kIssuer + "/")))).caller);
}

TEST_F(OutsideTokens, KeysThatATokenBringsAlongProveNothing) {
  const Pair mine = Pair::ec("mine");
  EXPECT_EQ(fault_of(token(mine, "ES256", good(), {{"jwk", mine.jwk}})), TokenFault::unknown_key);
  EXPECT_EQ(fault_of(token(mine, "ES256", good(), {{"jku", "https://evil.example/keys"}})),
            TokenFault::unknown_key);
  EXPECT_EQ(fault_of(token(mine, "ES256", good(), {{"jwk", mine.jwk}, {"kid", "e1"}})),
            TokenFault::signature);
  EXPECT_EQ(fault_of(token(ec, "ES256", good(), {{"crit", {"exp"}}})), TokenFault::malformed);
}

TEST_F(OutsideTokens, WhatIsNoAccessTokenIsRefused) {
  EXPECT_EQ(fault_of(token(ec, "ES256", with("nonce", "n"))), TokenFault::malformed);
  EXPECT_EQ(fault_of(token(ec, "ES256", with("token_use", "id"))), TokenFault::malformed);
  EXPECT_TRUE(checker.check(token(ec, "ES256", with("token_use", "access"))).caller);
  EXPECT_EQ(fault_of(token(ec, "ES256", with("typ", "ID"))), TokenFault::malformed);
  EXPECT_TRUE(checker.check(token(ec, "ES256", with("typ", "Bearer"))).caller);
  EXPECT_EQ(fault_of(token(ec, "ES256", good(), {{"typ", "logout+jwt"}})), TokenFault::malformed);
  EXPECT_TRUE(checker.check(token(ec, "ES256", good(), {{"typ", "JWT"}})).caller);
  EXPECT_EQ(fault_of(token(ec, "ES256", with("aud", "app-1"))), TokenFault::audience);
  EXPECT_EQ(fault_of(token(ec, "ES256", with("aud", json::array{"x", "y"}))), TokenFault::audience);
  EXPECT_TRUE(checker.check(token(ec, "ES256", with("aud", json::array{"x", "waybill"}))).caller);
  EXPECT_EQ(fault_of(token(ec, "ES256", with("exp", "tomorrow"))), TokenFault::malformed);
  EXPECT_EQ(fault_of(token(ec, "ES256", with("nbf", "today"))), TokenFault::malformed);
  EXPECT_EQ(fault_of(std::string(TokenChecker::kMaxBytes + 1, 'a')), TokenFault::malformed);
}

TEST_F(OutsideTokens, TimesHaveALeeway) {
  const std::string late = token(ec, "ES256", with("nbf", kNowSeconds + 90));
  EXPECT_EQ(fault_of(late), TokenFault::not_yet_valid);
  EXPECT_EQ(fault_of(token(ec, "ES256", with("iat", kNowSeconds + 90))), TokenFault::not_yet_valid);
  clock.advance(30s);
  EXPECT_TRUE(checker.check(late).caller);
  const std::string usual = token(ec, "ES256", good());
  EXPECT_TRUE(checker.check(usual).caller);
  clock.advance(629s);
  EXPECT_TRUE(checker.check(usual).caller);
  clock.advance(1s);
  EXPECT_EQ(fault_of(usual), TokenFault::expired);
}

TEST_F(OutsideTokens, ScopesStandInScopeOrScpWithOrWithoutPrefix) {
  auto claims = good();
  claims.erase("scope");
  claims["scp"] = json::array{"api://waybill/knowledge.contentmgr.read", "other"};
  auto checked = checker.check(token(ec, "ES256", claims));
  ASSERT_TRUE(checked.caller);
  EXPECT_TRUE(has_scope(checked.caller->scopes, kReadScope));
  claims["scp"] = "app.knowledge.contentmgr.manage x";
  checked = checker.check(token(ec, "ES256", claims));
  ASSERT_TRUE(checked.caller);
  EXPECT_TRUE(has_scope(checked.caller->scopes, kManageScope));
}

TEST_F(OutsideTokens, TheDepartmentComesFromAClaimOrAMapping) {
  OutsideRules mapped = rules;
  mapped.department_claim = "groups";
  mapped.departments = {{"g-7", "support"}};
  TokenChecker with_mapping(own, &issuers, mapped);
  const auto found = with_mapping.check(token(ec, "ES256", with("groups", json::array{"g-1", "g-7"})));
  ASSERT_TRUE(found.caller);
  EXPECT_EQ(found.caller->department, Department("support"));
  const auto none = with_mapping.check(token(ec, "ES256", with("groups", "g-1")));
  ASSERT_TRUE(none.caller);
  EXPECT_EQ(none.caller->department, Department(""));
  mapped.departments["g-8"] = "sales";
  TokenChecker ambiguous(own, &issuers, mapped);
  const auto both = ambiguous.check(token(ec, "ES256", with("groups", json::array{"g-7", "g-8"})));
  ASSERT_TRUE(both.caller);
  EXPECT_EQ(both.caller->department, Department(""));
  // Two departments and no mapping to choose by: none, rather than the first.
  const auto two = checker.check(token(ec, "ES256", with("department", json::array{"a", "b"})));
  ASSERT_TRUE(two.caller);
  EXPECT_EQ(two.caller->department, Department(""));
}

TEST_F(OutsideTokens, ARotatedKeyIsFetchedAndTheOldOneRefused) {
  const std::string old = token(ec, "ES256", good());
  EXPECT_TRUE(checker.check(old).caller);
  const Pair next = Pair::ec("e2");
  publish(kIssuer, {next.jwk});
  const std::string fresh = token(next, "ES256", good());
  EXPECT_EQ(fault_of(fresh), TokenFault::unknown_key);
  bool came = false;
  EXPECT_EQ(checker.ask_for_keys(fresh, [&] { came = true; }), Asked::coming);
  EXPECT_FALSE(came);
  issuers.refresh_due();
  EXPECT_TRUE(came);
  EXPECT_TRUE(checker.check(fresh).caller);
  EXPECT_EQ(fault_of(old), TokenFault::unknown_key);
}

TEST_F(OutsideTokens, AFloodOfUnknownKeysFetchesOnce) {
  const int before = fetches;
  std::size_t called = 0;
  const auto flood = [&](std::size_t count) {
    std::size_t coming = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto bad = token(ec, "ES256", good(), {{"kid", "k" + std::to_string(i)}});
      EXPECT_EQ(fault_of(bad), TokenFault::unknown_key);
      if (checker.ask_for_keys(bad, [&] { ++called; }) == Asked::coming) ++coming;
    }
    return coming;
  };
  EXPECT_EQ(flood(100), OutsideIssuers::kMostWaiting);
  EXPECT_EQ(fetches, before);  // nothing blocked
  issuers.refresh_due();
  EXPECT_EQ(fetches - before, 2);  // metadata and keys, once
  EXPECT_EQ(called, OutsideIssuers::kMostWaiting);
  EXPECT_EQ(flood(100), 0U);
  issuers.refresh_due();
  EXPECT_EQ(fetches - before, 2);
  clock.advance(OutsideIssuers::kUnknownKeyWait);
  EXPECT_EQ(flood(1), 1U);
  issuers.refresh_due();
  EXPECT_EQ(fetches - before, 4);
}

TEST_F(OutsideTokens, KeysOutliveAnIssuerThatIsAwayButNotForever) {
  const std::string long_lived = token(ec, "ES256", with("exp", kNowSeconds + 350'000));
  EXPECT_TRUE(checker.check(long_lived).caller);
  away = true;
  clock.advance(2h);
  issuers.refresh_due();
  EXPECT_THAT(issuers.states().front().problem, testing::HasSubstr("could not be reached"));
  EXPECT_TRUE(checker.check(long_lived).caller);
  EXPECT_TRUE(checker.check(token(ec, "ES256", with("exp", kNowSeconds + 360'000))).caller);
  clock.advance(24h);
  EXPECT_EQ(fault_of(long_lived), TokenFault::keys_away) << "it was good before, and its key is too old";
  EXPECT_EQ(fault_of(token(ec, "ES256", with("exp", kNowSeconds + 360'001))), TokenFault::keys_away);
  issuers.refresh_due();
  away = false;
  clock.advance(OutsideIssuers::kRetry);
  issuers.refresh_due();
  EXPECT_EQ(issuers.states().front().problem, "");
  EXPECT_TRUE(checker.check(long_lived).caller);
}

TEST_F(OutsideTokens, EachChangeOfAnIssuerIsToldOnce) {
  const auto of_first = [&] {
    std::vector<std::string> told;
    for (const auto& change : changes) {
      if (change.issuer == kIssuer) told.push_back(change.problem + "|" + std::to_string(change.keys));
    }
    return told;
  };
  EXPECT_THAT(of_first(), testing::ElementsAre("|4"));
  away = true;
  for (int i = 0; i < 3; ++i) {
    clock.advance(1h);
    issuers.refresh_due();
  }
  away = false;
  clock.advance(1h);
  issuers.refresh_due();
  EXPECT_THAT(of_first(), testing::ElementsAre("|4", "login.example.com could not be reached.|4", "|4"));
}

TEST_F(OutsideTokens, WhoWaitsForAnIssuerThatHangsIsCalledAtTheStop) {
  std::mutex mutex;
  std::condition_variable entered;
  bool hanging = false;
  OutsideIssuers slow(
      {.urls = {kIssuer}},
      [&](const std::string&, const Context& context) -> Result<Fetched> {
        {
          const std::lock_guard lock(mutex);
          hanging = true;
        }
        entered.notify_all();
        while (!context.cancelled()) std::this_thread::yield();
        return Error{ErrorCode::cancelled, "cancelled"};
      },
      clock);
  slow.start();
  {
    std::unique_lock lock(mutex);
    entered.wait(lock, [&] { return hanging; });
  }
  bool called = false;
  EXPECT_TRUE(slow.ask(kIssuer, [&] { called = true; }));
  EXPECT_EQ(slow.keys(kIssuer), nullptr);
  slow.stop();
  EXPECT_TRUE(called);
  EXPECT_FALSE(slow.ask(kIssuer, [] {}));
}

TEST_F(OutsideTokens, MetadataMustBeTheIssuersOwn) {
  documents[kIssuer + "/.well-known/openid-configuration"] =
      json::serialize(json::object{{"issuer", kOther}, {"jwks_uri", kOther + "/keys"}});
  const auto get = [this](const std::string& url, const Context&) { return fetch(url); };
  const auto wrong = fetch_keys(kIssuer, get, Context());
  ASSERT_FALSE(wrong.ok());
  EXPECT_THAT(wrong.error().message, testing::HasSubstr(kOther));
  documents[kIssuer + "/.well-known/openid-configuration"] =
      json::serialize(json::object{{"issuer", kIssuer}, {"jwks_uri", "http://plain.example/keys"}});
  EXPECT_FALSE(fetch_keys(kIssuer, get, Context()).ok());
}

TEST_F(OutsideTokens, OAuthMetadataServesWhereOpenIdsIsMissing) {
  documents.erase(kIssuer + "/.well-known/openid-configuration");
  documents["https://login.example.com/.well-known/oauth-authorization-server/realm"] =
      json::serialize(json::object{{"issuer", kIssuer}, {"jwks_uri", kIssuer + "/keys"}});
  const auto found = fetch_keys(
      kIssuer, [this](const std::string& url, const Context&) { return fetch(url); }, Context());
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->keys.size(), 4U);
}

TEST(VerifyingKeys, UnfitKeysAreLeftOut) {
  const auto refused = [](json::object jwk) { return !VerifyingKey::import(json::serialize(jwk)).ok(); };
  EXPECT_TRUE(refused(Pair::rsa("small", nullptr, 1024).jwk));
  auto encrypting = Pair::ec("e").jwk;
  encrypting["use"] = "enc";
  EXPECT_TRUE(refused(encrypting));
  auto off_curve = Pair::ec("e").jwk;
  off_curve["y"] = off_curve.at("x");
  EXPECT_TRUE(refused(off_curve));
  EXPECT_TRUE(refused({{"kty", "oct"}, {"k", "c2VjcmV0"}}));
  auto with_secret = Pair::ed25519("d").jwk;
  with_secret["d"] = "c2VjcmV0";
  EXPECT_TRUE(refused(with_secret));
  auto misfit = Pair::ec("e").jwk;
  misfit["alg"] = "RS256";
  EXPECT_TRUE(refused(misfit));
}

}  // namespace
}  // namespace waybill::auth
