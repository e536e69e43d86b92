#include "net/http_client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>

#include "base/text.h"

namespace waybill::net {

namespace {

constexpr int kPollMilliseconds = 50;  // between looks at the context
constexpr std::size_t kIdle = 16;      // connections that are kept

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// A handle with its connections. One exchange at a time.
class Handle {
 public:
  Handle() : easy_(curl_easy_init()), multi_(curl_multi_init()) {}
  ~Handle() {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  CURL* easy() const { return easy_; }
  CURLM* multi() const { return multi_; }

 private:
  CURL* easy_;
  CURLM* multi_;
};

/// What the callbacks of one exchange share.
struct Exchange {
  CURL* curl;
  const HttpRequest& request;
  const Egress& egress;
  std::string host;
  HttpResponse response = {};
  std::optional<Error> refused = {};  // by us: egress, limit, sink
  std::array<char, CURL_ERROR_SIZE> words = {};
};

std::string host_of(std::string_view url) {
  const auto scheme = url.find("://");
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?"));
  if (rest.starts_with('[')) return std::string(rest.substr(1, rest.find(']') - 1));
  return std::string(rest.substr(0, rest.find(':')));
}

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view piece(bytes, size * count);
  long status = 0;
  curl_easy_getinfo(exchange.curl, CURLINFO_RESPONSE_CODE, &status);
  exchange.response.status = static_cast<int>(status);
  if (exchange.request.sink && status >= 200 && status < 300) {
    if (exchange.request.sink(piece)) return piece.size();
    exchange.refused = Error{ErrorCode::io, "The answer of " + exchange.host + " could not be kept."};
    return 0;
  }
  if (exchange.response.body.size() + piece.size() > HttpClient::kMaxBody) {
    exchange.refused = Error{ErrorCode::limit_exceeded, "The answer of " + exchange.host + " is too large."};
    return 0;
  }
  exchange.response.body.append(piece);
  return piece.size();
}

std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(bytes, size * count);
  if (line.starts_with("HTTP/")) exchange.response.headers.clear();  // the one after a 100 Continue counts
  const auto colon = line.find(':');
  if (colon != std::string_view::npos) {
    exchange.response.headers.emplace_back(to_lower(trim(line.substr(0, colon))),
                                           std::string(trim(line.substr(colon + 1))));
  }
  return line.size();
}

/// Every connection comes by here, after resolving.
curl_socket_t on_connect(void* user, curlsocktype /*purpose*/, curl_sockaddr* to) {
  auto& exchange = *static_cast<Exchange*>(user);
  const auto address = Address::of(&to->addr);
  if (!address) return CURL_SOCKET_BAD;
  if (auto allowed = exchange.egress.check(exchange.host, *address); !allowed) {
    exchange.refused = std::move(allowed).error();
    return CURL_SOCKET_BAD;
  }
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

void set_up(const HttpOptions& options, Exchange& exchange, curl_slist* headers) {
  CURL* curl = exchange.curl;
  curl_easy_reset(curl);  // the connections stay
  const auto set = [curl](CURLoption option, auto value) { curl_easy_setopt(curl, option, value); };
  set(CURLOPT_URL, exchange.request.url.c_str());
  set(CURLOPT_CUSTOMREQUEST, exchange.request.method.c_str());
  if (exchange.request.method == "HEAD") set(CURLOPT_NOBODY, 1L);
  if (!exchange.request.body.empty() || exchange.request.method == "PUT" ||
      exchange.request.method == "POST") {
    set(CURLOPT_POSTFIELDS, exchange.request.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(exchange.request.body.size()));
  }
  set(CURLOPT_HTTPHEADER, headers);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_ERRORBUFFER, exchange.words.data());
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_WRITEDATA, &exchange);
  set(CURLOPT_HEADERFUNCTION, on_header);
  set(CURLOPT_HEADERDATA, &exchange);
  set(CURLOPT_OPENSOCKETFUNCTION, on_connect);
  set(CURLOPT_OPENSOCKETDATA, &exchange);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.request_timeout.count()));
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>((options.stall_timeout.count() + 999) / 1000));
  if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
}

