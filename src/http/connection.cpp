#include "http/connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/upload.h"
#include "http/uri.h"

namespace waybill::http {

namespace asio = boost::asio;

namespace {

/// Brings an answer from any thread to the connection that waits for it.
class Exchange final : public Responder::Target {
 public:
  Exchange(std::weak_ptr<Connection> connection, std::uint64_t serial, std::shared_ptr<Mailbox> mailbox,
           std::shared_ptr<std::atomic<bool>> gone, std::shared_ptr<Upload> upload)
      : connection_(std::move(connection)),
        serial_(serial),
        mailbox_(std::move(mailbox)),
        gone_(std::move(gone)),
        upload_(std::move(upload)) {}
  ~Exchange() override {
    if (abandon()) hand_over(std::nullopt);
  }
  bool gone() const override { return gone_->load(); }
  void forget() { abandon(); }

 private:
  void deliver(Response response) override { hand_over(std::move(response)); }

  void hand_over(std::optional<Response> response) {
    if (mailbox_->here()) {
      if (const auto connection = connection_.lock()) connection->take_answer(serial_, std::move(response));
      return;
    }
    mailbox_->post([weak = connection_, serial = serial_, response = std::move(response)]() mutable {
      if (const auto connection = weak.lock()) connection->take_answer(serial, std::move(response));
    });
  }

