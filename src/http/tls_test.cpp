#include "http/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>

#include "base/free_with.h"
#include "http/testing.h"

namespace waybill::http::testing {
namespace {

using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;

void close_file(FILE* file) {
  std::fclose(file);
}
using File = std::unique_ptr<FILE, FreeWith<close_file>>;

/// A self-signed certificate for localhost and its key, as two PEM files.
void make_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key_file) {
  const Key key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, FreeWith<X509_free>> x509(X509_new());
  X509_set_version(x509.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
  X509_set_pubkey(x509.get(), key.get());
  X509_NAME* name = X509_get_subject_name(x509.get());
  const unsigned char common[] = "localhost";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
  X509_set_issuer_name(x509.get(), name);
  ASSERT_NE(X509_sign(x509.get(), key.get(), EVP_sha256()), 0);
  const File first(std::fopen(certificate.c_str(), "wb"));
  ASSERT_EQ(PEM_write_X509(first.get(), x509.get()), 1);
  const File second(std::fopen(key_file.c_str(), "wb"));
  ASSERT_EQ(PEM_write_PrivateKey(second.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
}

class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    with_ = options();
    with_.certificate = folder_.path() / "cert.pem";
    with_.private_key = folder_.path() / "key.pem";
    make_certificate(with_.certificate, with_.private_key);
  }
  TemporaryFolder folder_;
  ServerOptions with_;
};

/// A client over TLS, blocking.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, int max_version = 0) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_max_proto_version(context_.get(), max_version);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    BIO* raw = BIO_new_ssl_connect(context_.get());
    bio_.reset(raw);
    BIO_set_conn_hostname(raw, ("127.0.0.1:" + std::to_string(port)).c_str());
    SSL* ssl = nullptr;
    BIO_get_ssl(raw, &ssl);
    const unsigned char offered[] = "\x02h2\x08http/1.1";
    SSL_set_alpn_protos(ssl, offered, sizeof offered - 1);
    connected_ = BIO_do_connect(raw) == 1 && BIO_do_handshake(raw) == 1;
    const unsigned char* chosen = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl, &chosen, &length);
    protocol_ = std::string(reinterpret_cast<const char*>(chosen), length);
  }
  bool connected() const { return connected_; }
  const std::string& protocol() const { return protocol_; }
  void send(const std::string& text) { BIO_write(bio_.get(), text.data(), static_cast<int>(text.size())); }
  std::string read_to_end() {
    std::string all;
    char piece[4096];
    for (int count = 0; (count = BIO_read(bio_.get(), piece, sizeof piece)) > 0;) {
      all.append(piece, static_cast<std::size_t>(count));
    }
    return all;
  }

 private:
  std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>> context_;
  std::unique_ptr<BIO, FreeWith<BIO_free_all>> bio_;
  bool connected_ = false;
  std::string protocol_;
};

Route secure_echo() {
  Route made = route("POST", "/a", [](const Request& request) {
    return request.body + (request.secure ? " secure" : " plain");
  });
  made.max_body = 1 << 20;
  return made;
}

TEST_F(TlsTest, ServesOverTls12And13) {
  TestServer server({secure_echo()}, with_);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server->port(), version);
    ASSERT_TRUE(client.connected()) << version;
    EXPECT_EQ(client.protocol(), "http/1.1");
    const std::string body(300'000, 'b');
    client.send(post("/a", "first") + post("/a", body, {"Connection: close"}));
    const std::string all = client.read_to_end();
    EXPECT_THAT(all, ::testing::HasSubstr("first secure"));
    EXPECT_TRUE(all.ends_with(body + " secure"));
  }
}

TEST_F(TlsTest, RefusesTls11) {
  TestServer server({secure_echo()}, with_);
  EXPECT_FALSE(TlsClient(server->port(), TLS1_1_VERSION).connected());
}

TEST_F(TlsTest, PlainHttpOnATlsPortEndsAndHarmsNothing) {
  TestServer server({secure_echo()}, with_);
  Client plain = server.client();
  plain.send(get("/a"));
  EXPECT_EQ(plain.read_to_end().find("HTTP/"), std::string::npos);
  TlsClient client(server->port());
  client.send(post("/a", "x", {"Connection: close"}));
  EXPECT_TRUE(client.read_to_end().ends_with("x secure"));
}

TEST_F(TlsTest, SlowHandshakeIsEnded) {
  with_.head_timeout = std::chrono::milliseconds(50);
  TestServer server({secure_echo()}, with_);
  EXPECT_TRUE(server.client().closed());
}

TEST_F(TlsTest, SlowHeadIsAnsweredWith408) {
  with_.head_timeout = std::chrono::milliseconds(200);
  TestServer server({secure_echo()}, with_);
  TlsClient client(server->port());
  client.send("POST /a");
  EXPECT_THAT(client.read_to_end(), ::testing::StartsWith("HTTP/1.1 408"));
}

TEST_F(TlsTest, StartNamesTheFileThatDoesNotFit) {
  ServerOptions missing = with_;
  missing.certificate = folder_.path() / "none.pem";
  const auto first = Server(missing).start();
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(first.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(first.error().message, ::testing::HasSubstr("none.pem"));

  ServerOptions other = with_;
  other.private_key = folder_.path() / "other-key.pem";
  make_certificate(folder_.path() / "other.pem", other.private_key);
  const auto second = Server(other).start();
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message, ::testing::HasSubstr("other-key.pem"));
}

}  // namespace
}  // namespace waybill::http::testing
