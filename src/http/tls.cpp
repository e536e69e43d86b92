#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string>

namespace waybill::http {

namespace {

Error tls_error(const std::string& message) {
  std::string reason(256, '\0');
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  reason.resize(reason.find('\0'));
  ERR_clear_error();
  return {ErrorCode::invalid_argument, message, reason};
}

/// Chooses "http/1.1" where the client offers it, and no protocol otherwise (RFC 7301, 3.2).
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
  static constexpr unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kOurs, sizeof kOurs, offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

void TlsContextDeleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

Result<TlsContext> make_tls_context(const std::filesystem::path& certificate,
                                    const std::filesystem::path& private_key) {
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (!context) return tls_error("cannot set up TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Idle connections give their TLS buffers (34 KiB) back.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    return tls_error("cannot read the certificate " + certificate.string() +
                     ": expected a PEM file that this user may read");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), private_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return tls_error("cannot use the private key " + private_key.string() +
                     ": expected a PEM file that this user may read, with the key of the certificate " +
                     certificate.string());
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    return tls_error("the private key " + private_key.string() + " is not that of the certificate " +
                     certificate.string());
  }
  return context;
}

}  // namespace waybill::http
