#include "source/sftp/known_hosts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/text.h"

namespace waybill::source {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Made and hashed with ssh-keygen (-t, -H, -l).
constexpr std::string_view kEd25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIDtQnGgMztyEODEB9qaJNuyrGht05Yi6BpmrXS0c3G2H";
constexpr std::string_view kEcdsa =
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBOQK0qDLFqWHtujokiVpeG1NQ12YK8fkB6OeImefzeGCSfgLXRop"
    "va/6VFckmJkRfmA9J9iYNhAANWlgV9xP/TM=";
constexpr std::string_view kHashed =
    "|1|DGYnB0wbOb4jeVDCpDQsvYtf1wQ=|+/kvq5p2N5gOvrG7yvNWuoqlycE= ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIDtQnGgMztyEODEB9qaJNuyrGht05Yi6BpmrXS0c3G2H\n";
constexpr std::string_view kHashedPort =
    "|1|MWtDCuu+0QTLqk/OYZzaz9xLy3k=|SKGleLBRoH7j/AAQm0Haf7uAv7o= ecdsa-sha2-nistp256 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBOQK0qDLFqWHtujokiVpeG1NQ12YK8fkB6OeImefzeGCSfgLXRop"
    "va/6VFckmJkRfmA9J9iYNhAANWlgV9xP/TM=\n";

HostKey ed25519() {
  return {"ssh-ed25519", *base64_decode(kEd25519)};
}
HostKey ecdsa() {
  return {"ecdsa-sha2-nistp256", *base64_decode(kEcdsa)};
}

std::string line(const std::string& hosts, std::string_view type, std::string_view blob) {
  return hosts + " " + std::string(type) + " " + std::string(blob) + "\n";
}

TEST(KnownHosts, TheFingerprintIsThatOfSshKeygen) {
  EXPECT_EQ(ed25519().fingerprint(), "SHA256:KWjWEZwltUuhfuapg0SbT/ql+pleAqLNTKAslOW5Jcg");
  EXPECT_EQ(ecdsa().fingerprint(), "SHA256:eLSL0GAf6psMTQtt8sqm8KDJIM8x/slN1CuyTLr/xJ0");
}

TEST(KnownHosts, HashedNamesAreFound) {
  const auto keys = known_keys(kHashed, "one.example.org", 22);
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].key.blob, ed25519().blob);
  EXPECT_TRUE(known_keys(kHashed, "two.example.org", 22).empty());
  EXPECT_TRUE(known_keys(kHashed, "one.example.org", 2222).empty());
  EXPECT_EQ(known_keys(kHashedPort, "two.example.org", 2222).size(), 1U);
  EXPECT_TRUE(known_keys(kHashedPort, "two.example.org", 22).empty());
}

TEST(KnownHosts, APortOtherThan22IsPartOfTheName) {
  const auto text = line("[host]:2222,[10.0.0.1]:2222", "ssh-ed25519", kEd25519);
  EXPECT_EQ(known_keys(text, "host", 2222).size(), 1U);
  EXPECT_EQ(known_keys(text, "10.0.0.1", 2222).size(), 1U);
  EXPECT_TRUE(known_keys(text, "host", 22).empty());
}

TEST(KnownHosts, PatternsMayBeNegated) {
  const auto text = line("*.example.org,!bad.example.org,h?st", "ssh-ed25519", kEd25519);
  EXPECT_EQ(known_keys(text, "a.b.example.org", 22).size(), 1U);
  EXPECT_EQ(known_keys(text, "host", 22).size(), 1U);
  EXPECT_TRUE(known_keys(text, "bad.example.org", 22).empty());
  EXPECT_TRUE(known_keys(text, "example.org", 22).empty());
}

TEST(KnownHosts, LinesThatAreNoKeysArePassedOverAndCounted) {
  const auto text = "# a comment\n\nnonsense\n@cert-authority " + line("host", "ssh-ed25519", kEd25519) +
                    "host ssh-ed25519 ???\nhost\n\t" + line("HOST", "ssh-ed25519", kEd25519);
  const auto keys = known_keys(text, "host", 22);
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].line, 7);
}

TEST(KnownHosts, KnownTypesAreAskedForFirst) {
  EXPECT_THAT(host_key_algorithms({}), StartsWith("ssh-ed25519,"));
  EXPECT_THAT(host_key_algorithms({{ecdsa(), 1}}), StartsWith("ecdsa-sha2-nistp256,ssh-ed25519,"));
  EXPECT_THAT(host_key_algorithms({{{"ssh-rsa", "x"}, 1}}),
              StartsWith("rsa-sha2-512,rsa-sha2-256,ssh-ed25519,"));
}

class HostKeyCheck : public testing::Test {
 protected:
  HostKeyCheck() { options_.known_hosts = folder_.path() / "known_hosts"; }
  void keep(const std::string& text) { ASSERT_TRUE(write_file_atomically(options_.known_hosts, text)); }
  std::string kept() { return read_file(options_.known_hosts, 1 << 20).value(); }

  const TemporaryFolder folder_;
  const SftpAddress address_{"host", 2222, "/a", "sftp://host:2222/a"};
  SftpOptions options_;
};

TEST_F(HostKeyCheck, AnUnknownHostIsRefused) {
  const auto checked = check_host_key(ed25519(), address_, options_);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::permission_denied);
  EXPECT_THAT(checked.error().message, HasSubstr("SHA256:KWjWEZwltUuhfuapg0SbT/ql+pleAqLNTKAslOW5Jcg"));
  EXPECT_THAT(checked.error().message, HasSubstr("sftp.unknown_host"));
  EXPECT_TRUE(is_host_key_error(checked.error()));
  EXPECT_FALSE(std::filesystem::exists(options_.known_hosts));
}

TEST_F(HostKeyCheck, AcceptNewWritesTheKeyOnceAndThenRefusesAnother) {
  options_.unknown_host = UnknownHost::accept_new;
  keep("# no line end");
  ASSERT_TRUE(check_host_key(ed25519(), address_, options_));
  ASSERT_TRUE(check_host_key(ed25519(), address_, options_));
  EXPECT_EQ(kept(), "# no line end\n" + line("[host]:2222", "ssh-ed25519", kEd25519));
  const auto checked = check_host_key(ecdsa(), address_, options_);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, HasSubstr("changed"));
  EXPECT_TRUE(is_host_key_error(checked.error()));
  EXPECT_THAT(checked.error().message, HasSubstr("line 2 of " + options_.known_hosts.string()));
  EXPECT_THAT(checked.error().message, HasSubstr("SHA256:eLSL0GAf6psMTQtt8sqm8KDJIM8x/slN1CuyTLr/xJ0"));
  EXPECT_THAT(checked.error().message, HasSubstr("SHA256:KWjWEZwltUuhfuapg0SbT/ql+pleAqLNTKAslOW5Jcg"));
}

TEST_F(HostKeyCheck, ARevokedKeyIsRefusedThoughItIsKnown) {
  keep(line("[host]:2222", "ssh-ed25519", kEd25519) + "@revoked " + line("*", "ssh-ed25519", kEd25519));
  const auto checked = check_host_key(ed25519(), address_, options_);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, HasSubstr("revokes"));
}

}  // namespace
}  // namespace waybill::source
