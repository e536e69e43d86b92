#include "s3/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/text.h"

namespace waybill::s3 {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t kDateLength = 8;

std::string hmac(std::string_view key, std::string_view message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), out.data(), &length);
  return {reinterpret_cast<const char*>(out.data()), length};
}

struct CanonicalHeaders {
  std::string lines;
  std::string names;  // "host;range;x-amz-date"
};

CanonicalHeaders canonical_headers(const SignedRequest& request) {
  auto sorted = request.headers;
  std::sort(sorted.begin(), sorted.end());
  CanonicalHeaders out;
  for (const auto& [name, value] : sorted) {
    out.lines += name + ":" + std::string(trim(value)) + "\n";
    out.names += (out.names.empty() ? "" : ";") + name;
  }
  return out;
}

}  // namespace

std::string amz_date(Time time) {
  std::string text = format_time(time);  // 2013-05-24T00:00:00.000Z
  text.resize(text.find('.'));
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '-' || c == ':'; }),
             text.end());
  return text + "Z";
}

std::string canonical_query(const std::vector<std::pair<std::string, std::string>>& query) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : query)
    parts.push_back(percent_encode(name, "") + "=" + percent_encode(value, ""));
  std::sort(parts.begin(), parts.end());
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : "&") + part;
  return out;
}

void sign(SignedRequest& request, const Credentials& credentials, std::string_view region, Time now) {
  const std::string date = amz_date(now);
  request.headers.emplace_back("x-amz-date", date);
  request.headers.emplace_back("x-amz-content-sha256", request.payload_hash);
  if (!credentials.session_token.empty()) {
    request.headers.emplace_back("x-amz-security-token", credentials.session_token.reveal());
  }
  const CanonicalHeaders headers = canonical_headers(request);
  const std::string canonical = request.method + "\n" + request.path + "\n" + canonical_query(request.query) +
                                "\n" + headers.lines + "\n" + headers.names + "\n" + request.payload_hash;
  const std::string day = date.substr(0, kDateLength);
  const std::string scope = day + "/" + std::string(region) + "/s3/aws4_request";
  const std::string to_sign =
      std::string(kAlgorithm) + "\n" + date + "\n" + scope + "\n" + to_hex(sha256(canonical));
  const Secret first("AWS4" + std::string(credentials.secret_access_key.reveal()));
  const Secret key(hmac(hmac(hmac(hmac(first.reveal(), day), region), "s3"), "aws4_request"));
  request.headers.emplace_back("authorization", std::string(kAlgorithm) +
                                                    " Credential=" + credentials.access_key_id + "/" + scope +
                                                    ",SignedHeaders=" + headers.names +
                                                    ",Signature=" + hex_encode(hmac(key.reveal(), to_sign)));
}

}  // namespace waybill::s3
