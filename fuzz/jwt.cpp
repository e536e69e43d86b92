#include <cstdlib>

#include "auth/jose.h"
#include "targets.h"

namespace waybill::fuzz {

void jwt(std::string_view bytes) {
  static const auto key = auth::Es256Key::generate();
  static const auto good = key->sign("{}", "at+jwt");
  // No bytes but those that it signed itself may pass.
  if (key->verify(bytes) && bytes != *good) std::abort();
  (void)auth::Es256Key::import(bytes);
}

}  // namespace waybill::fuzz
