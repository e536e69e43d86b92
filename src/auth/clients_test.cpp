#include "auth/clients.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/memory_client_store.h"
#include "auth/scopes.h"
#include "auth/tokens.h"
#include "base/text.h"

namespace waybill::auth {
namespace {

const Time kNow = *parse_time("2024-03-01T10:00:00.000Z");
constexpr std::string_view kForm = "application/x-www-form-urlencoded";

std::string base64(std::string_view text) {
  // base64url without padding differs from base64 in '-' and '_' alone.
  std::string encoded = base64url_encode(text);
  for (char& c : encoded) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (encoded.size() % 4 != 0) encoded += '=';
  return encoded;
}

class Grants : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    // One Argon2id for the whole suite.
    auto made = make_client("ci", "sales", {std::string(kManageScope), std::string(kReadScope)}, kNow);
    ASSERT_TRUE(made.ok());
    shared = new NewClient(std::move(made).value());
  }
  static void TearDownTestSuite() {
    delete shared;
    shared = nullptr;
  }
  void SetUp() override {
    ASSERT_TRUE(store.add(shared->client).ok());
    issuer.set_url("http://issuer.example");
    ASSERT_TRUE(issuer.start().ok());
  }
  static std::string id() { return shared->client.id.value(); }
  static std::string secret() { return std::string(shared->secret.reveal()); }
  static std::string body(const std::string& more = "") {
    return "grant_type=client_credentials&client_id=" + id() + "&client_secret=" + secret() + more;
  }

  static inline NewClient* shared = nullptr;
  FakeClock clock{kNow};
  MemoryClientStore store;
  MarkSealer sealer;
  Issuer issuer{IssuerOptions{}, store, sealer, clock};
  TokenGrants grants{issuer};
};

TEST_F(Grants, ClientsHaveRandomIdsAndSecretsOf256BitAndOnlyAHashIsKept) {
  EXPECT_TRUE(id().starts_with("wb-"));
  EXPECT_EQ(secret().size(), 43U);
  EXPECT_TRUE(shared->client.secret_hash.starts_with("$argon2id$"));
  EXPECT_EQ(shared->client.secret_hash.find(secret()), std::string::npos);
}

TEST_F(Grants, CredentialsInTheBodyGetATokenThatIsGood) {
  const auto answer = grants.answer({kForm, std::nullopt, body()});
  ASSERT_EQ(answer.status, 200) << answer.description;
  EXPECT_EQ(answer.issued->scopes, shared->client.scopes);
  TokenChecker checker(issuer);
  EXPECT_TRUE(checker.check(answer.issued->token).caller);
}

TEST_F(Grants, CredentialsByHttpBasicArePercentDecoded) {
  std::string encoded;
  for (const char c : id()) encoded += "%" + hex_encode(std::string(1, c));
  const std::string header = "Basic " + base64(encoded + ":" + secret());
  EXPECT_EQ(grants.answer({kForm, header, "grant_type=client_credentials"}).status, 200);
  EXPECT_EQ(grants
                .answer({"application/x-www-form-urlencoded; charset=UTF-8", header,
                         "grant_type=client_credentials&scope=.default"})
                .status,
            200);
}

TEST_F(Grants, AWrongSecretIsInvalidClient) {
  const auto answer = grants.answer(
      {kForm, std::nullopt, "grant_type=client_credentials&client_id=" + id() + "&client_secret=wrong"});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.error, "invalid_client");
  EXPECT_FALSE(answer.challenge_basic);
}

TEST_F(Grants, AnUnknownIdAnswersAsAWrongSecretAndBasicIsChallenged) {
  const auto answer =
      grants.answer({kForm, "Basic " + base64("wb-nobody:x"), "grant_type=client_credentials"});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.error, "invalid_client");
  EXPECT_TRUE(answer.challenge_basic);
  const auto again =
      grants.answer({kForm, "Basic " + base64("wb-nobody:x"), "grant_type=client_credentials"});
  EXPECT_EQ(again.status, 401) << "also when it was compared before";
}

TEST_F(Grants, ARevokedClientGetsNothing) {
  ASSERT_EQ(grants.answer({kForm, std::nullopt, body()}).status, 200);
  ASSERT_TRUE(store.revoke(shared->client.id, kNow).ok());
  EXPECT_EQ(grants.answer({kForm, std::nullopt, body()}).error, "invalid_client");
}

TEST_F(Grants, TheOldSecretEndsWithItsReplacement) {
  ASSERT_EQ(grants.answer({kForm, std::nullopt, body()}).status, 200);
  const auto fresh = make_secret();
  ASSERT_TRUE(store.set_secret(shared->client.id, fresh->hash).ok());
  EXPECT_EQ(grants.answer({kForm, std::nullopt, body()}).status, 401);
}

TEST_F(Grants, ErrorsAreThoseOfRfc6749) {
  EXPECT_EQ(grants.answer({"application/json", std::nullopt, body()}).error, "invalid_request");
  EXPECT_EQ(grants.answer({kForm, std::nullopt, "client_id=x&client_secret=y"}).error, "invalid_request");
  EXPECT_EQ(grants.answer({kForm, std::nullopt, body("&client_id=twice")}).error, "invalid_request");
  EXPECT_EQ(grants.answer({kForm, "Basic " + base64(id() + ":" + secret()), body()}).error,
            "invalid_request");
  EXPECT_EQ(grants.answer({kForm, std::nullopt, body("&scope=waybill.admin")}).error, "invalid_scope");
  EXPECT_EQ(grants
                .answer({kForm, std::nullopt,
                         "grant_type=password&client_id=" + id() + "&client_secret=" + secret()})
                .error,
            "unsupported_grant_type");
  EXPECT_EQ(grants.answer({kForm, std::nullopt, "grant_type=client_credentials"}).error, "invalid_client");
}

TEST_F(Grants, NoSecretIsGuessedBeyondWhatIsAllowedAndKnownOnesAreNoGuess) {
  int asked = 0;
  bool held_up = false;
  const auto may_guess = [&]() -> std::optional<std::chrono::seconds> {
    ++asked;
    if (held_up) return std::chrono::seconds(7);
    return std::nullopt;
  };
  const std::string wrong = "grant_type=client_credentials&client_id=" + id() + "&client_secret=wrong";
  EXPECT_EQ(grants.answer({kForm, std::nullopt, wrong, may_guess}).status, 401);
  EXPECT_EQ(grants.answer({kForm, std::nullopt, body(), may_guess}).status, 200);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(grants.answer({kForm, std::nullopt, body(), may_guess}).status, 200);
  EXPECT_EQ(asked, 2) << "the secret is known by now";
  held_up = true;
  const auto refused = grants.answer({kForm, std::nullopt, wrong, may_guess});
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.error, "temporarily_unavailable");
  EXPECT_EQ(refused.retry_after, std::chrono::seconds(7));
  EXPECT_EQ(grants.answer({kForm, std::nullopt, body(), may_guess}).status, 200)
      << "known secrets wait for nobody";
}

TEST_F(Grants, AClientNeedsANameAndKnownScopes) {
  EXPECT_FALSE(make_client("", "d", {std::string(kReadScope)}, kNow).ok());
  EXPECT_FALSE(make_client("n", "d", {"nothing"}, kNow).ok());
  EXPECT_FALSE(make_client("a\nb", "d", {std::string(kReadScope)}, kNow).ok());
}

}  // namespace
}  // namespace waybill::auth