  std::weak_ptr<Connection> connection_;
  std::uint64_t serial_;
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<std::atomic<bool>> gone_;
  std::shared_ptr<Upload> upload_;
};

/// The request without what its handler took.
Request head_of(const Request& request) {
  Request head;
  head.method = request.method;
  head.target = request.target;
  head.path = request.path;
  head.headers = request.headers;
  head.peer = request.peer;
  head.request_id = request.request_id;
  head.secure = request.secure;
  return head;
}

}  // namespace

Connection::Connection(Shared& shared, Loop& loop, asio::ip::tcp::socket socket, std::string peer)
    : shared_(shared),
      loop_(loop),
      transport_(std::make_shared<Transport>(std::move(socket), shared.tls ? &*shared.tls : nullptr)),
      parser_(shared.options.max_head_bytes),
      wake_(loop.io(), asio::steady_timer::time_point::max()),
      peer_(std::move(peer)) {
  loop_.connections().insert(this);
}

Connection::~Connection() {
  transport_->close();
  loop_.connections().erase(this);
  shared_.open.fetch_sub(1);
  if (!shared_.stopping) return;
  const std::lock_guard lock(shared_.mutex);
  shared_.closed.notify_all();
}

void Connection::start(bool overloaded) {
  // An exception here is memory that ran out: the connection ends, the server goes on.
  asio::co_spawn(
      loop_.io(),
      [self = shared_from_this(), overloaded]() -> Awaitable<void> { co_await self->run(overloaded); },
      [](const std::exception_ptr&) {});
}

void Connection::drain() {
  draining_ = true;
  if (idle_) transport_->abort();
  if (streaming_ != nullptr) wake_.cancel();
}

void Connection::abort() {
  aborted_ = true;
  transport_->abort();
  wake_.cancel();
}

void Connection::take_answer(std::uint64_t serial, std::optional<Response> response) {
  if (serial != serial_ || answered_) return;
  answered_ = true;
  answer_ = std::move(response);
  wake_.cancel();
}

Connection::Awaitable<void> Connection::run(bool overloaded) {
  idle_ = true;
  const bool secured = co_await transport_->handshake(shared_.options.head_timeout);
  if (!secured) co_return;
  if (overloaded) {
    begin_request();
    head_.request_id = accept_request_id(head_.headers);
    co_await send(refusal(Refusal::unavailable), false);
  } else {
    for (bool goes_on = true; goes_on;) {
      const Head head = co_await read_head();
      if (head == Head::closed) co_return;
      goes_on = false;
      if (head == Head::complete) goes_on = co_await serve_one();
    }
  }
  idle_ = true;
  if (!draining_) co_await transport_->finish();
}

void Connection::begin_request() {
  request_ = Request();
  head_ = Request();
  head_is_known_ = false;
  expects_continue_ = false;
  body_bytes_ = 0;
  body_waited_ = {};
  answered_ = false;
  answer_.reset();
  ++serial_;
  parser_.start();
}

Connection::Awaitable<Connection::Head> Connection::read_head() {
  const auto& options = shared_.options;
  begin_request();
  transport_->shrink();
  bool begun = !transport_->buffered().empty();
  transport_->expire_after(begun || serial_ == 1 ? options.head_timeout : options.idle_timeout);
  for (;;) {
    std::size_t used = 0;
    auto outcome = RequestParser::Outcome::more;
    if (!transport_->buffered().empty()) {
      started_ = std::chrono::steady_clock::now();
      outcome = parser_.head(transport_->buffered(), request_, used);
      transport_->consume(used);
    }
    if (outcome != RequestParser::Outcome::more) {
      idle_ = false;
      transport_->never_expire();
      head_is_known_ = !request_.method.empty();
      request_.request_id = accept_request_id(request_.headers);
      request_.peer = peer_;
      request_.secure = transport_->secure();
      head_ = head_of(request_);
      if (outcome == RequestParser::Outcome::complete) co_return Head::complete;
      const bool large = outcome == RequestParser::Outcome::too_large;
      co_await send(refusal(large ? Refusal::head_too_large : Refusal::bad_request), false);
      co_return Head::refused;
    }
    if (!begun && !transport_->buffered().empty()) {
      begun = true;
      if (serial_ > 1) transport_->expire_after(options.head_timeout);
    }
    idle_ = !begun;
    if (draining_ && idle_) co_return Head::closed;
    const auto read = co_await transport_->fill(options.max_head_bytes);
    if (read == Transport::Read::data) continue;
    if (read == Transport::Read::ended || !begun) co_return Head::closed;
    co_await send(refusal(Refusal::request_timeout), false);
    co_return Head::refused;
  }
}

Response Connection::refusal(Refusal kind, const std::string& allow) {
  Response response;
  const auto& make = shared_.options.make_error;
  if (make) {
    response = make(kind, head_is_known_ ? &head_ : nullptr, allow);
  } else {
    static constexpr int kStatus[] = {400, 404, 405, 408, 413, 431, 429, 500, 503};
    response.status = kStatus[static_cast<std::size_t>(kind)];
  }
  if (kind == Refusal::method_not_allowed) response.headers.set("Allow", allow);
  if (kind == Refusal::unavailable && !response.headers.get("Retry-After")) {
    response.headers.set("Retry-After", "1");
  }
  return response;
}

std::optional<Response> Connection::answer_to_head(Router::Match& match) {
  match = shared_.router.find(request_.method, request_.path, request_.path_values);
  if (match.route == nullptr) {
    if (match.allow.empty()) return refusal(Refusal::not_found);
    return refusal(Refusal::method_not_allowed, match.allow);
  }
  if (match.route->before_body) {
    try {
      if (auto answer = match.route->before_body(request_)) return answer;
    } catch (...) {  // A defect of the hook ends this request alone.
      return refusal(Refusal::internal_error);
    }
  }
  const auto length = parser_.content_length();
  if (length && *length > match.route->max_body) return refusal(Refusal::body_too_large);
  return std::nullopt;
}

Connection::Awaitable<bool> Connection::serve_one() {
  expects_continue_ = parser_.expects_continue();
  Router::Match match;
  auto early = answer_to_head(match);
  if (early) {
    const bool goes_on = co_await answer_without_body(std::move(*early));
    co_return goes_on;
  }
  Body body = Body::complete;
  // An upload without a body is an empty file.
  if (parser_.has_body() || match.route->body == Route::Body::file) body = co_await read_body(*match.route);
  if (body != Body::complete) {
    co_await refuse_body(body);
    co_return false;
  }
  Response response = co_await handle(*match.route);
  if (aborted_) co_return false;
  const bool keep_alive = parser_.keep_alive() && !draining_ && (!response.stream || parser_.takes_chunks());
  const bool sent = co_await send(std::move(response), keep_alive);
  co_return sent&& keep_alive;
}

/// The answer comes before the body; what the client still sends is dropped where it is little, otherwise the
/// connection ends.
Connection::Awaitable<bool> Connection::answer_without_body(Response response) {
  const bool known = !parser_.has_body() || parser_.content_length().value_or(0) <= kSkippedBody;
  // Whoever waits for "100 Continue" may or may not send the body after another answer.
  const bool keep_alive = parser_.keep_alive() && !draining_ && known && !expects_continue_;
  bool goes_on = co_await send(std::move(response), keep_alive);
  if (goes_on && keep_alive) goes_on = co_await skip_body();
  co_return goes_on&& keep_alive;
}

Connection::Awaitable<Response> Connection::handle(const Route& route) {
  if (!dispatch(route, std::move(upload_))) co_return refusal(Refusal::unavailable);
  if (!answered_) {
    transport_->watch_peer();
    while (!answered_ && !aborted_) co_await sleep();
  }
  if (!answer_) co_return refusal(Refusal::internal_error);
  co_return std::move(*answer_);
}

bool Connection::dispatch(const Route& route, std::shared_ptr<Upload> upload) {
  head_.body_size = request_.body_size;
  const auto exchange = std::make_shared<Exchange>(weak_from_this(), serial_, loop_.mailbox(),
                                                   transport_->gone(), std::move(upload));
  if (route.runs == Route::Runs::loop) {
    try {
      route.handler(std::move(request_), Responder(exchange));
    } catch (...) {  // A defect of the handler: the client gets 500 when `exchange` goes unanswered.
    }
    return true;
  }
  // Shared only because a std::function must be copyable.
  auto request = std::make_shared<Request>(std::move(request_));
  auto responder = std::make_shared<Responder>(exchange);
  const bool posted = shared_.pool.post([&route, request, responder]() mutable {
    Responder own = std::move(*responder);
    route.handler(std::move(*request), std::move(own));
  });
  if (!posted) exchange->forget();
  return posted;
}

Connection::Awaitable<bool> Connection::on_pool(std::function<void()> work) {
  auto done = std::make_shared<std::atomic<bool>>(false);
  const bool posted =
      shared_.pool.post([work = std::move(work), done, mailbox = loop_.mailbox(), weak = weak_from_this()] {
        work();
        mailbox->post([done, weak] {
          *done = true;
          if (const auto self = weak.lock()) self->wake_.cancel();
        });
      });
  if (!posted) co_return false;
  // Also when aborted: the work uses what the waiting coroutine holds.
  while (!*done) co_await sleep();
  co_return true;
}

Connection::Awaitable<void> Connection::sleep() {
  boost::system::error_code ignored;
  co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace waybill::http
