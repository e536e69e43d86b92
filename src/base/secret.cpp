#include "base/secret.h"

#include <openssl/crypto.h>

namespace waybill {

void Secret::wipe() {
  // The whole capacity: a short string inside the object too.
  OPENSSL_cleanse(value_.data(), value_.size());
  value_.clear();
}

}  // namespace waybill
