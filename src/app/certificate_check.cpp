#include "app/certificate_check.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>
#include <string>

#include "base/files.h"

namespace waybill::app {

namespace {

using Check = cli::Local::Check;

constexpr std::uint64_t kMaxPemBytes = 1 << 20;
// A certificate that ends sooner than this is worth a word now.
constexpr int kSoonDays = 14;

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct X509Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

std::unique_ptr<BIO, BioFree> memory_of(std::string_view bytes) {
  return std::unique_ptr<BIO, BioFree>(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

/// Never asks a person for a passphrase.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) {
  return 0;
}

Check bad(std::string found, std::string advice) {
  return {"certificate", std::move(found), std::move(advice), false};
}

Check check_dates(const X509& certificate, Time now) {
  const std::time_t at = std::chrono::system_clock::to_time_t(now);
  int days = 0;
  int seconds = 0;
  const ASN1_TIME* end = X509_get0_notAfter(&certificate);
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> moment(ASN1_TIME_set(nullptr, at),
                                                                     &ASN1_TIME_free);
  if (!moment || ASN1_TIME_diff(&days, &seconds, moment.get(), end) != 1) {
    return bad("its dates cannot be read", "Have it issued anew.");
  }
  if (ASN1_TIME_compare(X509_get0_notBefore(&certificate), moment.get()) > 0) {
    return bad("is not valid yet", "Check the clock, or wait.");
  }
  if (days < 0 || seconds < 0) return bad("has expired", "Renew it and restart the server.");
  const std::string left = "fits its key and is good for " + std::to_string(days) + " days";
  if (days < kSoonDays) return {"certificate", left, "Renew it soon.", true};
  return {"certificate", left, "", true};
}

}  // namespace

Check check_certificate(const std::filesystem::path& certificate, const std::filesystem::path& private_key,
                        Time now) {
  const auto certificate_text = read_file(certificate, kMaxPemBytes);
  if (!certificate_text) return bad(certificate_text.error().message, "Correct server.certificate.");
  const auto key_text = read_file(private_key, kMaxPemBytes);
  if (!key_text) return bad(key_text.error().message, "Correct server.private_key.");
  const std::unique_ptr<X509, X509Free> parsed(
      PEM_read_bio_X509(memory_of(*certificate_text).get(), nullptr, nullptr, nullptr));
  if (!parsed) return bad(certificate.string() + " is no certificate in PEM", "Correct server.certificate.");
  const std::unique_ptr<EVP_PKEY, KeyFree> key(
      PEM_read_bio_PrivateKey(memory_of(*key_text).get(), nullptr, no_passphrase, nullptr));
  if (!key) {
    return bad(private_key.string() + " is no private key in PEM without a passphrase",
               "Correct server.private_key.");
  }
  if (X509_check_private_key(parsed.get(), key.get()) != 1) {
    return bad("does not belong to the private key", "Give the two that were made together.");
  }
  return check_dates(*parsed, now);
}

}  // namespace waybill::app
