#include "http/body_stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "base/text.h"
#include "http/testing.h"

namespace waybill::http {

namespace {

using testing::Client;
using testing::TestServer;

std::string dechunked(std::string_view text) {
  std::string body;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    const auto size = std::stoul(std::string(text.substr(0, end)), nullptr, 16);
    text.remove_prefix(end + 2);
    if (size == 0) {
      EXPECT_EQ(text, "\r\n") << "nothing follows the last chunk";
      return body;
    }
    body += text.substr(0, size);
    EXPECT_EQ(text.substr(size, 2), "\r\n");
    text.remove_prefix(size + 2);
  }
  ADD_FAILURE() << "the last chunk is missing";
  return body;
}

/// A route whose answer is the stream that the test holds.
Route stream_route(const std::shared_ptr<BodyStream>& stream) {
  Route made;
  made.method = "GET";
  made.path = "/stream";
  made.runs = Route::Runs::loop;
  made.handler = [stream](const Request&, const Responder& responder) {
    Response response;
    response.headers.set("Content-Type", "text/plain");
    response.stream = stream;
    responder.send(std::move(response));
  };
  return made;
}

/// A step that another thread waits for.
class Signal {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool wait(int count = 1, std::chrono::seconds at_most = std::chrono::seconds(20)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, at_most, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

TEST(BodyStreamTest, WhatIsWrittenLaterComesInChunksAndTheConnectionGoesOn) {
  const auto stream = std::make_shared<BodyStream>();
  TestServer server(
      {stream_route(stream), testing::route("GET", "/next", [](const Request&) { return "next"; })});
  auto client = server.client();
  ASSERT_TRUE(client.send(testing::get("/stream")));
  const auto head = client.read();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->header("transfer-encoding"), "chunked");
  EXPECT_EQ(head->header("content-length"), "");
  EXPECT_EQ(stream->write("one "), BodyStream::Room::open);
  EXPECT_EQ(stream->write("two"), BodyStream::Room::open);
  stream->close();
  ASSERT_TRUE(client.send(testing::get("/next", {"Connection: close"})));
  const std::string rest = client.read_to_end();
  const auto next = rest.find("HTTP/1.1 200");
  ASSERT_NE(next, std::string::npos);
  EXPECT_EQ(dechunked(rest.substr(0, next)), "one two");
}

TEST(BodyStreamTest, AnOldClientReadsToTheEnd) {
  const auto stream = std::make_shared<BodyStream>();
  TestServer server({stream_route(stream)});
  auto client = server.client();
  ASSERT_TRUE(client.send("GET /stream HTTP/1.0\r\n\r\n"));
  stream->write("all of it");
  stream->close();
  const std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.ends_with("\r\n\r\nall of it")) << answer;
  EXPECT_EQ(answer.find("chunked"), std::string::npos);
}

TEST(BodyStreamTest, AReaderThatDoesNotReadFillsABoundedBufferAndNoMore) {
  const auto stream = std::make_shared<BodyStream>();
  Signal ready;
  stream->on_ready([&] { ready.set(); });
  TestServer server({stream_route(stream)});
  auto client = server.client();
  ASSERT_TRUE(client.send(testing::get("/stream")));
  ASSERT_TRUE(client.read());
  const std::string piece(16 * 1024, 'x');
  std::size_t written = 0;
  int rooms = 0;
  // The kernel's buffers take some; then it is full for good.
  for (;;) {
    const auto room = stream->write(piece);
    ASSERT_NE(room, BodyStream::Room::gone);
    written += piece.size();
    if (room == BodyStream::Room::open) continue;
    // Told of room within a second as long as the kernel takes more.
    if (!ready.wait(++rooms, std::chrono::seconds(1))) break;
  }
  stream->close();
  ASSERT_TRUE(client.send(testing::get("/none", {"Connection: close"})));
  const std::string rest = client.read_to_end();
  EXPECT_EQ(dechunked(rest.substr(0, rest.find("HTTP/1.1 404"))).size(), written) << "nothing is lost";
  EXPECT_GT(written, BodyStream::kFull);
  EXPECT_LT(written, std::size_t{64} << 20) << "it came to an end";
}

TEST(BodyStreamTest, TheMakerLearnsThatTheReaderHasGone) {
  const auto stream = std::make_shared<BodyStream>();
  Signal ready;
  stream->on_ready([&] { ready.set(); });
  TestServer server({stream_route(stream)});
  {
    auto client = server.client();
    ASSERT_TRUE(client.send(testing::get("/stream")));
    ASSERT_TRUE(client.read());
    client.reset();
  }
  while (stream->write("heartbeat") != BodyStream::Room::gone) std::this_thread::yield();
  EXPECT_TRUE(ready.wait());
}

TEST(BodyStreamTest, ABodyThatFailsBreaksTheConnection) {
  const auto stream = std::make_shared<BodyStream>();
  TestServer server({stream_route(stream)});
  auto client = server.client();
  ASSERT_TRUE(client.send(testing::get("/stream")));
  ASSERT_TRUE(client.read());
  stream->write("half");
  stream->fail();
  EXPECT_EQ(client.read_to_end().find("0\r\n\r\n"), std::string::npos);
}

TEST(BodyStreamTest, AServerThatStopsEndsStreamsWithoutEnd) {
  const auto stream = std::make_shared<BodyStream>(true);
  TestServer server({stream_route(stream)});
  auto client = server.client();
  ASSERT_TRUE(client.send(testing::get("/stream")));
  ASSERT_TRUE(client.read());
  server->stop(std::chrono::seconds(20));
  EXPECT_EQ(dechunked(client.read_to_end()), "");
  EXPECT_EQ(stream->room(), BodyStream::Room::gone);
}

TEST(BodyStreamTest, AThousandIdleStreamsTakeNoThread) {
  constexpr int kStreams = 1'000;
  std::vector<std::shared_ptr<BodyStream>> streams;
  std::atomic<int> next{0};
  for (int i = 0; i < kStreams; ++i) streams.push_back(std::make_shared<BodyStream>(true));
  Route made;
  made.method = "GET";
  made.path = "/stream";
  made.runs = Route::Runs::loop;
  made.handler = [&](const Request&, const Responder& responder) {
    Response response;
    response.stream = streams[static_cast<std::size_t>(next++)];
    responder.send(std::move(response));
  };
  TestServer server({made});
  std::vector<Client> clients;
  for (int i = 0; i < kStreams; ++i) {
    clients.push_back(server.client());
    ASSERT_TRUE(clients.back().send(testing::get("/stream")));
  }
  for (auto& client : clients) ASSERT_TRUE(client.read());
  for (auto& stream : streams) stream->write("event");
  for (auto& stream : streams) stream->close();
  for (auto& client : clients) {
    ASSERT_TRUE(client.send(testing::get("/none", {"Connection: close"})));
    EXPECT_TRUE(client.read_to_end().starts_with("5\r\nevent\r\n0\r\n\r\n"));
  }
}

}  // namespace

}  // namespace waybill::http