Error transport_error(CURLcode code, const Exchange& exchange) {
  if (exchange.refused) return *exchange.refused;
  const std::string words = exchange.words[0] == '\0' ? curl_easy_strerror(code) : exchange.words.data();
  const std::string host = escape_controls(exchange.host);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {ErrorCode::unavailable, "The host " + host + " could not be found."};
    case CURLE_COULDNT_CONNECT: {
      long number = 0;
      curl_easy_getinfo(exchange.curl, CURLINFO_OS_ERRNO, &number);
      return {ErrorCode::unavailable,
              host + " could not be reached: " +
                  std::strerror(number == 0 ? ECONNREFUSED : static_cast<int>(number)) + "."};
    }
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorCode::timeout, host + " did not answer in time."};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return {ErrorCode::permission_denied, "The certificate of " + host + " is not trusted: " + words + "."};
    case CURLE_SSL_CONNECT_ERROR:
      return {ErrorCode::unavailable, "No TLS connection could be made with " + host + ": " + words + "."};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {ErrorCode::invalid_argument, "The address " + host + " cannot be used: " + words + "."};
    default:
      return {ErrorCode::unavailable, "The connection with " + host + " broke off: " + words + "."};
  }
}

/// Runs what is set up, looking at the context all the while.
Result<CURLcode> perform(const Handle& handle, const Context& context) {
  curl_multi_add_handle(handle.multi(), handle.easy());
  struct Removal {
    const Handle& handle;
    ~Removal() { curl_multi_remove_handle(handle.multi(), handle.easy()); }
  } const removal{handle};
  for (int running = 1; running > 0;) {
    WB_CHECK_OK(context.check());
    if (curl_multi_perform(handle.multi(), &running) != CURLM_OK) return CURLE_FAILED_INIT;
    if (running > 0) curl_multi_poll(handle.multi(), nullptr, 0, kPollMilliseconds, nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(handle.multi(), &left)) {
    if (message->msg == CURLMSG_DONE) return message->data.result;
  }
  return CURLE_FAILED_INIT;
}

}  // namespace

struct HttpClient::State {
  HttpOptions options;
  std::mutex mutex;
  std::vector<std::unique_ptr<Handle>> idle;

  std::unique_ptr<Handle> take() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) return std::make_unique<Handle>();
    auto handle = std::move(idle.back());
    idle.pop_back();
    return handle;
  }
  void give_back(std::unique_ptr<Handle> handle) {
    curl_easy_reset(handle->easy());
    const std::lock_guard lock(mutex);
    if (idle.size() < kIdle) idle.push_back(std::move(handle));
  }
};

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::optional<Milliseconds> HttpResponse::clock_ahead(Time now) const {
  const std::string text(header("date"));
  const time_t seconds = curl_getdate(text.c_str(), nullptr);
  if (seconds < 0) return std::nullopt;
  return Time(std::chrono::seconds(seconds)) - std::chrono::floor<std::chrono::seconds>(now);
}

HttpClient::HttpClient(HttpOptions options) : state_(std::make_unique<State>()) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)ready;  // what fails here fails again at the first request
  state_->options = std::move(options);
}

HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::send(const HttpRequest& request, const Context& context) {
  auto handle = state_->take();
  Exchange exchange{handle->easy(), request, state_->options.egress, host_of(request.url)};
  std::unique_ptr<curl_slist, FreeList> headers;
  const auto add = [&](const std::string& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
  };
  for (const auto& [name, value] : request.headers) add(name + ": " + value);
  add("Expect:");  // no waiting for a 100 before a body
  if (request.method == "PUT" || request.method == "POST") add("Content-Type: application/octet-stream");
  set_up(state_->options, exchange, headers.get());
  const auto code = perform(*handle, context);
  if (!code) return code.error();  // the handle goes: its connection is in the middle of something
  if (*code != CURLE_OK) return transport_error(*code, exchange);
  long status = 0;
  curl_easy_getinfo(handle->easy(), CURLINFO_RESPONSE_CODE, &status);
  exchange.response.status = static_cast<int>(status);
  state_->give_back(std::move(handle));
  return std::move(exchange.response);
}

}  // namespace waybill::net
