#include "app/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>

#include "base/files.h"

namespace waybill::app {

namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// sd_watchdog_enabled(3): WATCHDOG_PID, where it is set, says whom WATCHDOG_USEC is meant for.
std::optional<std::chrono::milliseconds> half_of_watchdog() {
  const auto microseconds = number(variable("WATCHDOG_USEC"));
  if (!microseconds || *microseconds == 0) return std::nullopt;
  const std::string_view meant = variable("WATCHDOG_PID");
  if (!meant.empty() && number(meant) != static_cast<std::uint64_t>(::getpid())) return std::nullopt;
  return std::max(std::chrono::milliseconds(1), std::chrono::milliseconds(*microseconds / 2'000));
}

}  // namespace

ServiceManager::ServiceManager() : address_(variable("NOTIFY_SOCKET")), alive_every_(half_of_watchdog()) {
  if (address_.starts_with('@')) address_.front() = '\0';
}

void ServiceManager::ready(std::string_view status) const {
  send("READY=1\nSTATUS=" + std::string(status));
}

void ServiceManager::stopping() const {
  send("STOPPING=1\nSTATUS=Finishing what is open");
}

void ServiceManager::alive() const {
  send("WATCHDOG=1");
}

void ServiceManager::send(std::string_view message) const {
  sockaddr_un to{};
  if (address_.empty() || address_.size() >= sizeof(to.sun_path)) return;
  to.sun_family = AF_UNIX;
  std::copy(address_.begin(), address_.end(), to.sun_path);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return;
  // The manager's own time-outs deal with a message that is lost.
  static_cast<void>(::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&to), length));
}

}  // namespace waybill::app
