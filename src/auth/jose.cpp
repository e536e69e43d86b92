#include "auth/jose.h"

#include <cjose/cjose.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <mutex>

#include "base/hash.h"
#include "base/text.h"

namespace waybill::auth {

namespace json = boost::json;

namespace {

struct HeaderFree {
  void operator()(cjose_header_t* header) const { cjose_header_release(header); }
};
struct JwsFree {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
struct TextFree {
  void operator()(char* text) const { std::free(text); }  // NOLINT(cppcoreguidelines-no-malloc): cjose's
};
using Header = std::unique_ptr<cjose_header_t, HeaderFree>;
using Jws = std::unique_ptr<cjose_jws_t, JwsFree>;
using Text = std::unique_ptr<char, TextFree>;

Error jose_error(ErrorCode code, const char* what, const cjose_err& err) {
  return {code, what, err.message != nullptr ? err.message : ""};
}

std::string member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

struct Es256Key::Handle {
  explicit Handle(cjose_jwk_t* key) : jwk(key) {}
  ~Handle() { cjose_jwk_release(jwk); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  cjose_jwk_t* jwk;
  std::mutex mutex;  // cjose makes no promise about one key in two threads
};

Result<Es256Key> Es256Key::generate() {
  cjose_err err{};
  cjose_jwk_t* jwk = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &err);
  if (jwk == nullptr) return jose_error(ErrorCode::internal, "A signing key could not be made.", err);
  const auto handle = std::make_shared<Handle>(jwk);
  const Text text(cjose_jwk_to_json(jwk, true, &err));
  if (!text) return jose_error(ErrorCode::internal, "A signing key could not be written.", err);
  const Secret plain{std::string(text.get())};
  return import(plain.reveal());
}

Result<Es256Key> Es256Key::import(std::string_view jwk) {
  cjose_err err{};
  cjose_jwk_t* raw = cjose_jwk_import(jwk.data(), jwk.size(), &err);
  if (raw == nullptr) return jose_error(ErrorCode::corrupt, "A signing key is not a JWK.", err);
  Es256Key key;
  key.handle_ = std::make_shared<Handle>(raw);
  if (cjose_jwk_get_kty(raw, &err) != CJOSE_JWK_KTY_EC ||
      cjose_jwk_EC_get_curve(raw, &err) != CJOSE_JWK_EC_P_256) {
    return Error{ErrorCode::corrupt, "A signing key is not an EC key on the curve P-256."};
  }
  const Text text(cjose_jwk_to_json(raw, false, &err));
  boost::system::error_code ec;
  const auto parsed = text ? json::parse(text.get(), ec) : json::value();
  if (ec || !parsed.is_object()) return jose_error(ErrorCode::corrupt, "A signing key is not a JWK.", err);
  const std::string x = member(parsed.get_object(), "x");
  const std::string y = member(parsed.get_object(), "y");
  // RFC 7638, 3.2: exactly these members, in this order, without white space.
  const auto hash = sha256(R"({"crv":"P-256","kty":"EC","x":")" + x + R"(","y":")" + y + R"("})");
  key.kid_ = base64url_encode(as_bytes(hash));
  key.public_jwk_ = json::serialize(json::object{{"kty", "EC"},
                                                 {"use", "sig"},
                                                 {"alg", "ES256"},
                                                 {"kid", key.kid_},
                                                 {"crv", "P-256"},
                                                 {"x", x},
                                                 {"y", y}});
  return key;
}

Result<Secret> Es256Key::private_jwk() const {
  cjose_err err{};
  const std::lock_guard lock(handle_->mutex);
  const Text text(cjose_jwk_to_json(handle_->jwk, true, &err));
  if (!text) return jose_error(ErrorCode::internal, "A signing key could not be written.", err);
  return Secret(std::string(text.get()));
}

Result<std::string> Es256Key::sign(std::string_view payload, const std::string& type) const {
  cjose_err err{};
  const Header header(cjose_header_new(&err));
  if (!header || !cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, &err) ||
      !cjose_header_set(header.get(), CJOSE_HDR_KID, kid_.c_str(), &err) ||
      !cjose_header_set(header.get(), "typ", type.c_str(), &err)) {
    return jose_error(ErrorCode::internal, "A token could not be signed.", err);
  }
  const std::lock_guard lock(handle_->mutex);
  const Jws jws(cjose_jws_sign(handle_->jwk, header.get(),
                               reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size(), &err));
  const char* compact = nullptr;
  if (!jws || !cjose_jws_export(jws.get(), &compact, &err)) {
    return jose_error(ErrorCode::internal, "A token could not be signed.", err);
  }
  return std::string(compact);  // owned by the JWS
}

bool Es256Key::verify(std::string_view compact) const {
  // r and s of 32 bytes each (RFC 7518, 3.4); cjose itself would take any even length.
  constexpr std::size_t kSignatureCharacters = 86;
  const auto dot = compact.rfind('.');
  if (dot == std::string_view::npos || compact.size() - dot - 1 != kSignatureCharacters) return false;
  cjose_err err{};
  const Jws jws(cjose_jws_import(compact.data(), compact.size(), &err));
  if (!jws) return false;
  const std::lock_guard lock(handle_->mutex);
  return cjose_jws_verify(jws.get(), handle_->jwk, &err);
}

}  // namespace waybill::auth
