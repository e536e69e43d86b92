#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace waybill::http {

struct TlsContextDeleter {
  void operator()(ssl_ctx_st* context) const;
};
using TlsContext = std::unique_ptr<ssl_ctx_st, TlsContextDeleter>;

/// A server's context: TLS 1.2 and up, ALPN "http/1.1". Error: invalid_argument, naming the file that cannot
/// be read or does not fit the other.
Result<TlsContext> make_tls_context(const std::filesystem::path& certificate,
                                    const std::filesystem::path& private_key);

}  // namespace waybill::http
