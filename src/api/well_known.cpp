#include "api/answers.h"
#include "api/operation.h"

namespace waybill::api {

namespace {

Operation published(std::string_view id, std::string path, std::string (*text)(const Services&)) {
  Operation operation;
  operation.id = id;
  operation.method = "GET";
  operation.path = std::move(path);
  operation.access = Access::open;
  operation.binding = Binding::none;
  operation.produces = {};
  operation.runs = http::Route::Runs::loop;
  operation.handle = [text](const Services& services, const Call& call) {
    auto response = json_text_answer(200, text(services));
    response.headers.set("Cache-Control", "public, max-age=60");
    call.answer(std::move(response));
  };
  return operation;
}

std::string keys_text(const Services& services) {
  return services.issuer.ring()->jwks;
}

std::string metadata_text(const Services& services) {
  return services.issuer.metadata();
}

}  // namespace

/// GET /.well-known/jwks.json (RFC 7517, 5).
Operation publish_keys() {
  return published("getKeys", "/.well-known/jwks.json", keys_text);
}

/// GET /.well-known/oauth-authorization-server (RFC 8414, 3).
Operation issuer_metadata() {
  return published("getIssuerMetadata", "/.well-known/oauth-authorization-server", metadata_text);
}

/// GET /.well-known/openid-configuration: the same under the name that many libraries ask for.
Operation openid_configuration() {
  return published("getOpenidConfiguration", "/.well-known/openid-configuration", metadata_text);
}

}  // namespace waybill::api
