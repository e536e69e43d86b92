#include "net/egress.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace waybill::net {
namespace {

Address address(const char* text) {
  return Address::parse(text).value();
}

/// A listening socket on 127.0.0.1, its port chosen by the kernel.
class Listener {
 public:
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(::listen(fd_.get(), 4), 0);
    socklen_t size = sizeof at;
    EXPECT_EQ(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
  }
  std::uint16_t port() const { return port_; }
  void close() { fd_.reset(); }

 private:
  FileDescriptor fd_;
  std::uint16_t port_ = 0;
};

TEST(IsPublic, OrdinaryAddressesAre) {
  for (const char* text :
       {"1.1.1.1", "52.95.110.1", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0",
        "2606:4700::1111", "2a00:1450::1", "64:ff9b::101:101", "2002:101:101::1"}) {
    EXPECT_TRUE(is_public(address(text))) << text;
  }
}

TEST(IsPublic, SpecialAddressesAreNot) {
  for (const char* text :
       {"0.0.0.0",         "0.1.2.3",    "10.0.0.1",       "100.64.0.1",      "127.0.0.1", "127.255.255.255",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8",       "192.0.2.1", "192.168.1.1",
        "198.18.0.1",      "224.0.0.1",  "240.0.0.1",      "255.255.255.255", "::",        "::1",
        "::7f00:1",        "fc00::1",    "fd12::1",        "fe80::1",         "fec0::1",   "ff02::1",
        "2001:db8::1"}) {
    EXPECT_FALSE(is_public(address(text))) << text;
  }
}

TEST(IsPublic, AnAddressInsideAnotherCountsAsItself) {
  for (const char* text : {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
                           "2002:7f00:1::", "2002:c0a8:101::1"}) {
    EXPECT_FALSE(is_public(address(text))) << text;
  }
}

TEST(Network, ReadsBlocksAndAddresses) {
  EXPECT_TRUE(Network::parse("10.0.0.0/8")->contains(address("10.255.0.1")));
  EXPECT_FALSE(Network::parse("10.0.0.0/8")->contains(address("11.0.0.0")));
  EXPECT_TRUE(Network::parse("10.0.0.0/8")->contains(address("::ffff:10.1.1.1")));
  EXPECT_TRUE(Network::parse("192.168.1.4/31")->contains(address("192.168.1.5")));
  EXPECT_FALSE(Network::parse("192.168.1.4/31")->contains(address("192.168.1.6")));
  EXPECT_TRUE(Network::parse("fd00::/9")->contains(address("fd7f::1")));
  EXPECT_FALSE(Network::parse("fd00::/9")->contains(address("fd80::1")));
  EXPECT_TRUE(Network::parse("127.0.0.1")->contains(address("127.0.0.1")));
  EXPECT_FALSE(Network::parse("127.0.0.1")->contains(address("127.0.0.2")));
  EXPECT_TRUE(Network::parse("0.0.0.0/0")->contains(address("9.9.9.9")));
  EXPECT_FALSE(Network::parse("0.0.0.0/0")->contains(address("2606::1")));
}

TEST(Network, RefusesWhatIsNoBlock) {
  for (const char* text : {"", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8",
                           "fd00::1/8", "::/129", "10.0.0.0/8x", "host", "[::1]"}) {
    EXPECT_FALSE(Network::parse(text)) << text;
  }
}

TEST(Egress, SaysWhichSettingToChange) {
  const auto checked = Egress().check("db.example.com", address("10.0.0.7"));
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::permission_denied);
  EXPECT_NE(checked.error().message.find("db.example.com (10.0.0.7)"), std::string::npos)
      << checked.error().message;
  EXPECT_NE(checked.error().message.find("network.allow"), std::string::npos);
  EXPECT_TRUE(Egress::is_refusal(checked.error()));
  EXPECT_FALSE(Egress::is_refusal({ErrorCode::permission_denied, "The certificate is not trusted."}));
}

TEST(Egress, AllowsWhatTheOperatorLists) {
  const auto egress = Egress::parse({"10.1.0.0/16", "Minio.local", "::1"});
  ASSERT_TRUE(egress.ok());
  EXPECT_TRUE(egress->check("a", address("10.1.2.3")).ok());
  EXPECT_TRUE(egress->check("a", address("64:ff9b::a01:203")).ok());
  EXPECT_FALSE(egress->check("a", address("10.2.0.1")).ok());
  EXPECT_TRUE(egress->check("MINIO.local", address("192.168.7.7")).ok());
  EXPECT_FALSE(egress->check("other.local", address("192.168.7.7")).ok());
  EXPECT_TRUE(egress->check("a", address("::1")).ok());
}

TEST(Egress, RefusesAListThatItCannotRead) {
  for (const char* entry : {"10.0.0.1/8", "http://host", "a b", "1.2.3", ""}) {
    EXPECT_FALSE(Egress::parse({entry}).ok()) << entry;
  }
}

TEST(Egress, ConnectsWhereItMay) {
  const Listener listener;
  const auto fd =
      Egress::parse({"127.0.0.1"})->connect("127.0.0.1", listener.port(), Milliseconds(5'000), Context());
  EXPECT_TRUE(fd.ok());
}

TEST(Egress, DoesNotConnectWhereItMayNot) {
  const Listener listener;
  for (const char* host : {"127.0.0.1", "localhost", "0x7f.1", "2130706433", "::ffff:127.0.0.1"}) {
    const auto fd = Egress().connect(host, listener.port(), Milliseconds(5'000), Context());
    ASSERT_FALSE(fd.ok()) << host;
    EXPECT_EQ(fd.error().code, ErrorCode::permission_denied) << host << ": " << fd.error().message;
  }
}

TEST(Egress, ARefusedConnectionMaySucceedLater) {
  Listener listener;
  const std::uint16_t port = listener.port();
  listener.close();
  const auto fd = Egress::parse({"127.0.0.1"})->connect("127.0.0.1", port, Milliseconds(5'000), Context());
  ASSERT_FALSE(fd.ok());
  EXPECT_EQ(fd.error().code, ErrorCode::unavailable);
  EXPECT_NE(fd.error().message.find("port " + std::to_string(port)), std::string::npos) << fd.error().message;
}

}  // namespace
}  // namespace waybill::net
