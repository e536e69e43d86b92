#include <cstdlib>
#include <string>

#include "base/text.h"
#include "config/settings.h"
#include "net/egress.h"
#include "s3/address.h"
#include "source/sftp/sftp.h"
#include "source/share.h"
#include "targets.h"

namespace waybill::fuzz {

namespace {

void sftp_uri(std::string_view bytes) {
  const auto address = source::parse_sftp_uri(bytes);
  if (!address) return;
  if (address->path.find('\0') != std::string::npos) std::abort();
  if (("/" + address->path + "/").find("/../") != std::string::npos) std::abort();
  // What people are shown must name the same.
  const auto again = source::parse_sftp_uri(address->uri);
  if (!again || again->host != address->host || again->port != address->port ||
      again->path != address->path) {
    std::abort();
  }
}

void s3_uri(std::string_view bytes) {
  const auto address = s3::parse_uri(bytes);
  if (!address) return;
  if (address->key.find('\0') != std::string::npos || address->bucket.find('/') != std::string::npos)
    std::abort();
  const auto again = s3::parse_uri("s3://" + address->bucket + "/" + percent_encode(address->key, "/"));
  if (!again || again->key != address->key || again->bucket != address->bucket) std::abort();
}

}  // namespace

void uris(std::string_view bytes) {
  sftp_uri(bytes);
  s3_uri(bytes);
  const auto path = source::parse_file_uri(bytes);
  if (path && (!path->is_absolute() || path->string().find('\0') != std::string::npos)) std::abort();
  (void)config::parse_endpoint(bytes);
  (void)net::Egress::parse({std::string(bytes)});
  if (const auto decoded = percent_decode(bytes)) {
    if (percent_decode(percent_encode(*decoded)) != *decoded) std::abort();
  }
}

}  // namespace waybill::fuzz
