#include "net/egress.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/text.h"

namespace waybill::net {

namespace {

// IANA's registries of special-purpose addresses (RFC 6890, 8190); link-local and the former site-local
// addresses (RFC 4291, 3879) together; multicast (RFC 5771, 4291).
constexpr std::array<std::string_view, 25> kNotPublic{
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
    "::/96",         "64:ff9b:1::/48",  "100::/64",       "2001::/23",      "2001:db8::/32",
    "3fff::/20",     "5f00::/16",       "fc00::/7",       "fe80::/9",       "ff00::/8"};

constexpr std::string_view kRefused = "network.allow";  // the detail of a refusal

const std::vector<Network>& not_public() {
  static const std::vector<Network> networks = [] {
    std::vector<Network> out;
    for (const auto text : kNotPublic) out.push_back(Network::parse(text).value());
    return out;
  }();
  return networks;
}

std::uint32_t v4_at(const Address& address, std::size_t byte) {
  std::uint32_t value = 0;
  for (std::size_t i = byte; i < byte + 4; ++i) value = value << 8U | address.bytes().at(i);
  return value;
}

/// The IPv4 address that packets to this one end up at.
Address unwrapped(const Address& address) {
  static const Network nat64 = Network::parse("64:ff9b::/96").value();     // RFC 6052
  static const Network six_to_four = Network::parse("2002::/16").value();  // RFC 3056
  if (nat64.contains(address)) return Address::v4(v4_at(address, 12));
  if (six_to_four.contains(address)) return Address::v4(v4_at(address, 2));
  return address;
}

bool is_host_name(std::string_view text) {
  constexpr std::size_t kMost = 253;  // RFC 1035, 2.3.4
  return !text.empty() && text.size() <= kMost &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") == std::string_view::npos &&
         text.find_first_of("abcdefghijklmnopqrstuvwxyz") != std::string_view::npos;
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// getaddrinfo blocks as long as the resolver's own limits let it (resolv.conf(5): some seconds).
Result<Addresses> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failed != 0) {
    return Error{ErrorCode::unavailable,
                 "The host " + escape_controls(host) + " could not be found: " + gai_strerror(failed) + "."};
  }
  return Addresses(found);
}

Error away(const std::string& where, int error_number) {
  return {ErrorCode::unavailable,
          where + " could not be reached: " + std::string(std::strerror(error_number)) + "."};
}

Result<void> wait_connected(int fd, const std::string& where, std::chrono::nanoseconds until,
                            const Context& context) {
  constexpr int kSlice = 100;  // milliseconds between looks at the context
  for (;;) {
    WB_CHECK_OK(context.check());
    if (context.clock().steady() >= until) {
      return Error{ErrorCode::timeout, where + " did not answer in time."};
    }
    pollfd wanted{fd, POLLOUT, 0};
    const int ready = ::poll(&wanted, 1, kSlice);
    if (ready < 0 && errno != EINTR) return away(where, errno);
    if (ready <= 0) continue;
    int failed = 0;
    socklen_t size = sizeof failed;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) != 0) failed = errno;
    if (failed != 0) return away(where, failed);
    return {};
  }
}

Result<FileDescriptor> connect_to(const addrinfo& to, const std::string& where,
                                  std::chrono::nanoseconds until, const Context& context) {
  FileDescriptor fd(::socket(to.ai_family, to.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to.ai_protocol));
  if (!fd) return away(where, errno);
  const int on = 1;
  (void)::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd.get(), to.ai_addr, to.ai_addrlen) == 0) return fd;
  if (errno != EINPROGRESS) return away(where, errno);
  WB_CHECK_OK(wait_connected(fd.get(), where, until, context));
  return fd;
}

}  // namespace

bool is_public(const Address& address) {
  const Address real = unwrapped(address);
  return std::none_of(not_public().begin(), not_public().end(),
                      [&](const Network& network) { return network.contains(real); });
}

Result<Egress> Egress::parse(const std::vector<std::string>& allow) {
  Egress egress;
  for (const std::string& entry : allow) {
    if (const auto network = Network::parse(entry)) {
      egress.networks_.push_back(*network);
    } else if (auto host = to_lower(entry); is_host_name(host)) {
      egress.hosts_.push_back(std::move(host));
    } else {
      return Error{ErrorCode::invalid_argument,
                   "network.allow expects networks such as 10.1.0.0/16, addresses, or host names, found \"" +
                       escape_controls(entry) + "\"."};
    }
  }
  return egress;
}

Result<void> Egress::check(std::string_view host, const Address& address) const {
  if (is_public(address)) return {};
  const Address real = unwrapped(address);
  for (const Network& network : networks_) {
    if (network.contains(address) || network.contains(real)) return {};
  }
  if (std::find(hosts_.begin(), hosts_.end(), to_lower(host)) != hosts_.end()) return {};
  const std::string text = address.to_string();
  return Error{ErrorCode::permission_denied,
               "This server may not connect to " + escape_controls(host) +
                   (host == text ? std::string() : " (" + text + ")") +
                   ", which is not a public address. Its operator can list it in network.allow.",
               std::string(kRefused)};
}

bool Egress::is_refusal(const Error& error) {
  return error.code == ErrorCode::permission_denied && error.detail == kRefused;
}

Result<FileDescriptor> Egress::connect(const std::string& host, std::uint16_t port, Milliseconds timeout,
                                       const Context& context) const {
  const auto until = context.clock().steady() + timeout;
  WB_TRY(const Addresses found, resolve(host, port));
  for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
    const auto address = Address::of(at->ai_addr);
    if (address) WB_CHECK_OK(check(host, *address));
  }
  Error last{ErrorCode::unavailable, "The host " + escape_controls(host) + " has no address."};
  for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
    const auto address = Address::of(at->ai_addr);
    if (!address) continue;
    const std::string where = escape_controls(host) +
                              (address->to_string() == host ? "" : " (" + address->to_string() + ")") +
                              " port " + std::to_string(port);
    auto fd = connect_to(*at, where, until, context);
    if (fd) return fd;
    if (fd.error().code == ErrorCode::cancelled) return fd;
    last = std::move(fd).error();
  }
  return last;
}

}  // namespace waybill::net
