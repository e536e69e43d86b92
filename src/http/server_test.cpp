#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "http/testing.h"

namespace waybill::http::testing {
namespace {

using ::testing::HasSubstr;

std::string hello(const Request&) {
  return "hello";
}

TEST(Server, AnswersWithTheFieldsThatEveryAnswerHas) {
  TestServer server({route("GET", "/a", hello)});
  const Answer answer = server.ask(get("/a"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.header("server"), "Waybill");
  EXPECT_EQ(answer.header("content-length"), "5");
  EXPECT_EQ(answer.header("x-request-id").size(), 36U);
  EXPECT_EQ(answer.header("date").size(), std::string("Sun, 06 Nov 1994 08:49:37 GMT").size());
  EXPECT_THAT(answer.header("date"), HasSubstr(" GMT"));
}

TEST(Server, EchoesTheRequestId) {
  TestServer server({route("GET", "/a", [](const Request& request) { return request.request_id; })});
  const Answer answer = server.ask(get("/a", {"X-Request-Id: abc-1"}));
  EXPECT_EQ(answer.header("x-request-id"), "abc-1");
  EXPECT_EQ(answer.body, "abc-1");
  EXPECT_EQ(server.ask(get("/nowhere", {"X-Request-Id: abc-2"})).header("x-request-id"), "abc-2");
}

TEST(Server, HandlerSeesPathQueryValuesAndPeer) {
  TestServer server({route("GET", "/k/{id}/status", [](const Request& request) {
    return request.path + "|" + request.path_values.at(0) + "|" + request.query.at(0).value + "|" +
           request.peer.substr(0, 10);
  })});
  EXPECT_EQ(server.ask(get("//k///a%2Fb/status?q=x+y")).body, "/k/a%2Fb/status|a/b|x y|127.0.0.1:");
}

TEST(Server, AbsoluteFormIsAccepted) {
  TestServer server({route("GET", "/a", hello)});
  EXPECT_EQ(server.ask("GET http://test/a HTTP/1.1\r\nHost: test\r\n\r\n").status, 200);
}

TEST(Server, KeepsTheConnectionUnlessToldOtherwise) {
  TestServer server({route("GET", "/a", hello)});
  Client client = server.client();
  for (int i = 0; i < 3; ++i) {
    client.send(get("/a"));
    EXPECT_EQ(client.read()->header("connection"), "keep-alive");
  }
  client.send(get("/a", {"Connection: close"}));
  EXPECT_EQ(client.read()->header("connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST(Server, Http10ClosesUnlessItAsksToStay) {
  TestServer server({route("GET", "/a", hello)});
  Client client = server.client();
  client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.read()->header("connection"), "keep-alive");
  client.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.read()->body, "hello");
  EXPECT_TRUE(client.closed());
}

TEST(Server, PipelinedRequestsAreAnsweredInOrder) {
  Gate gate;
  TestServer server(
      {route(
           "GET", "/slow",
           [&](const Request&) {
             gate.pass();
             return std::string("slow");
           },
           Route::Runs::pool),
       route("GET", "/fast/{n}", [](const Request& request) { return request.path_values[0]; })});
  Client client = server.client();
  std::string all = get("/slow");
  for (int i = 0; i < 50; ++i) all += get("/fast/" + std::to_string(i));
  client.send(all);
  gate.wait_for_arrivals(1);
  gate.open();
  EXPECT_EQ(client.read()->body, "slow");
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.read()->body, std::to_string(i));
}

TEST(Server, HeadHasTheLengthAndNoBody) {
  TestServer server({route("GET", "/a", hello)});
  Client client = server.client();
  client.send("HEAD /a HTTP/1.1\r\nHost: test\r\n\r\n" + get("/a"));
  const auto head = client.read(true);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->header("content-length"), "5");
  EXPECT_EQ(client.read()->body, "hello");
}

TEST(Server, TellsAnUnknownPathFromAMethodNotAllowed) {
  TestServer server({route("GET", "/a", hello), route("POST", "/a", hello), route("POST", "/b", hello)});
  EXPECT_EQ(server.ask(get("/c")).status, 404);
  EXPECT_EQ(server.ask(get("/a/")).status, 404);
  const Answer answer = server.ask(get("/b"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("allow"), "POST");
  EXPECT_EQ(server.ask("OPTIONS /a HTTP/1.1\r\nHost: test\r\n\r\n").header("allow"), "GET, HEAD, POST");
  EXPECT_EQ(server.ask("BREW /a HTTP/1.1\r\nHost: test\r\n\r\n").status, 405);
}

Route answering(std::string path, std::function<Response()> make) {
  Route made;
  made.method = "GET";
  made.path = std::move(path);
  made.runs = Route::Runs::loop;
  made.handler = [make = std::move(make)](Request, Responder responder) { responder.send(make()); };
  return made;
}

TEST(Server, NoContentAndNotModifiedHaveNoBody) {
  const auto with = [](int status) {
    return [status] {
      Response response;
      response.status = status;
      response.body = "must not be sent";
      response.headers.set("ETag", "\"1\"");
      return response;
    };
  };
  TestServer server({answering("/204", with(204)), answering("/304", with(304)), route("GET", "/a", hello)});
  Client client = server.client();
  client.send(get("/204") + get("/304") + get("/a"));
  const auto first = client.read();
  EXPECT_EQ(first->status, 204);
  EXPECT_EQ(first->header("content-length"), "");
  EXPECT_EQ(client.read()->header("etag"), "\"1\"");
  EXPECT_EQ(client.read()->body, "hello");
}

TEST(Server, HandlersCannotBreakTheHead) {
  TestServer server({answering("/a", [] {
    Response response;
    response.headers.set("X-Name", "a\r\nX-Forged: 1\r\n\r\nbody");
    response.headers.set("Content-Length", "999");
    response.body = "ok";
    return response;
  })});
  const Answer answer = server.ask(get("/a"));
  EXPECT_EQ(answer.body, "ok");
  EXPECT_EQ(answer.headers.count("x-forged"), 0U);
}

TEST(Server, SharedBodyIsSentAsItIs) {
  const auto snapshot = std::make_shared<const std::string>(3 << 20, 's');
  TestServer server({answering("/a", [snapshot] {
    Response response;
    response.shared_body = snapshot;
    return response;
  })});
  EXPECT_EQ(server.ask(get("/a")).body, *snapshot);
}

TEST(Server, UnansweredAndThrowingHandlersGive500) {
  Route silent = route("GET", "/silent", hello, Route::Runs::pool);
  silent.handler = [](Request, Responder) {};
  Route silent_loop = silent;
  silent_loop.path = "/silent-loop";
  silent_loop.runs = Route::Runs::loop;
  Route throws = route("GET", "/throws", hello, Route::Runs::pool);
  throws.handler = [](Request, Responder) { throw std::runtime_error("defect"); };
  Route throws_loop = throws;
  throws_loop.path = "/throws-loop";
  throws_loop.runs = Route::Runs::loop;
  TestServer server({silent, silent_loop, throws, throws_loop, route("GET", "/a", hello)});
  Client client = server.client();
  for (const char* path : {"/silent", "/silent-loop", "/throws", "/throws-loop"}) {
    client.send(get(path));
    const auto answer = client.read();
    ASSERT_TRUE(answer.has_value()) << path;
    EXPECT_EQ(answer->status, 500) << path;
    EXPECT_EQ(answer->body, "internal_error") << path;
  }
  client.send(get("/a"));
  EXPECT_EQ(client.read()->status, 200) << "the connection goes on";
}

TEST(Server, OnlyTheFirstAnswerCounts) {
  Route twice = route("GET", "/a", hello);
  twice.handler = [](Request, Responder responder) {
    for (const char* body : {"first", "second"}) {
      Response response;
      response.body = body;
      responder.send(std::move(response));
    }
  };
  TestServer server({twice, route("GET", "/b", hello)});
  Client client = server.client();
  client.send(get("/a") + get("/b"));
  EXPECT_EQ(client.read()->body, "first");
  EXPECT_EQ(client.read()->body, "hello");
}

TEST(Server, AnswerMayComeLaterFromAnyThread) {
  std::promise<Responder> handed;
  Route later = route("GET", "/later", hello);
  later.handler = [&](Request, Responder responder) { handed.set_value(std::move(responder)); };
  TestServer server({later});
  Client client = server.client();
  client.send(get("/later"));
  std::thread other([&] {
    Response response;
    response.body = "late";
    handed.get_future().get().send(std::move(response));
  });
  EXPECT_EQ(client.read()->body, "late");
  other.join();
}

TEST(Server, ClientThatLeavesIsNoticedAndAnAnswerToItIsDropped) {
  std::promise<Responder> handed;
  Route later = route("GET", "/later", hello);
  later.handler = [&](Request, Responder responder) { handed.set_value(std::move(responder)); };
  TestServer server({later, route("GET", "/a", hello)});
  Client client = server.client();
  client.send(get("/later"));
  {
    const Responder responder = handed.get_future().get();
    EXPECT_FALSE(responder.gone());
    client.reset();
    while (!responder.gone()) std::this_thread::yield();
    responder.send(Response());
  }
  EXPECT_EQ(server.ask(get("/a")).status, 200);
}

TEST(Server, ClientThatOnlyStoppedSendingGetsItsAnswer) {
  Gate gate;
  TestServer server({route(
      "GET", "/slow",
      [&](const Request&) {
        gate.pass();
        return std::string("slow");
      },
      Route::Runs::pool)});
  Client client = server.client();
  client.send(get("/slow"));
  gate.wait_for_arrivals(1);
  client.stop_sending();
  gate.open();
  EXPECT_EQ(client.read()->body, "slow");
  EXPECT_TRUE(client.closed());
}

TEST(Server, ResponderThatOutlivesTheServerIsHarmless) {
  std::promise<Responder> handed;
  std::optional<Responder> kept;
  {
    Route later = route("GET", "/later", hello);
    later.handler = [&](Request, Responder responder) { handed.set_value(std::move(responder)); };
    TestServer server({later});
    Client client = server.client();
    client.send(get("/later"));
    kept = handed.get_future().get();
  }
  EXPECT_TRUE(kept->gone());
  kept->send(Response());
}

TEST(Server, ServesManyConnectionsAtOnce) {
  TestServer server({route("GET", "/loop/{n}", [](const Request& request) { return request.path_values[0]; }),
                     route(
                         "GET", "/pool/{n}", [](const Request& request) { return request.path_values[0]; },
                         Route::Runs::pool)});
  constexpr int kClients = 200;
  std::vector<Client> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(server.client());
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kClients; ++i) {
      const std::string path = (i % 2 == 0 ? "/loop/" : "/pool/") + std::to_string(i);
      ASSERT_TRUE(clients[static_cast<std::size_t>(i)].send(get(path)));
    }
    for (int i = 0; i < kClients; ++i) {
      const auto answer = clients[static_cast<std::size_t>(i)].read();
      ASSERT_TRUE(answer.has_value()) << i;
      EXPECT_EQ(answer->body, std::to_string(i));
    }
  }
}

