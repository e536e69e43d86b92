#include "http/server.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>

#include "http/connection.h"
#include "http/loop.h"
#include "http/tls.h"
#include "http/upload.h"

namespace waybill::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// Answered with 503 beyond max_connections; more than these are closed at once.
constexpr std::size_t kRefusedAtOnce = 64;
constexpr std::chrono::milliseconds kAcceptPause{100};  // when the process has no descriptors left

std::string text_of(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string host = endpoint.address().is_v6() ? "[" + address + "]" : address;
  return host + ":" + std::to_string(endpoint.port());
}

Error listen_error(const tcp::endpoint& endpoint, const error_code& error) {
  const std::string where = "cannot listen on " + text_of(endpoint) + ": ";
  if (error == asio::error::address_in_use) {
    return {ErrorCode::unavailable,
            where + "another program has this port; stop that program or choose another port"};
  }
  if (error == boost::system::errc::permission_denied) {
    return {ErrorCode::permission_denied, where + "ports below 1024 need a privilege; choose another port"};
  }
  if (error == boost::system::errc::address_not_available) {
    return {ErrorCode::invalid_argument, where + "this machine does not have that address"};
  }
  return {ErrorCode::unavailable, where + error.message()};
}

}  // namespace

struct Server::State {
  explicit State(ServerOptions options) : shared(std::move(options)) {}

  Result<void> listen();
  Result<void> prepare();
  asio::awaitable<void> accept();
  void take(tcp::socket socket, Loop& loop);
  /// Runs `action` on every connection of every loop, and waits until that is done.
  void on_all_connections(void (Connection::*action)());
  Loop& next_loop() { return *loops[turn.fetch_add(1) % loops.size()]; }

  Shared shared;
  std::vector<std::unique_ptr<Loop>> loops;
  std::atomic<std::size_t> turn{0};
  std::unique_ptr<tcp::acceptor> acceptor;  // on the first loop
  std::uint16_t port = 0;
  std::mutex life;  // start() and stop() exclude each other
  bool started = false;
};

Server::Server(ServerOptions options) : state_(std::make_unique<State>(std::move(options))) {}

Server::~Server() {
  stop(std::chrono::milliseconds(0));
  // Connections that still wait for something go with their loops, and look at what they share.
  state_->acceptor.reset();
  state_->loops.clear();
}

void Server::add(Route route) {
  state_->shared.router.add(std::move(route));
}

std::uint16_t Server::port() const {
  return state_->port;
}

Result<void> Server::State::prepare() {
  const auto& options = shared.options;
  if (!options.certificate.empty()) {
    WB_TRY(TlsContext context, make_tls_context(options.certificate, options.private_key));
    shared.tls.emplace(context.release());  // takes ownership
  }
  const auto& routes = shared.router.routes();
  const bool uploads = std::any_of(routes.begin(), routes.end(),
                                   [](const Route& route) { return route.body == Route::Body::file; });
  if (!uploads) return {};
  if (options.upload_folder.empty()) {
    return Error{ErrorCode::invalid_argument, "a route takes uploads, and no upload folder is set"};
  }
  return Upload::prepare(options.upload_folder);
}

Result<void> Server::State::listen() {
  error_code error;
  const std::string& name = shared.options.address;
  const auto address = asio::ip::make_address(name == "localhost" ? "127.0.0.1" : name, error);
  if (error) {
    return Error{ErrorCode::invalid_argument,
                 "cannot listen on \"" + name + "\": expected an IPv4 or IPv6 address, or localhost"};
  }
  const tcp::endpoint endpoint(address, shared.options.port);
  acceptor = std::make_unique<tcp::acceptor>(loops.front()->io());
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  if (error) return listen_error(endpoint, error);
  port = acceptor->local_endpoint().port();
  return {};
}

Result<void> Server::start() {
  const std::lock_guard lock(state_->life);
  if (state_->started) return Error{ErrorCode::conflict, "the server was started before"};
  WB_CHECK_OK(state_->prepare());
  state_->loops.clear();
  for (int i = 0; i < std::max(1, state_->shared.options.loops); ++i) {
    state_->loops.push_back(std::make_unique<Loop>());
  }
  if (auto listening = state_->listen(); !listening.ok()) {
    state_->acceptor.reset();
    return listening;
  }
  asio::co_spawn(state_->loops.front()->io(), state_->accept(), [](const std::exception_ptr&) {});
  state_->shared.pool.start();
  for (auto& loop : state_->loops) loop->start();
  state_->started = true;
  return {};
}

asio::awaitable<void> Server::State::accept() {
  asio::steady_timer pause(loops.front()->io());
  for (;;) {
    Loop& loop = next_loop();
    error_code error;
    tcp::socket socket =
        co_await acceptor->async_accept(loop.io(), asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted || !acceptor->is_open()) co_return;
    if (!error) {
      // Shared only because a std::function must be copyable.
      auto held = std::make_shared<tcp::socket>(std::move(socket));
      loop.mailbox()->post([this, &loop, held] { take(std::move(*held), loop); });
    } else if (error != asio::error::connection_aborted) {
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }
}

void Server::State::take(tcp::socket socket, Loop& loop) {
  error_code error;
  const auto peer = socket.remote_endpoint(error);
  const std::size_t limit = shared.options.max_connections;
  const std::size_t before = shared.open.load();
  if (error || shared.stopping || before >= limit + kRefusedAtOnce) return;
  shared.open.fetch_add(1);
  const auto connection = std::make_shared<Connection>(shared, loop, std::move(socket), text_of(peer));
  connection->start(before >= limit);
}

void Server::State::on_all_connections(void (Connection::*action)()) {
  for (auto& loop : loops) {
    std::promise<void> done;
    // A connection may end, and so leave the set, while it is acted upon: the copy keeps it.
    const bool posted = loop->mailbox()->post([&loop, &done, action] {
      std::vector<std::shared_ptr<Connection>> all;
      for (Connection* connection : loop->connections()) {
        if (auto shared_connection = connection->weak_from_this().lock()) all.push_back(shared_connection);
      }
      for (const auto& connection : all) (connection.get()->*action)();
      done.set_value();
    });
    if (posted) done.get_future().wait();
  }
}

void Server::stop(std::chrono::milliseconds grace) {
  const std::lock_guard lock(state_->life);
  if (!state_->started || state_->shared.stopping.exchange(true)) return;
  auto& shared = state_->shared;
  state_->loops.front()->mailbox()->post([this] {
    error_code ignored;
    state_->acceptor->close(ignored);
  });
  state_->on_all_connections(&Connection::drain);
  {
    std::unique_lock waiting(shared.mutex);
    shared.closed.wait_for(waiting, grace, [&shared] { return shared.open == 0; });
  }
  state_->on_all_connections(&Connection::abort);
  shared.pool.stop();
  for (auto& loop : state_->loops) loop->stop();
}

bool Server::post(std::function<void()> work) {
  return state_->shared.pool.post(std::move(work));
}

void Server::after(std::chrono::milliseconds delay, std::function<void()> work) {
  if (state_->loops.empty()) return;
  Loop& loop = state_->next_loop();
  loop.mailbox()->post([&loop, delay, work = std::move(work)]() mutable {
    auto timer = std::make_shared<asio::steady_timer>(loop.io(), delay);
    timer->async_wait([timer, work = std::move(work)](const error_code& error) {
      if (!error) work();
    });
  });
}

}  // namespace waybill::http
