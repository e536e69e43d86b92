#include "auth/verifying_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <boost/json.hpp>

#include "base/free_with.h"
#include "base/text.h"

namespace waybill::auth {

namespace json = boost::json;

namespace {

using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;

constexpr int kLeastRsaBits = 2048;  // RFC 7518, 3.3
constexpr int kMostRsaBits = 8192;   // beyond it a check costs more than a token is worth
constexpr std::size_t kHalf = 32;    // of a P-256 point, or of an ES256 signature (RFC 7518, 3.4)

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Error unfit(std::string message) {
  return {ErrorCode::invalid_argument, std::move(message)};
}

std::string text_of(const json::object& jwk, std::string_view name) {
  const auto* value = jwk.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string bytes_of(const json::object& jwk, std::string_view name) {
  return base64_decode(text_of(jwk, name)).value_or("");
}

Key from_parameters(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Key(key);
}

Result<Key> rsa_key(const json::object& jwk) {
  const std::string modulus = bytes_of(jwk, "n");
  const std::string exponent = bytes_of(jwk, "e");
  const Number n(BN_bin2bn(bytes(modulus), static_cast<int>(modulus.size()), nullptr));
  const Number e(BN_bin2bn(bytes(exponent), static_cast<int>(exponent.size()), nullptr));
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || BN_num_bits(n.get()) < kLeastRsaBits || BN_num_bits(n.get()) > kMostRsaBits) {
    return unfit("an RSA key must have 2048 to 8192 bits");
  }
  if (!BN_is_odd(e.get()) || BN_is_one(e.get()) || BN_num_bits(e.get()) > 64) {
    return unfit("the exponent of an RSA key is not usable");
  }
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return unfit("an RSA key cannot be read");
  }
  auto key = from_parameters("RSA", builder.get());
  if (!key) return unfit("an RSA key cannot be read");
  return key;
}

Result<Key> ec_key(const json::object& jwk) {
  const std::string x = bytes_of(jwk, "x");
  const std::string y = bytes_of(jwk, "y");
  if (text_of(jwk, "crv") != "P-256" || x.size() != kHalf || y.size() != kHalf) {
    return unfit("an EC key must be on the curve P-256, with x and y of 32 bytes");
  }
  const std::string point = "\x04" + x + y;  // SEC 1, 2.3.3: uncompressed
  const Builder builder(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) !=
          1) {
    return unfit("an EC key cannot be read");
  }
  auto key = from_parameters("EC", builder.get());  // fails where the point is not on the curve
  if (!key) return unfit("an EC key is not a point of its curve");
  return key;
}

Result<Key> okp_key(const json::object& jwk) {
  const std::string x = bytes_of(jwk, "x");
  if (text_of(jwk, "crv") != "Ed25519" || x.size() != kHalf) {
    return unfit("an OKP key must be of the curve Ed25519, with x of 32 bytes");
  }
  Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(x), x.size()));
  if (!key) return unfit("an OKP key cannot be read");
  return key;
}

bool may_verify(const json::object& jwk) {
  if (const auto* use = jwk.if_contains("use"); use != nullptr && *use != json::value("sig")) return false;
  const auto* operations = jwk.if_contains("key_ops");
  if (operations == nullptr) return true;
  if (!operations->is_array()) return false;
  for (const auto& each : operations->get_array()) {
    if (each == json::value("verify")) return true;
  }
  return false;
}

/// r and s side by side (RFC 7518, 3.4) as OpenSSL wants them; empty where they have another length.
std::string der_signature(std::string_view signature) {
  if (signature.size() != 2 * kHalf) return {};
  EcSignature pair(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes(signature), kHalf, nullptr);
  BIGNUM* s = BN_bin2bn(bytes(signature.substr(kHalf)), kHalf, nullptr);
  if (!pair || r == nullptr || s == nullptr || ECDSA_SIG_set0(pair.get(), r, s) != 1) return {};
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  std::string text(reinterpret_cast<const char*>(der), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(der);
  return text;
}

}  // namespace

struct VerifyingKey::Handle {
  Key key;
};

std::optional<Algorithm> parse_algorithm(std::string_view name) {
  if (name == "RS256") return Algorithm::rs256;
  if (name == "PS256") return Algorithm::ps256;
  if (name == "ES256") return Algorithm::es256;
  if (name == "EdDSA") return Algorithm::eddsa;
  return std::nullopt;
}

Result<VerifyingKey> VerifyingKey::import(std::string_view text) {
  boost::system::error_code failed;
  const auto value = json::parse(text, failed);
  if (failed || !value.is_object()) return unfit("a key is no JSON object");
  const json::object& jwk = value.get_object();
  if (jwk.contains("d") || jwk.contains("k")) return unfit("a published key holds a secret part");
  if (!may_verify(jwk)) return unfit("a key is not for signatures");
  VerifyingKey key;
  key.kid_ = text_of(jwk, "kid");
  if (jwk.contains("alg")) {
    key.only_ = parse_algorithm(text_of(jwk, "alg"));
    if (!key.only_)
      return unfit("a key is for the algorithm " + text_of(jwk, "alg") + ", which is not taken");
  }
  const std::string type = text_of(jwk, "kty");
  auto read = type == "RSA"   ? rsa_key(jwk)
              : type == "EC"  ? ec_key(jwk)
              : type == "OKP" ? okp_key(jwk)
                              : Result<Key>(unfit("a key is of the type '" + type + "', which is not taken"));
  if (!read) return std::move(read).error();
  key.handle_ = std::make_shared<Handle>(Handle{std::move(*read)});
  if (key.only_ && !key.allows(*key.only_)) return unfit("a key's alg and type do not fit");
  return key;
}

bool VerifyingKey::allows(Algorithm algorithm) const {
  if (only_ && *only_ != algorithm) return false;
  switch (EVP_PKEY_get_base_id(handle_->key.get())) {
    case EVP_PKEY_RSA:
      return algorithm == Algorithm::rs256 || algorithm == Algorithm::ps256;
    case EVP_PKEY_EC:
      return algorithm == Algorithm::es256;
    case EVP_PKEY_ED25519:
      return algorithm == Algorithm::eddsa;
    default:
      return false;
  }
}

std::optional<Algorithm> VerifyingKey::algorithm(const std::vector<Algorithm>& taken) const {
  for (const Algorithm each : taken) {
    if (allows(each)) return each;
  }
  return std::nullopt;
}

bool VerifyingKey::verify(Algorithm algorithm, std::string_view input, std::string_view signature) const {
  if (!allows(algorithm)) return false;
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // owned by the context
  const EVP_MD* digest = algorithm == Algorithm::eddsa ? nullptr : EVP_sha256();
  if (!context || EVP_DigestVerifyInit(context.get(), &options, digest, nullptr, handle_->key.get()) != 1) {
    return false;
  }
  if (algorithm == Algorithm::ps256 &&
      (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
       // RFC 7518, 3.5: a salt as long as the hash.
       EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  const std::string der = algorithm == Algorithm::es256 ? der_signature(signature) : std::string();
  if (algorithm == Algorithm::es256) signature = der;
  return !signature.empty() &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(input), input.size()) == 1;
}

}  // namespace waybill::auth