TEST(Server, StopLetsTheRequestUnderWayFinish) {
  Gate gate;
  TestServer server({route(
      "GET", "/slow",
      [&](const Request&) {
        gate.pass();
        return std::string("done");
      },
      Route::Runs::pool)});
  const auto port = server->port();
  Client busy = server.client();
  Client idle = server.client();
  busy.send(get("/slow"));
  gate.wait_for_arrivals(1);
  std::thread stopper([&] { server->stop(std::chrono::seconds(20)); });
  EXPECT_TRUE(idle.closed());
  gate.open();
  const auto answer = busy.read();
  stopper.join();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "done");
  EXPECT_EQ(answer->header("connection"), "close");
  EXPECT_FALSE(Client(port).send(get("/slow"))) << "still listens";
  server->stop(std::chrono::seconds(0));
}

TEST(Server, StopClosesWhatDoesNotFinishInItsGrace) {
  std::promise<Responder> handed;
  Route never = route("GET", "/never", hello);
  never.handler = [&](Request, Responder responder) { handed.set_value(std::move(responder)); };
  TestServer server({never});
  Client client = server.client();
  client.send(get("/never"));
  const Responder held = handed.get_future().get();
  server->stop(std::chrono::milliseconds(1));
  EXPECT_TRUE(client.closed());
}

