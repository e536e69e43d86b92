#pragma once

#include <string>

#include "source/sftp/sftp.h"

namespace waybill::source {

/// For messages: "host", or "host port 2222".
inline std::string shown_host(const SftpAddress& address) {
  return address.host + (address.port == kSshPort ? "" : " port " + std::to_string(address.port));
}

/// As a known-hosts file names it: "host", or "[host]:2222".
inline std::string known_name(const std::string& host, std::uint16_t port) {
  return port == kSshPort ? host : "[" + host + "]:" + std::to_string(port);
}

}  // namespace waybill::source
