#include <gtest/gtest.h>

#include <atomic>

#include "http/testing.h"

namespace waybill::http::testing {
namespace {

/// Each is a request about whose end a proxy and a server could disagree, with another hidden behind it. All
/// must be refused before any handler runs, and the connection must end.
struct Attempt {
  const char* name;
  std::string text;
};

std::string with_fields(const std::string& fields, const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n\r\n" + body;
}

class Smuggling : public ::testing::TestWithParam<Attempt> {};

TEST_P(Smuggling, IsRefusedAndTheConnectionEnds) {
  std::atomic<int> handled{0};
  TestServer server({route("POST", "/echo",
                           [&](const Request&) {
                             ++handled;
                             return std::string("handled");
                           }),
                     route("GET", "/hidden", [&](const Request&) {
                       ++handled;
                       return std::string("hidden");
                     })});
  Client client = server.client();
  ASSERT_TRUE(client.send(GetParam().text));
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->body, "bad_request");
  EXPECT_EQ(answer->header("connection"), "close");
  client.stop_sending();
  EXPECT_TRUE(client.closed()) << "an answer to a hidden request";
  EXPECT_EQ(handled, 0);
}

const std::string kHidden = "GET /hidden HTTP/1.1\r\nHost: test\r\n\r\n";
const std::string kChunked = "Transfer-Encoding: chunked";

INSTANTIATE_TEST_SUITE_P(
    Attempts, Smuggling,
    ::testing::Values(
        Attempt{"LengthAndChunked", with_fields("Content-Length: 6\r\n" + kChunked, "0\r\n\r\n" + kHidden)},
        Attempt{"ChunkedAndLength", with_fields(kChunked + "\r\nContent-Length: 6", "0\r\n\r\n" + kHidden)},
        Attempt{"TwoLengths", with_fields("Content-Length: 5\r\nContent-Length: 6", "01234" + kHidden)},
        Attempt{"TwoEqualLengths", with_fields("Content-Length: 5\r\nContent-Length: 5", "01234" + kHidden)},
        Attempt{"ListOfLengths", with_fields("Content-Length: 5, 5", "01234" + kHidden)},
        Attempt{"SignedLength", with_fields("Content-Length: +5", "01234" + kHidden)},
        Attempt{"NegativeLength", with_fields("Content-Length: -5", "01234" + kHidden)},
        Attempt{"HexLength", with_fields("Content-Length: 0x5", "01234" + kHidden)},
        Attempt{"EmptyLength", with_fields("Content-Length:", kHidden)},
        Attempt{"LengthBeyond64Bits", with_fields("Content-Length: 18446744073709551617", "0" + kHidden)},
        Attempt{"TwoCodings", with_fields(kChunked + "\r\n" + kChunked, "0\r\n\r\n" + kHidden)},
        Attempt{"UnknownCoding", with_fields("Transfer-Encoding: xchunked", "0\r\n\r\n" + kHidden)},
        Attempt{"CodingsInAList", with_fields("Transfer-Encoding: gzip, chunked", "0\r\n\r\n" + kHidden)},
        Attempt{"ChunkedNotLast", with_fields("Transfer-Encoding: chunked, identity", "0\r\n\r\n" + kHidden)},
        Attempt{"VerticalTabBeforeCoding", with_fields("Transfer-Encoding:\vchunked", "0\r\n\r\n" + kHidden)},
        Attempt{"SpaceBeforeColon", with_fields("Content-Length : 5", "01234" + kHidden)},
        Attempt{"TabBeforeColon", with_fields("Transfer-Encoding\t: chunked", "0\r\n\r\n" + kHidden)},
        Attempt{"FoldedField", with_fields("X: a\r\n Content-Length: 5", "01234" + kHidden)},
        Attempt{"FoldedCoding", with_fields("Transfer-Encoding:\r\n chunked", "0\r\n\r\n" + kHidden)},
        Attempt{"BareLineFeed", with_fields("X: a\nContent-Length: 5", "01234" + kHidden)},
        Attempt{"BareCarriageReturn", with_fields("X: a\rContent-Length: 5", "01234" + kHidden)},
        Attempt{"NulInAField", with_fields(std::string("X: a\0b", 6), kHidden)},
        Attempt{"FieldWithoutName", with_fields(": 5", kHidden)},
        Attempt{"FieldWithoutColon", with_fields("Content-Length", kHidden)},
        Attempt{"ChunkedInHttp10",
                "POST /echo HTTP/1.0\r\nHost: test\r\n" + kChunked + "\r\n\r\n0\r\n\r\n" + kHidden},
        Attempt{"ChunkSizeBeyond64Bits",
                with_fields(kChunked, "10000000000000005\r\n01234\r\n0\r\n\r\n" + kHidden)},
        Attempt{"NegativeChunkSize", with_fields(kChunked, "-5\r\n01234\r\n0\r\n\r\n" + kHidden)},
        Attempt{"ChunkSizeWithPrefix", with_fields(kChunked, "0x5\r\n01234\r\n0\r\n\r\n" + kHidden)},
        Attempt{"ChunkLongerThanItsSize", with_fields(kChunked, "5\r\n012345\r\n0\r\n\r\n" + kHidden)},
        Attempt{"ChunkLineWithBareLineFeed", with_fields(kChunked, "5\n01234\r\n0\r\n\r\n" + kHidden)},
        Attempt{"TwoHosts", "GET /hidden HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + kHidden},
        Attempt{"NoHost", "GET /hidden HTTP/1.1\r\n\r\n" + kHidden},
        Attempt{"ListOfHosts", "GET /hidden HTTP/1.1\r\nHost: a, b\r\n\r\n" + kHidden}),
    [](const auto& attempt) { return std::string(attempt.param.name); });

class BadLine : public ::testing::TestWithParam<const char*> {};

TEST_P(BadLine, IsRefused) {
  TestServer server({});
  Client client = server.client();
  ASSERT_TRUE(client.send(std::string(GetParam()) + "\r\nHost: test\r\n\r\n"));
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 400);
  EXPECT_TRUE(client.closed());
}

INSTANTIATE_TEST_SUITE_P(RequestLines, BadLine,
                         ::testing::Values("GET", "GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ",
                                           " GET / HTTP/1.1", "G@T / HTTP/1.1", "GET / HTTP/2.0",
                                           "GET / HTTP/1.2", "GET / HTTP/1.1x", "GET / http/1.1",
                                           "GET /\t HTTP/1.1", "GET a HTTP/1.1", "GET /%zz HTTP/1.1",
                                           "GET /?a=%2 HTTP/1.1", "hello"));

}  // namespace
}  // namespace waybill::http::testing