TEST(Server, TakenPortIsNamed) {
  TestServer first({});
  ServerOptions with = options();
  with.port = first->port();
  Server second(with);
  const auto started = second.start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code, ErrorCode::unavailable);
  EXPECT_THAT(started.error().message, HasSubstr("127.0.0.1:" + std::to_string(first->port())));
}

TEST(Server, ListensOnIpv6AndLocalhostAndRefusesNames) {
  for (const char* address : {"::1", "localhost", "0.0.0.0"}) {
    ServerOptions with = options();
    with.address = address;
    Server server(with);
    const auto started = server.start();
    EXPECT_TRUE(started.ok()) << started.error().message;
    EXPECT_NE(server.port(), 0);
  }
  ServerOptions with = options();
  with.address = "example.com";
  Server server(with);
  EXPECT_EQ(server.start().error().code, ErrorCode::invalid_argument);
}

TEST(Server, AfterRunsOnALoopAndPostOnThePool) {
  TestServer server({});
  std::promise<std::thread::id> timer;
  server->after(std::chrono::milliseconds(1), [&] { timer.set_value(std::this_thread::get_id()); });
  EXPECT_NE(timer.get_future().get(), std::this_thread::get_id());
  std::promise<void> work;
  ASSERT_TRUE(server->post([&] { work.set_value(); }));
  work.get_future().wait();
  server->stop(std::chrono::milliseconds(0));
  EXPECT_FALSE(server->post([] {}));
  server->after(std::chrono::milliseconds(0), [] { FAIL(); });
}

TEST(Server, OnAnswerSeesEveryAnswer) {
  struct Seen {
    std::string line;
    std::uint64_t bytes;
  };
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Seen> seen;
  ServerOptions with = options();
  with.on_answer = [&](const Request& request, int status, std::uint64_t bytes,
                       std::chrono::nanoseconds took) {
    const std::lock_guard lock(mutex);
    EXPECT_GE(took.count(), 0);
    EXPECT_EQ(request.request_id.size(), 36U);
    seen.push_back({request.method + " " + request.path + " " + std::to_string(status), bytes});
    changed.notify_all();
  };
  TestServer server({route("GET", "/a", hello)}, with);
  Client client = server.client();
  client.send(get("/a") + get("/b") + "nonsense\r\n\r\n");
  const std::string all = client.read_to_end();
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return seen.size() == 3; });
  EXPECT_EQ(seen[0].line, "GET /a 200");
  EXPECT_EQ(seen[1].line, "GET /b 404");
  EXPECT_EQ(seen[2].line, "  400");
  EXPECT_EQ(seen[0].bytes + seen[1].bytes + seen[2].bytes, all.size());
}

}  // namespace
}  // namespace waybill::http::testing
