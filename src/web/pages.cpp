#include "web/pages.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include <boost/json.hpp>

#include "base/text.h"
#include "web/assets.h"
#include "web/encoding.h"

namespace waybill::web {

namespace {

// The console's addresses are as deep as /console/jobs/{id}/findings/{sequence}; one more is harmless.
constexpr int kDeepest = 5;
constexpr std::string_view kForever = "public, max-age=31536000, immutable";
constexpr std::string_view kCheckFirst = "no-cache";

/// What is sent of an asset, copied once: answers share it.
struct Sent {
  std::shared_ptr<const std::string> plain, gzip, brotli;
};

/// What all routes look at; made once, read by any thread.
struct Site {
  explicit Site(PageOptions given) : options(std::move(given)) {
    for (const Asset& asset : assets()) {
      const auto keep = [](std::string_view bytes) { return std::make_shared<const std::string>(bytes); };
      sent.emplace(asset.name, Sent{keep(asset.plain), keep(asset.gzip), keep(asset.brotli)});
    }
  }
  PageOptions options;
  std::map<std::string_view, Sent> sent;
};
using SitePointer = std::shared_ptr<const Site>;  // shared by the routes

/// "https://login.example.com" of an issuer's URL: what a policy may name.
std::string origin_of(std::string_view url) {
  const auto host = url.find("://");
  if (host == std::string_view::npos) return {};
  return std::string(url.substr(0, url.find('/', host + 3)));
}

std::string console_policy(const PageOptions& options) {
  const auto issuer = origin_of(options.issuer);
  return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'" +
         (issuer.empty() ? "" : " " + issuer) +
         "; frame-src 'self'; worker-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
}

// An article's body as its author styled it, its pictures handed in as data; nothing runs, nothing is
// fetched.
constexpr std::string_view kFramePolicy =
    "sandbox allow-same-origin; default-src 'none'; script-src 'none'; style-src 'self' 'unsafe-inline'; "
    "img-src data: blob:; media-src data: blob:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

void add_security(http::Headers& headers, std::string policy, bool framed) {
  headers.set("Content-Security-Policy", std::move(policy));
  headers.set("X-Frame-Options", framed ? "SAMEORIGIN" : "DENY");
  headers.set("Referrer-Policy", "no-referrer");
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
}

/// RFC 9110, 13.1.2: a list of tags, compared weakly, or "*".
bool has_already(const http::Request& request, std::string_view etag) {
  const auto given = request.headers.get("If-None-Match");
  if (!given) return false;
  for (const auto part : split(*given, ',')) {
    auto tag = trim(part);
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag || tag == "*") return true;
  }
  return false;
}

http::Response file_answer(const Site& site, const Asset& asset, const http::Request& request,
                           std::string_view caching) {
  const auto encoding = choose_encoding(request.headers.get("Accept-Encoding").value_or(""),
                                        !asset.gzip.empty(), !asset.brotli.empty());
  // A tag names one representation: that of each encoding is its own (RFC 9110, 8.8.3).
  const auto coding = to_string(encoding);
  const auto etag = "\"" + std::string(asset.hash) + (coding.empty() ? "" : "-") + std::string(coding) + "\"";
  http::Response response;
  response.headers.set("ETag", etag);
  response.headers.set("Cache-Control", std::string(caching));
  response.headers.set("Vary", "Accept-Encoding");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
  if (has_already(request, etag)) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type", std::string(asset.media_type));
  if (encoding != Encoding::identity) response.headers.set("Content-Encoding", std::string(coding));
  const Sent& sent = site.sent.at(asset.name);
  response.shared_body = encoding == Encoding::brotli ? sent.brotli
                         : encoding == Encoding::gzip ? sent.gzip
                                                      : sent.plain;
  return response;
}

http::Route route(std::string path, std::function<http::Response(const http::Request&)> answer) {
  http::Route made;
  made.method = "GET";
  made.path = std::move(path);
  made.runs = http::Route::Runs::loop;
  made.handler = [answer = std::move(answer)](const http::Request& request,
                                              const http::Responder& responder) {
    responder.send(answer(request));
  };
  return made;
}

/// A page: one file of the build under an address, with a policy of its own.
http::Route page(const SitePointer& site, std::string path, const std::string& name,
                 const std::string& policy, bool framed = false) {
  return route(std::move(path), [=](const http::Request& request) {
    const Asset* asset = find_asset(name);
    if (asset == nullptr) {
      return site->options.not_found(
          request,
          "This server was built without the console, for want of Node and npm or by WAYBILL_CONSOLE=OFF.");
    }
    auto response = file_answer(*site, *asset, request, kCheckFirst);
    add_security(response.headers, policy, framed);
    return response;
  });
}

http::Route hashed_files(const SitePointer& site) {
  return route("/console/assets/{name}", [site](const http::Request& request) {
    const Asset* asset = find_asset("assets/" + request.path_values.at(0));
    if (asset == nullptr) {
      return site->options.not_found(request, "The console has no such file. Load the page anew.");
    }
    return file_answer(*site, *asset, request, kForever);
  });
}

/// What the console must know before anyone has signed in. Nothing in it is secret.
http::Route public_settings(const SitePointer& site) {
  boost::json::object settings{{"version", site->options.version}};
  if (!site->options.issuer.empty()) {
    settings["issuer"] = site->options.issuer;
    settings["clientId"] = site->options.client_id;
    settings["scope"] = site->options.scope;
  }
  return route("/console/config.json", [text = boost::json::serialize(settings)](const http::Request&) {
    http::Response response;
    response.headers.set("Content-Type", "application/json");
    response.headers.set("Cache-Control", "no-cache");
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.body = text;
    return response;
  });
}

}  // namespace

std::vector<http::Route> routes(PageOptions options) {
  const auto site = std::make_shared<const Site>(std::move(options));
  const auto policy = console_policy(site->options);
  std::vector<http::Route> all;
  all.push_back(hashed_files(site));
  all.push_back(public_settings(site));
  all.push_back(page(site, "/console/article-frame", "frame.html", std::string(kFramePolicy), true));
  all.push_back(page(site, "/console/", "index.html", policy));
  // The console finds its way itself: every address below it is the same page.
  std::string path = "/console";
  for (int depth = 0; depth <= kDeepest; ++depth) {
    all.push_back(page(site, path, "index.html", policy));
    path += "/{" + std::to_string(depth) + "}";
  }
  all.push_back(page(site, "/docs", "docs.html", policy));
  all.push_back(page(site, "/docs/", "docs.html", policy));
  all.push_back(page(site, "/docs/rules", "index.html", policy));
  all.push_back(page(site, "/docs/rules/{code}", "index.html", policy));
  return all;
}

}  // namespace waybill::web
