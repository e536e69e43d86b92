#include <cstdlib>

#include "auth/claims.h"
#include "auth/jose.h"
#include "auth/outside_issuers.h"
#include "auth/outside_tokens.h"
#include "auth/verifying_key.h"
#include "base/text.h"
#include "targets.h"

namespace waybill::fuzz {

namespace {

/// A token of an outside issuer whose keys are not to be had, or of which we have none that fits.
void outside(std::string_view bytes) {
  if (!auth::is_compact(bytes)) return;
  const auto parts = split(bytes, '.');
  if (parts.size() != 3) return;
  const auto header = auth::decode_part(parts.at(0));
  const auto claims = auth::decode_part(parts.at(1));
  if (!header || !claims) return;
  static const auth::PublishedKeys none;
  for (const auth::PublishedKeys* keys : {static_cast<const auth::PublishedKeys*>(nullptr), &none}) {
    if (auth::check_outside_token(bytes, *header, *claims, keys, {}).caller) std::abort();
  }
}

/// An issuer that answers every question with these bytes.
void published(std::string_view bytes) {
  const Context context(system_clock());
  const auto answer = [&](const std::string&, const Context&) -> Result<auth::Fetched> {
    auth::Fetched fetched;
    fetched.status = 200;
    fetched.body = std::string(bytes);
    return fetched;
  };
  const auto keys = auth::fetch_keys("https://issuer.example", answer, context);
  if (keys && keys->keys.empty()) std::abort();
}

}  // namespace

void jwt(std::string_view bytes) {
  static const auto key = auth::Es256Key::generate();
  static const auto good = key->sign("{}", "at+jwt");
  // No bytes but those that it signed itself may pass.
  if (key->verify(bytes) && bytes != *good) std::abort();
  (void)auth::Es256Key::import(bytes);
  if (const auto published = auth::VerifyingKey::import(bytes)) {
    for (const auto algorithm : auth::OutsideRules().algorithms) {
      if (published->verify(algorithm, "not signed", bytes)) std::abort();
    }
  }
  outside(bytes);
  published(bytes);
}

}  // namespace waybill::fuzz
