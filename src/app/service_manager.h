#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace waybill::app {

/// Tells a service manager how the server fares, as sd_notify(3) describes it: datagrams to the socket that
/// NOTIFY_SOCKET names. Where nothing is named, nothing is sent; a datagram that cannot be sent is let go.
class ServiceManager {
 public:
  /// Reads the environment: make it before other threads run. The calls below may come from any thread.
  ServiceManager();

  void ready(std::string_view status) const;  // the server takes requests; `status` is one line for people
  void stopping() const;
  void alive() const;  // for the watchdog

  /// How often alive() is to be called: half of what the manager waits for. nullopt: it does not watch.
  std::optional<std::chrono::milliseconds> alive_every() const { return alive_every_; }

 private:
  void send(std::string_view message) const;

  std::string address_;  // as in sockaddr_un: a path, or after a NUL byte a name of the abstract namespace
  std::optional<std::chrono::milliseconds> alive_every_;
};

}  // namespace waybill::app
