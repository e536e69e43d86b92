#include "source/sftp/sftp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/text.h"
#include "source/sftp/known_hosts.h"
#include "source/sftp/private_key.h"

namespace waybill::source {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(SftpUri, HasHostPortAndADecodedPath) {
  const auto address = parse_sftp_uri("sftp://Files.Example.org:2222/drop/My%20package.zip");
  ASSERT_TRUE(address) << address.error().message;
  EXPECT_EQ(address->host, "files.example.org");
  EXPECT_EQ(address->port, 2222);
  EXPECT_EQ(address->path, "/drop/My package.zip");
  EXPECT_EQ(address->uri, "sftp://files.example.org:2222/drop/My%20package.zip");
}

TEST(SftpUri, HasPort22WhereNoneIsGiven) {
  EXPECT_EQ(parse_sftp_uri("sftp://host/a")->port, 22);
  EXPECT_EQ(parse_sftp_uri("sftp://host:22/a")->uri, "sftp://host/a");
}

TEST(SftpUri, TildeIsTheHomeDirectory) {
  EXPECT_EQ(parse_sftp_uri("sftp://host/~/a/b.zip")->path, "./a/b.zip");
  EXPECT_EQ(parse_sftp_uri("sftp://host/~")->path, ".");
  EXPECT_EQ(parse_sftp_uri("sftp://host/~/")->path, ".");
  EXPECT_EQ(parse_sftp_uri("sftp://host/~other/a")->path, "/~other/a");
}

TEST(SftpUri, EmptyNamesAndTheLastSlashGo) {
  EXPECT_EQ(parse_sftp_uri("sftp://host//a///b/")->path, "/a/b");
  EXPECT_EQ(parse_sftp_uri("sftp://host/")->path, "/");
}

TEST(SftpUri, TakesAnIPv6Address) {
  const auto address = parse_sftp_uri("sftp://[2001:DB8::1]:2222/a");
  ASSERT_TRUE(address) << address.error().message;
  EXPECT_EQ(address->host, "2001:db8::1");
  EXPECT_EQ(address->uri, "sftp://[2001:db8::1]:2222/a");
}

TEST(SftpUri, RefusesWhatItCannotMean) {
  for (const auto* uri :
       {"sftp:///a", "sftp://host", "ftp://host/a", "sftp://host/a?b", "sftp://host/a#b", "sftp://host:0/a",
        "sftp://host:65536/a", "sftp://host/a%00b", "sftp://host/../a", "sftp://host/a/%2e%2e/b",
        "sftp://-oProxyCommand=x/a", "sftp://ho%20st/a", "", "a b"}) {
    const auto address = parse_sftp_uri(uri);
    ASSERT_FALSE(address) << uri;
    EXPECT_EQ(address.error().code, ErrorCode::invalid_argument) << uri;
  }
}

TEST(SftpUri, APasswordInItIsNotShown) {
  for (const auto* uri : {"sftp://user:geheim@host/a", "sftp://user:geheim@ho st/a"}) {
    const auto address = parse_sftp_uri(uri);
    ASSERT_FALSE(address);
    EXPECT_THAT(address.error().message, Not(HasSubstr("geheim")));
  }
}

TEST(SftpCredentialsJson, HoldsUserAndPassword) {
  const auto read = read_sftp_credentials(R"({"username":"ann","password":"s\u00e9same \"1\""})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->username, "ann");
  EXPECT_EQ(read->password.reveal(), "s\xC3\xA9same \"1\"");
}

TEST(SftpCredentialsJson, SaysWhatIsMissing) {
  const auto message = [](const char* json) { return read_sftp_credentials(json).error().message; };
  EXPECT_THAT(message(""), HasSubstr("missing"));
  EXPECT_THAT(message("{}"), HasSubstr("username"));
  EXPECT_THAT(message(R"({"username":"ann"})"), HasSubstr("privateKey"));
  EXPECT_THAT(message(R"({"username":"ann","password":5})"), HasSubstr("password"));
  EXPECT_THAT(message(R"({"username":"ann","password":"a\u0000b"})"), HasSubstr("NUL"));
}

TEST(SftpCredentialsJson, NoMessageHoldsTheKey) {
  const auto read = read_sftp_credentials(R"({"username":"ann","privateKey":"c2VjcmV0"})");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, Not(HasSubstr("c2VjcmV0")));
}

OwnedKey new_key(ssh_keytypes_e type, int bits) {
  ssh_key key = nullptr;
  EXPECT_EQ(ssh_pki_generate(type, bits, &key), SSH_OK);
  return OwnedKey(key);
}

Secret key_text(ssh_key key, const char* passphrase) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "key";
  EXPECT_EQ(ssh_pki_export_privkey_file(key, passphrase, nullptr, nullptr, file.c_str()), SSH_OK);
  return Secret(read_file(file, 1 << 20).value());
}

TEST(PrivateKey, EveryKindIsRead) {
  for (const auto& [type, bits] :
       {std::pair{SSH_KEYTYPE_ED25519, 0}, {SSH_KEYTYPE_ECDSA_P256, 256}, {SSH_KEYTYPE_RSA, 2048}}) {
    const auto key = new_key(type, bits);
    EXPECT_TRUE(read_private_key(key_text(key.get(), nullptr), Secret())) << ssh_key_type_to_char(type);
    EXPECT_TRUE(read_private_key(key_text(key.get(), "open"), Secret("open"))) << ssh_key_type_to_char(type);
  }
}

TEST(PrivateKey, LinesMayEndInCrLfAndBlanksStandAround) {
  const auto key = new_key(SSH_KEYTYPE_ED25519, 0);
  const Secret plain = key_text(key.get(), nullptr);
  std::string text = "\r\n  ";
  for (const char c : plain.reveal()) text += c == '\n' ? "\r\n" : std::string(1, c);
  EXPECT_TRUE(read_private_key(Secret(text), Secret()));
}

TEST(PrivateKey, AWrongPassphraseIsToldFromADamagedKey) {
  for (const auto& [type, bits] : {std::pair{SSH_KEYTYPE_ED25519, 0}, {SSH_KEYTYPE_RSA, 2048}}) {
    const auto key = new_key(type, bits);
    const auto wrong = read_private_key(key_text(key.get(), "open"), Secret("other"));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(wrong.error().message, HasSubstr("passphrase"));
    const auto missing = read_private_key(key_text(key.get(), "open"), Secret());
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message, HasSubstr("no 'passphrase' is given"));
    const std::string whole(key_text(key.get(), nullptr).reveal());
    const auto damaged = read_private_key(Secret(whole.substr(0, whole.size() / 2)), Secret());
    ASSERT_FALSE(damaged);
    EXPECT_THAT(damaged.error().message, Not(HasSubstr("passphrase")));
  }
}

TEST(PrivateKey, OtherFilesAreNamedAsWhatTheyAre) {
  const auto message = [](const char* text) {
    return check_private_key_form(Secret(text), false).error().message;
  };
  EXPECT_THAT(message("PuTTY-User-Key-File-3: ssh-ed25519\n"), HasSubstr("PuTTY"));
  EXPECT_THAT(message("ssh-ed25519 AAAA me@host\n"), HasSubstr("public key"));
  EXPECT_THAT(message("hello"), HasSubstr("PRIVATE KEY"));
}

}  // namespace
}  // namespace waybill::source
