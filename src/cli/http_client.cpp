#include "cli/http_client.h"

#include <curl/curl.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/text.h"
#include "cli/console.h"

namespace waybill::cli {

namespace {

constexpr long kConnectTimeoutMilliseconds = 10'000;
constexpr long kStalledSeconds = 60;
constexpr std::uint64_t kMaxBodyBytes = 64ULL << 20;  // of answers kept in memory

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct ListFreer {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// What the callbacks of one exchange share.
struct Exchange {
  CURL* curl = nullptr;
  const HttpRequest& request;
  HttpResponse response;
  bool stopped_by_sink = false;
  bool too_large = false;
};

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view piece(bytes, size * count);
  long status = 0;
  curl_easy_getinfo(exchange.curl, CURLINFO_RESPONSE_CODE, &status);
  if (exchange.request.sink && status >= 200 && status < 300) {
    exchange.response.status = static_cast<int>(status);
    if (exchange.request.sink(piece)) return piece.size();
    exchange.stopped_by_sink = true;
    return 0;
  }
  if (exchange.response.body.size() + piece.size() > kMaxBodyBytes) {
    exchange.too_large = true;
    return 0;
  }
  exchange.response.body.append(piece);
  return piece.size();
}

std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(bytes, size * count);
  if (line.starts_with("HTTP/")) exchange.response.headers.clear();  // the one after a 100 Continue counts
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    exchange.response.headers.emplace_back(to_lower(trim(line.substr(0, colon))),
                                           std::string(trim(line.substr(colon + 1))));
  }
  return line.size();
}

int on_progress(void* user, curl_off_t /*down_total*/, curl_off_t /*down*/, curl_off_t up_total,
                curl_off_t up) {
  const auto& exchange = *static_cast<const Exchange*>(user);
  if (exchange.request.progress && up_total > 0) {
    exchange.request.progress(static_cast<std::uint64_t>(up), static_cast<std::uint64_t>(up_total));
  }
  return InterruptGuard::interrupted() ? 1 : 0;
}

std::string origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t path = scheme == std::string_view::npos ? scheme : url.find('/', scheme + 3);
  return std::string(url.substr(0, path));
}

Error transport_error(CURLcode code, const Exchange& exchange, const char* words) {
  if (code == CURLE_ABORTED_BY_CALLBACK || exchange.stopped_by_sink) {
    return {ErrorCode::cancelled, "interrupted"};
  }
  const std::string server = origin_of(exchange.request.url);
  if (exchange.too_large) return {ErrorCode::limit_exceeded, "the answer of " + server + " is too large"};
  const std::string start = "could not reach " + server + ": ";
  switch (code) {
    case CURLE_COULDNT_CONNECT: {
      long number = 0;
      curl_easy_getinfo(exchange.curl, CURLINFO_OS_ERRNO, &number);
      const std::string reason = number == ECONNREFUSED || number == 0
                                     ? "connection refused"
                                     : std::generic_category().message(static_cast<int>(number));
      return {ErrorCode::unavailable,
              start + reason +
                  ". Is `waybill serve` running? Another server is named with --server or WAYBILL_SERVER."};
    }
    case CURLE_COULDNT_RESOLVE_HOST:
      return {ErrorCode::unavailable,
              start + "there is no host of that name. Check --server and WAYBILL_SERVER."};
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorCode::timeout, start + "no answer in time. Try again, or look at the server's log."};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return {ErrorCode::permission_denied, start + std::string(words) +
                                                ". The authority that signed its certificate is named "
                                                "with --ca-file."};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {ErrorCode::invalid_argument, "\"" + server +
                                               "\" is no address of a server. Expected is "
                                               "http://host:port or https://host."};
    default:
      return {ErrorCode::unavailable, start + std::string(words) + "."};
  }
}

}  // namespace

struct HttpClient::State {
  CURL* curl = curl_easy_init();
  std::filesystem::path ca_file;
  std::array<char, CURL_ERROR_SIZE> words{};
  ~State() { curl_easy_cleanup(curl); }
};

HttpClient::HttpClient(std::filesystem::path ca_file) {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(once);
  state_ = std::make_unique<State>();
  state_->ca_file = std::move(ca_file);
}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

namespace {

void set_common(CURL* curl, Exchange& exchange, char* words, const std::filesystem::path& ca_file) {
  const HttpRequest& request = exchange.request;
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMilliseconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  if (request.timeout.count() == 0) {
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kStalledSeconds);
  }
  if (is_loopback(host_of(request.url))) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  if (!ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "waybill");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

void set_body(CURL* curl, const HttpRequest& request, std::FILE* upload) {
  if (upload != nullptr) {
    std::error_code ignored;
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READDATA, upload);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE,
                     static_cast<curl_off_t>(std::filesystem::file_size(request.upload, ignored)));
  } else if (!request.body.empty() || request.method == "POST") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

}  // namespace

Result<HttpResponse> HttpClient::send(const HttpRequest& request) {
  CURL* curl = state_->curl;
  curl_easy_reset(curl);  // keeps the connection
  Exchange exchange{.curl = curl, .request = request, .response = {}};
  state_->words.fill('\0');
  set_common(curl, exchange, state_->words.data(), state_->ca_file);

  std::unique_ptr<std::FILE, FileCloser> upload;
  if (!request.upload.empty()) {
    upload.reset(std::fopen(request.upload.c_str(), "rbe"));
    if (!upload) return errno_error("cannot open " + request.upload.string(), errno);
  }
  set_body(curl, request, upload.get());

  curl_slist* list = nullptr;
  for (const auto& [name, value] : request.headers) {
    list = curl_slist_append(list, (name + ": " + value).c_str());
  }
  if (request.body.empty() && !upload) list = curl_slist_append(list, "Content-Type:");  // curl would add one
  // An upload that is refused should be refused before it is sent; small bodies are not worth the round trip.
  if (!upload) list = curl_slist_append(list, "Expect:");
  const std::unique_ptr<curl_slist, ListFreer> headers(list);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());

  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) {
    const char* words = state_->words[0] != '\0' ? state_->words.data() : curl_easy_strerror(code);
    return transport_error(code, exchange, words);
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  exchange.response.status = static_cast<int>(status);
  return std::move(exchange.response);
}

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  std::string_view rest = url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) rest = rest.substr(at + 1);
  if (rest.starts_with('[')) return std::string(rest.substr(1, rest.find(']') - 1));
  return std::string(rest.substr(0, rest.find(':')));
}

bool is_loopback(std::string_view host) {
  // Only dotted addresses: "127.example.com" is somebody else's.
  const bool address = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return iequals(host, "localhost") || host == "::1" || (address && host.starts_with("127."));
}

}  // namespace waybill::cli
