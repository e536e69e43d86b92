#include "app/issuers.h"

#include <charconv>
#include <chrono>

#include "app/outgoing.h"
#include "base/text.h"
#include "net/http_client.h"
#include "observe/log.h"

namespace waybill::app {

namespace {

using Check = cli::Local::Check;

// An issuer that hangs must not hold up those who wait for its keys.
constexpr Milliseconds kMostConnect{3'000};
constexpr Milliseconds kMostRequest{5'000};

/// max-age of a Cache-Control (RFC 9111, 5.2.2.1).
std::optional<Milliseconds> max_age(std::string_view header) {
  for (const auto part : split(header, ',')) {
    constexpr std::string_view kName = "max-age=";
    const auto directive = trim(part);
    if (!iequals(directive.substr(0, kName.size()), kName)) continue;
    const auto digits = directive.substr(kName.size());
    std::int32_t seconds = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    if (error == std::errc() && seconds >= 0) return std::chrono::seconds(seconds);
  }
  return std::nullopt;
}

/// `ahead` gets how far the issuer's clock is ahead of this one.
Result<auth::Fetched> fetch(net::HttpClient& http, const std::string& url, const Context& context,
                            std::optional<Milliseconds>* ahead) {
  net::HttpRequest request;
  request.url = url;
  request.headers = {{"Accept", "application/json"}};
  WB_TRY(auto response, http.send(request, context));
  if (ahead != nullptr) *ahead = response.clock_ahead(context.clock().now());
  return auth::Fetched{response.status, std::move(response.body), max_age(response.header("cache-control"))};
}

Result<std::shared_ptr<net::HttpClient>> make_client(const config::Settings& settings) {
  WB_TRY(auto options, outgoing_http(settings, settings.auth.ca_file));
  options.connect_timeout = std::min(options.connect_timeout, kMostConnect);
  options.stall_timeout = std::min(options.stall_timeout, kMostRequest);
  options.request_timeout = std::min(options.request_timeout, kMostRequest);
  return std::make_shared<net::HttpClient>(std::move(options));
}

void log_state(const auth::IssuerState& state) {
  const auto keys = static_cast<std::int64_t>(state.keys);
  if (state.problem.empty()) {
    observe::log(observe::Level::info, "auth.issuer_reached", {{"issuer", state.issuer}, {"keys", keys}});
  } else {
    observe::log(observe::Level::warning, "auth.issuer_away",
                 {{"issuer", state.issuer}, {"reason", state.problem}, {"keys_kept", keys}});
  }
}

Check check_clock(const std::string& url, Milliseconds ahead, Milliseconds leeway) {
  const std::string difference = clock_difference(ahead);
  const bool fine = ahead <= leeway && -ahead <= leeway;
  return {"clock of " + url, difference.empty() ? "the same as here" : difference,
          fine ? "" : "Set this machine's clock: tokens are refused that are more than auth.leeway off.",
          fine};
}

}  // namespace

Result<std::unique_ptr<auth::OutsideIssuers>> make_outside_issuers(const config::Settings& settings,
                                                                   const Clock& clock) {
  WB_TRY(auto http, make_client(settings));
  // Shared: a function object must be copyable.
  auto get = [http = std::move(http)](const std::string& url, const Context& context) {
    return fetch(*http, url, context, nullptr);
  };
  auth::OutsideIssuersOptions options{settings.auth.outside_issuers, settings.auth.keys_life,
                                      settings.auth.keys_away, log_state};
  return std::make_unique<auth::OutsideIssuers>(std::move(options), std::move(get), clock);
}

auth::OutsideRules outside_rules(const config::Settings& settings) {
  auth::OutsideRules rules;
  rules.audience = settings.auth.audience;
  rules.algorithms.clear();
  for (const auto& name : settings.auth.algorithms) rules.algorithms.push_back(*auth::parse_algorithm(name));
  rules.scope_prefixes = settings.auth.scope_prefixes;
  rules.department_claim = settings.auth.department_claim;
  for (const auto& [department, values] : settings.auth.departments) {
    for (const auto& value : values) rules.departments.emplace(value, department);
  }
  return rules;
}

std::vector<Check> check_issuers(const config::Settings& settings) {
  std::vector<Check> checks;
  for (const auto& url : settings.auth.outside_issuers) {
    const auto http = make_client(settings);
    std::optional<Milliseconds> ahead;
    const auto keys = http ? auth::fetch_keys(
                                 url,
                                 [&](const std::string& each, const Context& context) {
                                   return fetch(**http, each, context, &ahead);
                                 },
                                 Context())
                           : Result<auth::PublishedKeys>(http.error());
    if (!keys) {
      checks.push_back({"issuer " + url, keys.error().message,
                        "Check auth.outside_issuers, auth.ca_file and network.allow: the URL must be the "
                        "issuer's own, to the letter.",
                        false});
    } else {
      const auto count = keys->keys.size();
      checks.push_back({"issuer " + url,
                        "publishes " + std::to_string(count) + (count == 1 ? " key" : " keys") +
                            " that can be used, at " + keys->jwks_uri,
                        "", true});
    }
    if (ahead) checks.push_back(check_clock(url, *ahead, settings.auth.leeway));
  }
  return checks;
}

}  // namespace waybill::app
