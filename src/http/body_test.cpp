#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <thread>

#include "http/testing.h"
#include "http/upload.h"

namespace waybill::http::testing {
namespace {

namespace fs = std::filesystem;

std::string echo(const Request& request) {
  return request.body;
}

/// Bytes that differ from place to place.
std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i * 31 + i / 251) & 0xFF);
  return text;
}

std::string chunked(std::string_view body, std::size_t piece) {
  std::string text;
  char size[20];
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size()))) {
    const auto part = body.substr(0, piece);
    std::snprintf(size, sizeof size, "%zx\r\n", part.size());
    text += size + std::string(part) + "\r\n";
  }
  return text + "0\r\n\r\n";
}

TEST(Body, ComesWholeByLengthAndByChunks) {
  Route echoing = route("POST", "/a", echo);
  echoing.max_body = 1 << 20;
  TestServer server({echoing});
  const std::string body = pattern(300'000);
  Client client = server.client();
  client.send(post("/a", body));
  EXPECT_EQ(client.read()->body, body);
  client.send("POST /a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: CHUNKED\r\n\r\n" + chunked(body, 7001));
  EXPECT_EQ(client.read()->body, body);
  client.send(post("/a", ""));
  EXPECT_EQ(client.read()->body, "");
}

TEST(Body, PipelinedBehindABodyIsTheNextRequest) {
  TestServer server({route("POST", "/a", echo)});
  Client client = server.client();
  client.send(post("/a", "one") + "POST /a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" +
              chunked("two", 1) + post("/a", "three"));
  EXPECT_EQ(client.read()->body, "one");
  EXPECT_EQ(client.read()->body, "two");
  EXPECT_EQ(client.read()->body, "three");
}

TEST(Body, IsAskedForWhereTheClientWaits) {
  TestServer server({route("POST", "/a", echo)});
  Client client = server.client();
  client.send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read()->status, 100);
  client.send("hello");
  EXPECT_EQ(client.read()->body, "hello");
}

TEST(Body, IsNotAskedForWhereTheAnswerIsKnown) {
  TestServer server({route("POST", "/a", echo)});
  Client client = server.client();
  client.send("POST /b HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read()->status, 404);
  EXPECT_TRUE(client.closed());
}

TEST(Body, OfARefusedRequestIsSkipped) {
  TestServer server({route("POST", "/a", echo)});
  Client client = server.client();
  client.send(post("/b", std::string(1000, 'x')) + post("/a", "next"));
  EXPECT_EQ(client.read()->status, 404);
  EXPECT_EQ(client.read()->body, "next");
}

TEST(Body, HookAnswersBeforeTheBodyIsRead) {
  std::atomic<int> handled{0};
  Route guarded = route("POST", "/a", [&](const Request&) {
    ++handled;
    return std::string("in");
  });
  guarded.before_body = [](const Request& request) -> std::optional<Response> {
    EXPECT_EQ(request.body, "");
    if (request.headers.get("Authorization")) return std::nullopt;
    Response response;
    response.status = 401;
    return response;
  };
  TestServer server({guarded});
  EXPECT_EQ(server.ask(post("/a", "x", {"Authorization: Bearer x"})).body, "in");
  Client client = server.client();
  client.send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 60000\r\n\r\n");
  EXPECT_EQ(client.read()->status, 401);
  EXPECT_EQ(handled, 1);
}

TEST(Body, CutOffRequestReachesNoHandler) {
  std::atomic<int> handled{0};
  TestServer server({route("POST", "/a", [&](const Request&) {
    ++handled;
    return std::string();
  })});
  Client client = server.client();
  client.send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n01234");
  client.stop_sending();
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(handled, 0);
}

class UploadTest : public ::testing::Test {
 protected:
  UploadTest() {
    with_ = options();
    with_.upload_folder = folder_.path() / "incoming";
    route_ = route(
        "POST", "/up", [](const Request&) { return std::string(); }, Route::Runs::pool);
    route_.body = Route::Body::file;
    route_.max_body = 8 << 20;
  }
  std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(with_.upload_folder), fs::directory_iterator());
  }
  /// Files go on the pool, after the answer: waits for it.
  void wait_until_empty() const {
    while (files() > 0) std::this_thread::yield();
  }
  TemporaryFolder folder_;
  ServerOptions with_;
  Route route_;
};

