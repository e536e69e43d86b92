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

/// What to do where no answer came at all.
std::string advice_on_way(const Error& error) {
  if (net::Egress::is_refusal(error)) return "List its host or its network in network.allow.";
  switch (error.code) {
    case ErrorCode::permission_denied:  // TLS
      return "Name the authority that signed its certificate in auth.ca_file, or correct the host in "
             "auth.outside_issuers.";
    case ErrorCode::timeout:
      return "Look at the firewall between here and there, and whether the issuer hangs.";
    case ErrorCode::unavailable:
      return "Check host, port and http or https in auth.outside_issuers, that the issuer runs, and the "
             "firewall between here and there.";
    case ErrorCode::limit_exceeded:
      return "Correct auth.outside_issuers: what answers there is no issuer.";
    default:
      return "Correct what the message names.";
  }
}

/// One issuer's documents as `waybill doctor` fetches them, so that it can tell at which step it ended.
class IssuerCheck {
 public:
  IssuerCheck(const config::Settings& settings, std::string url)
      : settings_(settings), url_(std::move(url)) {}

  std::vector<Check> run() {
    checks_.push_back(keys());
    if (url_.starts_with("http://")) {
      Check plain{"encryption of " + url_,
                  "none: whoever is on the way can put keys of their own in place of the issuer's",
                  "Name its https:// URL; plain http is for trials on one machine.", true};
      plain.warning = true;
      checks_.push_back(std::move(plain));
    }
    if (ahead_) checks_.push_back(check_clock());
    return std::move(checks_);
  }

 private:
  Check keys() {
    const std::string what = "issuer " + url_;
    const auto http = make_client(settings_);
    if (!http) return {what, http.error().message, "Correct network.allow.", false};
    const auto get = [&](const std::string& url, const Context& context) {
      auto fetched = fetch(**http, url, context, &ahead_);
      way_ = fetched ? std::nullopt : std::optional(fetched.error());
      status_ = fetched ? fetched->status : 0;
      answers_ += status_ == kOk ? 1 : 0;
      return fetched;
    };
    const auto found = auth::fetch_keys(url_, get, Context());
    if (!found) return {what, found.error().message, advice(), false};
    const auto count = found->keys.size();
    return {what,
            "publishes " + std::to_string(count) + (count == 1 ? " key" : " keys") +
                " that can be used, at " + found->jwks_uri,
            "", true};
  }

  /// By the last request and what it brought.
  std::string advice() const {
    if (way_) return advice_on_way(*way_);
    if (status_ >= kServersFault) return "The issuer itself is out of order: try again, or ask who runs it.";
    const bool of_keys = answers_ > (status_ == kOk ? 1 : 0);
    if (of_keys) {
      return "The issuer must publish a key for RS256, PS256, ES256 or EdDSA at the jwks_uri of its "
             "metadata: ask who runs it.";
    }
    if (status_ != kOk) {
      return "Correct auth.outside_issuers: the metadata must lie below that URL, and redirects are not "
             "followed.";
    }
    return "Correct auth.outside_issuers: it must be the issuer's own URL, to the letter as its metadata "
           "says `issuer`; and that must name an https `jwks_uri`.";
  }

  Check check_clock() const {
    const std::string difference = clock_difference(*ahead_);
    const bool fine = *ahead_ <= settings_.auth.leeway && -*ahead_ <= settings_.auth.leeway;
    return {"clock of " + url_, difference.empty() ? "the same as here" : difference,
            fine ? "" : "Set this machine's clock: tokens are refused that are more than auth.leeway off.",
            fine};
  }

  static constexpr int kOk = 200;
  static constexpr int kServersFault = 500;

  const config::Settings& settings_;
  const std::string url_;
  std::vector<Check> checks_;
  std::optional<Milliseconds> ahead_;
  // Of the last request: what kept an answer from coming, and the answer's status.
  std::optional<Error> way_;
  int status_ = 0;
  int answers_ = 0;  // that were successes, of all requests
};

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
    for (auto& check : IssuerCheck(settings, url).run()) checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace waybill::app
