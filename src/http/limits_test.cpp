#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "http/patience.h"
#include "http/testing.h"

namespace waybill::http::testing {
namespace {

// Short, since the tests wait for them; the tests wait for what follows, not for a time.
constexpr std::chrono::milliseconds kShort{50};

std::string echo(const Request& request) {
  return request.body;
}

TEST(Limits, HeadThatIsTooLargeIsRefused) {
  ServerOptions with = options();
  with.max_head_bytes = 2048;
  TestServer server({route("GET", "/a", echo)}, with);
  EXPECT_EQ(server.ask(get("/a", {"X: " + std::string(1900, 'x')})).status, 200);
  Client client = server.client();
  client.send(get("/a", {"X: " + std::string(2100, 'x')}));
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 431);
  EXPECT_EQ(answer->body, "head_too_large");
  EXPECT_TRUE(client.closed());
}

TEST(Limits, BodyBeyondTheRoutesLimitIsRefusedByItsLength) {
  Route small = route("POST", "/a", echo);
  small.max_body = 10;
  TestServer server({small});
  EXPECT_EQ(server.ask(post("/a", "0123456789")).body, "0123456789");
  Client client = server.client();
  // The body is not sent at all: its length is enough.
  client.send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000000\r\n\r\n");
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(answer->header("connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST(Limits, ChunkedBodyBeyondTheLimitIsRefusedWhileItComes) {
  Route small = route("POST", "/a", echo);
  small.max_body = 100;
  TestServer server({small});
  Client client = server.client();
  client.send("POST /a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "40\r\n" + std::string(64, 'x') + "\r\n";
  for (int i = 0; i < 1000; ++i) client.send(chunk);
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(answer->body, "body_too_large");
}

TEST(Limits, ClientThatSendsOnAfter413StillReadsIt) {
  Route small = route("POST", "/a", echo);
  small.max_body = 100;
  TestServer server({small});
  Client client = server.client();
  client.send(post("/a", std::string(2 << 20, 'x')));
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 413);
}

TEST(Limits, SlowHeadIsAnsweredWith408) {
  ServerOptions with = options();
  with.head_timeout = kShort;
  TestServer server({route("GET", "/a", echo)}, with);
  Client client = server.client();
  client.send("GET /a HTTP/1.1\r\nHo");
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 408);
  EXPECT_TRUE(client.closed());
}

TEST(Limits, SecondHeadIsTimedFromItsFirstByte) {
  ServerOptions with = options();
  with.head_timeout = kShort;
  TestServer server({route("GET", "/a", echo)}, with);
  Client client = server.client();
  client.send(get("/a"));
  EXPECT_EQ(client.read()->status, 200);
  client.send("G");
  EXPECT_EQ(client.read()->status, 408);
}

TEST(Limits, ConnectionThatSendsNothingIsClosedWithoutAWord) {
  ServerOptions with = options();
  with.head_timeout = kShort;
  TestServer server({route("GET", "/a", echo)}, with);
  EXPECT_EQ(server.client().read_to_end(), "");
}

TEST(Limits, IdleConnectionIsClosedBetweenRequests) {
  ServerOptions with = options();
  with.idle_timeout = kShort;
  TestServer server({route("GET", "/a", echo)}, with);
  Client client = server.client();
  client.send(get("/a"));
  EXPECT_EQ(client.read()->status, 200);
  EXPECT_TRUE(client.closed());
}

TEST(Limits, BodyWithoutProgressIsAnsweredWith408) {
  ServerOptions with = options();
  with.body_timeout = kShort;
  TestServer server({route("POST", "/a", echo)}, with);
  Client client = server.client();
  client.send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n01234");
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 408);
  EXPECT_TRUE(client.closed());
}

/// Sends a byte after the other as long as it lives, and never falls silent for long.
class Drip {
 public:
  explicit Drip(Client& client)
      : thread_([this, &client] {
          while (!stop_ && client.send("x")) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }) {}
  ~Drip() {
    stop_ = true;
    thread_.join();
  }
  Drip(const Drip&) = delete;
  Drip& operator=(const Drip&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

TEST(Limits, HeadThatDripsIsAnsweredWith408) {
  ServerOptions with = options();
  with.head_timeout = kShort;
  TestServer server({route("GET", "/a", echo)}, with);
  Client client = server.client();
  client.send("GET /a HTTP/1.1\r\nHost: test\r\nX: ");
  const Drip drip(client);
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 408);
  EXPECT_EQ(answer->header("connection"), "close");
}

TEST(Limits, BodyThatDripsIsAnsweredWith408) {
  for (const Route::Body kind : {Route::Body::memory, Route::Body::file}) {
    TemporaryFolder folder;
    ServerOptions with = options();
    with.upload_folder = folder.path();
    with.body_timeout = kShort;
    with.min_body_rate = 1 << 20;
    Route slow = route("POST", "/a", echo);
    slow.body = kind;
    slow.max_body = 1 << 30;
    TestServer server({slow}, with);
    Client client = server.client();
    client.send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n");
    const Drip drip(client);
    const auto answer = client.read();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 408);
    EXPECT_EQ(answer->header("connection"), "close");
  }
}

TEST(Patience, IsThePauseAndWhatTheBytesHaveEarned) {
  using std::chrono::seconds;
  constexpr seconds kPause(30);
  EXPECT_EQ(patience(kPause, 1000, 0, seconds(0)), kPause);
  EXPECT_EQ(patience(kPause, 1000, 0, seconds(10)), seconds(20));
  EXPECT_EQ(patience(kPause, 1000, 0, seconds(30)), seconds(0));
  EXPECT_EQ(patience(kPause, 1000, 0, seconds(31)), seconds(0));
  EXPECT_EQ(patience(kPause, 1000, 5'000, seconds(31)), seconds(4));
  EXPECT_EQ(patience(kPause, 1000, 1'000'000, seconds(900)), kPause) << "no pause is longer";
  EXPECT_EQ(patience(kPause, 0, 0, seconds(900)), kPause) << "no rate is asked for";
}

TEST(Limits, ClientThatDoesNotReadIsLetGo) {
  ServerOptions with = options();
  with.body_timeout = kShort;
  const auto large = std::make_shared<const std::string>(64 << 20, 'x');
  Route big = route("GET", "/big", echo);
  big.handler = [large](Request, Responder responder) {
    Response response;
    response.shared_body = large;
    responder.send(std::move(response));
  };
  std::atomic<bool> answered{false};
  with.on_answer = [&](const Request&, int, std::uint64_t bytes, std::chrono::nanoseconds) {
    EXPECT_LT(bytes, large->size());
    answered = true;
  };
  TestServer server({big}, with);
  Client client = server.client();
  client.send(get("/big"));
  while (!answered) std::this_thread::yield();
}

TEST(Limits, OneConnectionTooManyIsAnsweredWith503) {
  ServerOptions with = options();
  with.max_connections = 2;
  TestServer server({route("GET", "/a", echo)}, with);
  Client first = server.client();
  Client second = server.client();
  for (Client* client : {&first, &second}) {
    client->send(get("/a"));
    EXPECT_EQ(client->read()->status, 200);
  }
  Client third = server.client();
  const auto answer = third.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->header("retry-after"), "1");
  EXPECT_TRUE(third.closed());
  first.send(get("/a"));
  EXPECT_EQ(first.read()->status, 200);
}

TEST(Limits, FullPoolIsAnsweredWith503AndTheConnectionGoesOn) {
  Gate gate;
  ServerOptions with = options();
  with.pool_threads = 1;
  with.pool_queue = 1;
  TestServer server({route(
                        "GET", "/slow",
                        [&](const Request&) {
                          gate.pass();
                          return std::string("slow");
                        },
                        Route::Runs::pool)},
                    with);
  Client running = server.client();
  running.send(get("/slow"));
  gate.wait_for_arrivals(1);
  Gate queued;
  queued.open();
  ASSERT_TRUE(server->post([&] { queued.pass(); }));
  Client refused = server.client();
  refused.send(get("/slow"));
  const auto answer = refused.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->header("retry-after"), "1");
  gate.open();
  EXPECT_EQ(running.read()->body, "slow");
  queued.wait_for_arrivals(1);
  refused.send(get("/slow"));
  EXPECT_EQ(refused.read()->body, "slow");
}

}  // namespace
}  // namespace waybill::http::testing
