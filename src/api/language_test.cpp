#include "api/language.h"

#include <gtest/gtest.h>

namespace waybill::api {
namespace {

std::string language(std::optional<std::string_view> header) {
  const auto chosen = choose_language(header);
  if (chosen.result == Negotiation::malformed) return "malformed";
  return chosen.result == Negotiation::chosen ? std::string(chosen.value) : "none";
}

TEST(AcceptLanguage, IsOptional) {
  EXPECT_EQ(language(std::nullopt), "en-US");
  EXPECT_EQ(language(""), "en-US");
}

TEST(AcceptLanguage, TheHighestQualityWins) {
  EXPECT_EQ(language("fr-FR;q=0.5, de-DE;q=0.9, en-US;q=0.1"), "de-DE");
  EXPECT_EQ(language("xx, de-DE;q=0.1"), "de-DE");
  EXPECT_EQ(language("fr-CH, fr;q=0.9, *;q=0.5"), "fr-FR");
  EXPECT_EQ(language("sv-SE, da-DK"), "sv-SE");
}

TEST(AcceptLanguage, BareLanguagesAndTheStarMatch) {
  EXPECT_EQ(language("*"), "en-US");
  EXPECT_EQ(language("pt"), "pt-BR");
  EXPECT_EQ(language("PT-br"), "pt-BR");
  EXPECT_EQ(language("zh"), "zh-CN");
}

TEST(AcceptLanguage, ZeroQualityExcludes) {
  EXPECT_EQ(language("en-US;q=0"), "none");
  EXPECT_EQ(language("en-US;q=0, *;q=0.1"), "es-ES");
  EXPECT_EQ(language("*;q=0, ja-JP"), "ja-JP");
  EXPECT_EQ(language("th-TH"), "none");
  EXPECT_EQ(language("en-GB"), "none");
}

TEST(AcceptLanguage, MalformedIsToldApart) {
  EXPECT_EQ(language("en-US;q=2"), "malformed");
  EXPECT_EQ(language("en-US;q=abc"), "malformed");
  EXPECT_EQ(language("en_US"), "malformed");
  EXPECT_EQ(language("en-US;"), "malformed");
}

std::string media(std::string_view header) {
  const auto chosen = choose_media_type(header, {"application/json", "application/x-ndjson"});
  return chosen.result == Negotiation::chosen ? std::string(chosen.value) : "none";
}

TEST(Accept, ChoosesByQualityAndExactness) {
  EXPECT_EQ(media("*/*"), "application/json");
  EXPECT_EQ(media("application/*"), "application/json");
  EXPECT_EQ(media("application/x-ndjson"), "application/x-ndjson");
  EXPECT_EQ(media("application/json;q=0.1, application/x-ndjson;q=0.2"), "application/x-ndjson");
  EXPECT_EQ(media("text/html, application/json;charset=utf-8;q=0.9"), "application/json");
  EXPECT_EQ(media("application/json;q=0, */*;q=0.1"), "application/x-ndjson");
  EXPECT_EQ(media("image/png"), "none");
  EXPECT_EQ(media("nonsense"), "none");
}

}  // namespace
}  // namespace waybill::api
