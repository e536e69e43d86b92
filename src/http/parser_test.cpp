#include "http/parser.h"

#include <gtest/gtest.h>

namespace waybill::http {
namespace {

using Outcome = RequestParser::Outcome;

TEST(Parser, GivesTheSameHowEverTheBytesAreCut) {
  const std::string text =
      "\r\nPOST /a?x=1 HTTP/1.1\r\nHost: h\r\nX-One:  two  \r\nTransfer-Encoding: chunked\r\n\r\n"
      "4;ext=1\r\nWiki\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\nGET";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    RequestParser parser(1024);
    Request request;
    std::string body;
    std::size_t begin = 0;
    bool in_body = false;
    Outcome outcome = Outcome::more;
    for (std::size_t end = step; outcome == Outcome::more; end = std::min(end + step, text.size())) {
      std::size_t used = 0;
      const auto buffered = std::string_view(text).substr(begin, end - begin);
      outcome = in_body ? parser.body(buffered, used, body) : parser.head(buffered, request, used);
      begin += used;
      if (!in_body && outcome == Outcome::complete) {
        in_body = true;
        outcome = Outcome::more;
      }
      ASSERT_TRUE(end < text.size() || outcome != Outcome::more || used > 0) << "no progress, step " << step;
    }
    ASSERT_EQ(outcome, Outcome::complete) << step;
    EXPECT_EQ(body, "Wiki0123456789") << step;
    EXPECT_EQ(text.substr(begin), "GET") << step;
    EXPECT_EQ(request.headers.get("x-one"), "two");
    EXPECT_FALSE(request.headers.get("Trailer").has_value());
  }
}

// Found by fuzz/http: crashes/http/last-chunk-byte-by-byte. It ended the server.
TEST(Parser, ALastChunkWithNoneBeforeItMayComeByteByByte) {
  const std::string text = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string chunks : {"0\r\n\r\n", "000\r\nT: t\r\n\r\n", "0;a=b\r\n\r\n"}) {
    RequestParser parser(1024);
    Request request;
    std::string body;
    std::size_t used = 0;
    ASSERT_EQ(parser.head(text, request, used), Outcome::complete);
    ASSERT_EQ(used, text.size());
    for (std::size_t size = 0; size < chunks.size(); ++size) {
      // Twice: the connection looks before it waits.
      for (int i = 0; i < 2; ++i) {
        ASSERT_EQ(parser.body(std::string_view(chunks).substr(0, size), used, body), Outcome::more) << size;
        ASSERT_EQ(used, 0U);
      }
    }
    EXPECT_EQ(parser.body(chunks, used, body), Outcome::complete);
    EXPECT_EQ(used, chunks.size());
    EXPECT_EQ(body, "");
  }
}

TEST(Parser, IsReadyForTheNextRequest) {
  RequestParser parser(1024);
  for (int i = 0; i < 3; ++i) {
    parser.start();
    Request request;
    std::size_t used = 0;
    EXPECT_EQ(parser.head("GET / HTTP/1.1\r\nHost: h\r\n\r\n", request, used), Outcome::complete);
    EXPECT_EQ(used, 27U);
    EXPECT_FALSE(parser.has_body());
    EXPECT_TRUE(parser.keep_alive());
  }
}

TEST(Parser, RefusesWhatIsNoRequestBeforeTheHeadEnds) {
  for (const char* start :
       {"\x16\x03\x01", "GET / HTTP/1.1\nHost", "GET / HTTP/1.1\r\nHost: a\rb", "GET /\x01"}) {
    RequestParser parser(1024);
    Request request;
    std::size_t used = 0;
    EXPECT_EQ(parser.head(start, request, used), Outcome::bad) << start;
  }
}

TEST(Parser, HeadOfExactlyTheLimitIsTakenAndOneByteMoreIsNot) {
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  for (const std::size_t extra : {0U, 1U}) {
    const std::string text = start + std::string(100 - start.size() - 4 + extra, 'x') + "\r\n\r\n";
    RequestParser parser(100);
    Request request;
    std::size_t used = 0;
    EXPECT_EQ(parser.head(text, request, used), extra == 0 ? Outcome::complete : Outcome::too_large);
  }
}

}  // namespace
}  // namespace waybill::http
