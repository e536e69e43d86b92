#include "s3/client.h"

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"

namespace waybill::s3 {

namespace {

constexpr int kPartial = 206;
constexpr std::string_view kNoBucket = "NoSuchBucket";
constexpr int kMostEmptyPages = 1'000;  // of a listing, in a row

/// "s3.eu-west-1.amazonaws.com" with the bucket in front, or in the path where TLS could not prove such a
/// host.
std::string base_url(const std::string& bucket, const std::string& endpoint, const std::string& region) {
  if (!endpoint.empty()) return endpoint + (endpoint.ends_with('/') ? "" : "/") + percent_encode(bucket, "");
  const std::string host = "s3." + region + ".amazonaws.com";
  if (bucket.find('.') != std::string::npos) return "https://" + host + "/" + percent_encode(bucket, "");
  return "https://" + bucket + "." + host;
}

bool is_throttled(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

}  // namespace

Client::Client(std::string bucket, Credentials credentials, const Options& options)
    : bucket_(std::move(bucket)),
      credentials_(std::move(credentials)),
      options_(options),
      http_(options.http),
      region_(options.region) {}

std::string Client::endpoint() {
  const std::string base = base_url(bucket_, options_.endpoint, region());
  return base.substr(0, std::min(base.find('/', base.find("://") + 3), base.size()));
}

std::optional<Milliseconds> Client::clock_ahead() {
  const std::lock_guard lock(mutex_);
  return clock_ahead_;
}

std::string Client::region() {
  const std::lock_guard lock(mutex_);
  return region_;
}

Result<net::HttpResponse> Client::once(const Call& call, const Context& context) {
  const std::string where = region();
  const std::string base = base_url(bucket_, options_.endpoint, where);
  const auto host = base.find("://") + 3;
  const auto path = std::min(base.find('/', host), base.size());
  SignedRequest request{call.method, base.substr(path), call.query, call.headers, to_hex(sha256(call.body))};
  if (!call.key.empty() || request.path.empty()) request.path += "/" + percent_encode(call.key, "/");
  request.headers.emplace_back("host", base.substr(host, path - host));
  sign(request, credentials_, where, context.clock().now());
  net::HttpRequest http;
  http.method = call.method;
  http.url = base.substr(0, path) + request.path;
  if (!call.query.empty()) http.url += "?" + canonical_query(call.query);
  for (auto& [name, value] : request.headers) {
    if (name != "host") http.headers.emplace_back(name, std::move(value));
  }
  http.body = call.body;
  http.sink = call.sink;
  auto response = http_.send(http, context);
  if (const auto ahead = response ? response->clock_ahead(context.clock().now()) : std::nullopt) {
    const std::lock_guard lock(mutex_);
    clock_ahead_ = ahead;
  }
  return response;
}

/// True where the store named a region that is not the one we asked: the request is worth sending again.
bool Client::take_region(const net::HttpResponse& response) {
  std::string named(response.header("x-amz-bucket-region"));
  if (named.empty()) named = read_refusal(response.body).region;
  const bool plain = named.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  const std::lock_guard lock(mutex_);
  if (named.empty() || !plain || named == region_) return false;
  region_ = std::move(named);
  return true;
}

Error Client::refusal(const Call& call, const net::HttpResponse& response) {
  const Refusal why = read_refusal(response.body);
  const std::string thing = shown(call.key);
  const std::string detail = "HTTP " + std::to_string(response.status) + " " + why.code + ": " + why.message;
  const auto is = [&](std::string_view code) { return why.code == code; };
  if (is_throttled(response.status) || is("SlowDown") || is("RequestTimeout")) {
    return {ErrorCode::unavailable,
            "The store of " + thing + " is overloaded or out of order for the moment.", detail};
  }
  if (is(kNoBucket)) return {ErrorCode::not_found, "There is no bucket " + bucket_ + ".", detail};
  if (response.status == 404) return {ErrorCode::not_found, "There is no object " + thing + ".", detail};
  if (response.status == 412) {
    return {ErrorCode::corrupt, thing + " was changed while it was being read", detail};
  }
  if (response.status == 416) return {ErrorCode::corrupt, thing + " is shorter than it was", detail};
  if (is("RequestTimeTooSkewed")) {
    return {ErrorCode::invalid_argument,
            "The clock of this server differs too much from the store's, which says " +
                std::string(response.header("date")) + ": set this server's clock.",
            detail};
  }
  if (is("InvalidAccessKeyId") || is("SignatureDoesNotMatch") || is("InvalidToken") || is("ExpiredToken")) {
    const std::string what = is("SignatureDoesNotMatch")
                                 ? "the secret access key does not fit the access key id"
                             : is("InvalidAccessKeyId") ? "there is no such access key id"
                             : is("ExpiredToken")       ? "the session token has expired"
                                                        : "the session token is not valid";
    return {ErrorCode::permission_denied,
            "The store refuses the credentials for " + thing + ": " + what + ".", detail};
  }
  if (is("AuthorizationHeaderMalformed") || is("PermanentRedirect") || response.status == 301) {
    return {ErrorCode::invalid_argument,
            "The bucket " + bucket_ + " is not in the region " + region() +
                ": give its own in dataSource.region.",
            detail};
  }
  if (response.status == 403 || response.status == 401) {
    return {ErrorCode::permission_denied,
            "Access to " + thing + " is denied: the credentials do not allow it.", detail};
  }
  return {ErrorCode::io,
          "The store of " + thing + " refuses the request (HTTP " + std::to_string(response.status) + ").",
          detail};
}

/// A success, having followed one hint to another region.
Result<net::HttpResponse> Client::checked(const Call& call, const Context& context) {
  WB_TRY(auto response, once(call, context));
  if ((response.status == 301 || response.status == 307 || response.status == 400) && take_region(response)) {
    WB_TRY(response, once(call, context));
  }
  if (response.status >= 200 && response.status < 300) return response;
  return refusal(call, response);
}

Result<net::HttpResponse> Client::tried(const Call& call, const Context& context) {
  net::Retry retry(options_.retry);
  for (;;) {
    auto response = checked(call, context);
    if (response) return response;
    WB_CHECK_OK(retry.wait(std::move(response).error(), context));
  }
}

/// By its first byte rather than by HEAD, whose refusals have no body to say why.
Result<Object> Client::look(const std::string& key, const Context& context) {
  Call call;
  call.key = key;
  call.headers = {{"range", "bytes=0-0"}};
  auto response = tried(call, context);
  if (!response && response.error().detail.starts_with("HTTP 416"))
    return Object{key, 0, {}, {}};  // it is empty
  if (!response) return std::move(response).error();
  const auto size = whole_size(response->header("content-range"));
  Object object{key,
                size ? *size : number_of(response->header("content-length")),
                std::string(response->header("etag")),
                {}};
  for (const auto& [name, value] : response->headers) {
    if (name.starts_with(kMetadata)) object.metadata.emplace_back(name.substr(kMetadata.size()), value);
  }
  return object;
}

Result<std::vector<Object>> Client::list(const std::string& prefix, std::size_t most,
                                         const Context& context) {
  std::vector<Object> objects;
  std::string token;
  int empty = 0;
  do {
    Call call;
    call.query = {{"list-type", "2"}, {"prefix", prefix}};
    if (!token.empty()) call.query.emplace_back("continuation-token", token);
    WB_TRY(const auto response, tried(call, context));
    auto page = read_page(response.body);
    empty = page && page->objects.empty() ? empty + 1 : 0;
    // One empty page after the other would go on without end.
    if (!page || empty > kMostEmptyPages) {
      return Error{ErrorCode::corrupt, "The store's list of " + shown(prefix) + " cannot be read."};
    }
    if (page->objects.size() > most - objects.size()) {
      return Error{ErrorCode::limit_exceeded,
                   "More than " + std::to_string(most) + " objects lie below " + shown(prefix) + "."};
    }
    std::move(page->objects.begin(), page->objects.end(), std::back_inserter(objects));
    token = std::move(page->next);
  } while (!token.empty());
  return objects;
}

Error Client::changed(const Object& object) const {
  return {ErrorCode::unavailable,
          "The package was changed under this job: " + shown(object.key) + " is another now."};
}

Result<void> Client::read(const Object& object, std::uint64_t offset, std::span<char> into,
                          const Context& context) {
  net::Retry retry(options_.retry);
  for (std::size_t done = 0; done < into.size();) {
    const std::size_t before = done;
    Call call;
    call.key = object.key;
    call.headers = {
        {"range", "bytes=" + std::to_string(offset + done) + "-" + std::to_string(offset + into.size() - 1)}};
    if (!object.etag.empty()) call.headers.emplace_back("if-match", object.etag);
    call.sink = [&](std::string_view piece) {
      if (piece.size() > into.size() - done) return false;
      std::copy(piece.begin(), piece.end(), into.begin() + static_cast<std::ptrdiff_t>(done));
      done += piece.size();
      return true;
    };
    auto response = checked(call, context);
    if (response && response->status != kPartial && (offset + before > 0 || done < into.size())) {
      return Error{ErrorCode::io, "The store of " + shown(object.key) + " does not serve ranges."};
    }
    if (response && done < into.size()) return changed(object);
    if (response) return {};
    // Trying again would not bring the old bytes back: the job's next run begins with the new ones.
    if (response.error().code == ErrorCode::corrupt) return changed(object);
    if (done > before) retry.progressed();
    WB_CHECK_OK(retry.wait(std::move(response).error(), context));
  }
  return {};
}

bool is_no_bucket(const Error& error) {
  return error.code == ErrorCode::not_found && error.detail.find(kNoBucket) != std::string::npos;
}

}  // namespace waybill::s3