TEST_F(UploadTest, HandlerTakesTheFile) {
  const fs::path kept = folder_.path() / "kept.zip";
  route_.handler = [&](Request request, Responder responder) {
    EXPECT_EQ(request.body, "");
    EXPECT_EQ(fs::file_size(request.body_file), request.body_size);
    fs::rename(request.body_file, kept);
    Response response;
    response.status = 201;
    responder.send(std::move(response));
  };
  TestServer server({route_}, with_);
  const std::string body = pattern(5'000'000);
  Client client = server.client();
  client.send(post("/up", body));
  EXPECT_EQ(client.read()->status, 201);
  EXPECT_TRUE(*read_file(kept, 1 << 24) == body);
  client.send("POST /up HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" +
              chunked(body, 100'000));
  EXPECT_EQ(client.read()->status, 201);
  EXPECT_TRUE(*read_file(kept, 1 << 24) == body);
  EXPECT_EQ(files(), 0);
}

TEST_F(UploadTest, FileThatIsLeftGoes) {
  std::string seen;
  route_.handler = [&](Request request, Responder responder) {
    seen = *read_file(request.body_file, 100);
    responder.send(Response());
  };
  TestServer server({route_}, with_);
  EXPECT_EQ(server.ask(post("/up", "abc")).status, 200);
  EXPECT_EQ(seen, "abc");
  wait_until_empty();
}

TEST_F(UploadTest, EmptyBodyIsAnEmptyFile) {
  route_.handler = [](Request request, Responder responder) {
    Response response;
    response.body = fs::exists(request.body_file) ? std::to_string(fs::file_size(request.body_file)) : "none";
    responder.send(std::move(response));
  };
  TestServer server({route_}, with_);
  EXPECT_EQ(server.ask(post("/up", "")).body, "0");
  wait_until_empty();
}

TEST_F(UploadTest, CutOffUploadLeavesNothing) {
  TestServer server({route_}, with_);
  {
    Client client = server.client();
    client.send("POST /up HTTP/1.1\r\nHost: test\r\nContent-Length: 2000000\r\n\r\n" + pattern(1'000'000));
    while (files() == 0) std::this_thread::yield();
    client.reset();
  }
  wait_until_empty();
}

TEST_F(UploadTest, TooLargeUploadIsRefusedAndLeavesNothing) {
  route_.max_body = 1 << 20;
  TestServer server({route_}, with_);
  Client client = server.client();
  client.send("POST /up HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" +
              chunked(pattern(2 << 20), 65536));
  EXPECT_EQ(client.read()->status, 413);
  wait_until_empty();
}

TEST_F(UploadTest, StartRemovesWhatACrashLeft) {
  fs::create_directories(with_.upload_folder);
  const fs::path stale = Upload::new_path(with_.upload_folder);
  const fs::path other = with_.upload_folder / "not-ours.txt";
  for (const auto& path : {stale, other}) std::ofstream(path) << "x";
  TestServer server({route_}, with_);
  EXPECT_FALSE(fs::exists(stale));
  EXPECT_TRUE(fs::exists(other));
}

class FileAnswer : public ::testing::Test {
 protected:
  Route sending(std::uint64_t offset, std::uint64_t length) {
    Route made = route("GET", "/file", echo, Route::Runs::pool);
    made.handler = [path = path_, offset, length](Request, Responder responder) {
      Response response;
      response.file = FileBody{path, offset, length};
      responder.send(std::move(response));
    };
    return made;
  }
  TemporaryFolder folder_;
  fs::path path_ = folder_.path() / "file";
};

TEST_F(FileAnswer, IsSentInPartOrWhole) {
  const std::string content = pattern(1'000'000);
  ASSERT_TRUE(write_file_atomically(path_, content).ok());
  TestServer whole({sending(0, content.size())});
  EXPECT_TRUE(whole.ask(get("/file")).body == content);
  TestServer part({sending(1234, 600'001)});
  EXPECT_TRUE(part.ask(get("/file")).body == content.substr(1234, 600'001));
  TestServer nothing({sending(0, 0)});
  EXPECT_EQ(nothing.ask(get("/file")).header("content-length"), "0");
}

TEST_F(FileAnswer, ToHeadHasItsLengthOnly) {
  ASSERT_TRUE(write_file_atomically(path_, "0123456789").ok());
  TestServer server({sending(2, 5), route("GET", "/a", [](const Request&) { return std::string("next"); })});
  Client client = server.client();
  client.send("HEAD /file HTTP/1.1\r\nHost: test\r\n\r\n" + get("/a"));
  EXPECT_EQ(client.read(true)->header("content-length"), "5");
  EXPECT_EQ(client.read()->body, "next");
}

TEST_F(FileAnswer, OfAFileThatIsNotThereOrTooShortIs500) {
  TestServer missing({sending(0, 1)});
  EXPECT_EQ(missing.ask(get("/file")).status, 500);
  ASSERT_TRUE(write_file_atomically(path_, "0123456789").ok());
  TestServer shorter({sending(5, 6)});
  EXPECT_EQ(shorter.ask(get("/file")).status, 500);
}

}  // namespace
}  // namespace waybill::http::testing
