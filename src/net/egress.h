#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/files.h"
#include "base/result.h"
#include "base/time.h"
#include "net/address.h"

namespace waybill::net {

/// Where connections may go: to every public address, and to those others that the operator lists
/// (network.allow). What is not public say the registries of special-purpose addresses (RFC 6890 and its
/// updates); an IPv4 address inside an IPv6 one (mapped, NAT64, 6to4) counts as itself. Immutable: any
/// thread.
class Egress {
 public:
  /// Entries are networks ("10.1.0.0/16"), addresses, or host names, whose addresses are then all fine.
  /// Errors: invalid_argument (names the entry).
  static Result<Egress> parse(const std::vector<std::string>& allow);
  /// Public addresses only.
  Egress() = default;

  /// To be asked for every address that is connected to, after resolving: `host` is the name that it was
  /// resolved from, or the address's own text. Errors: permission_denied, with the setting to change.
  Result<void> check(std::string_view host, const Address& address) const;
  /// Whether an error is one of check()'s: the operator's to allow, and no matter of the other side.
  static bool is_refusal(const Error& error);

  /// Resolves and connects (TCP, no delay), trying each address in turn; the socket is non-blocking. An
  /// address that is not allowed fails the whole, so that a name with two addresses cannot be used to probe.
  /// Errors: permission_denied, unavailable (unknown host, refused, unreachable), timeout, cancelled.
  Result<FileDescriptor> connect(const std::string& host, std::uint16_t port, Milliseconds timeout,
                                 const Context& context) const;

 private:
  std::vector<Network> networks_;
  std::vector<std::string> hosts_;  // lower case
};

/// False for loopback, link-local, private, shared, multicast, reserved and the like.
bool is_public(const Address& address);

}  // namespace waybill::net
