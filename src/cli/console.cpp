#include "cli/console.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "base/files.h"

namespace waybill::cli {

namespace {

constexpr unsigned kDefaultWidth = 80;
constexpr unsigned kDefaultHeight = 24;

volatile std::sig_atomic_t interrupt_seen = 0;
struct sigaction previous_action;
int guards = 0;  // how many live

extern "C" void remember_interrupt(int /*signal*/) {
  interrupt_seen = 1;
}

/// Asked at each drawing, which makes a handler for SIGWINCH needless.
unsigned terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultWidth;
  return size.ws_col;
}

unsigned terminal_height() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return kDefaultHeight;
  return size.ws_row;
}

/// Turns a terminal's echo off while it lives.
class NoEcho {
 public:
  explicit NoEcho(int terminal) : terminal_(terminal) {
    if (::tcgetattr(terminal_, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(terminal_, TCSAFLUSH, &quiet) == 0;
  }
  ~NoEcho() {
    if (changed_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  explicit operator bool() const { return changed_; }

 private:
  int terminal_;
  termios before_{};
  bool changed_ = false;
};

/// Asks on the process's terminal, wherever its streams lead.
std::optional<Secret> ask_terminal(const std::string& prompt) {
  constexpr std::size_t kMost = 4'096;  // what a terminal's line can hold
  const FileDescriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal) return std::nullopt;
  // Ctrl-C ends the read, so that echo comes back.
  const InterruptGuard guard;
  const NoEcho quiet(terminal.get());
  if (!quiet || !write_all(terminal.get(), prompt, "the terminal")) return std::nullopt;
  std::string line(kMost, '\0');
  const auto got = ::read(terminal.get(), line.data(), line.size());
  (void)write_all(terminal.get(), "\n", "the terminal");
  if (got <= 0) return std::nullopt;
  line.resize(static_cast<std::size_t>(got));
  while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
  if (line.empty()) return std::nullopt;
  return Secret(std::move(line));
}

std::string_view code_of(Paint paint) {
  switch (paint) {
    case Paint::red:
      return "31";
    case Paint::yellow:
      return "33";
    case Paint::green:
      return "32";
    case Paint::cyan:
      return "36";
    case Paint::bold:
      return "1";
    case Paint::dim:
      return "2";
  }
  return "0";
}

}  // namespace

Console process_console() {
  const char* no_colour = std::getenv("NO_COLOR");  // https://no-color.org: set and not empty
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::string_view(kind) == "dumb";
  const bool wanted = (no_colour == nullptr || *no_colour == '\0') && !dumb;
  return Console{.out = std::cout,
                 .err = std::cerr,
                 .terminal = ::isatty(STDERR_FILENO) == 1 && !dumb,
                 .colour = wanted && ::isatty(STDOUT_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1,
                 .width = terminal_width,
                 .variable = [](const char* name) -> std::optional<std::string> {
                   const char* value = std::getenv(name);
                   if (value == nullptr || *value == '\0') return std::nullopt;
                   return std::string(value);
                 },
                 .ask = ask_terminal,
                 .out_terminal = ::isatty(STDOUT_FILENO) == 1 && !dumb,
                 .height = terminal_height};
}

std::string paint(std::string_view text, Paint paint, bool colour) {
  if (!colour) return std::string(text);
  return "\x1b[" + std::string(code_of(paint)) + "m" + std::string(text) + "\x1b[0m";
}

std::string with_commas(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string counted(std::int64_t number, std::string_view one, std::string_view many) {
  return with_commas(number) + " " + std::string(number == 1 ? one : many);
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array kUnits{"bytes", "kB", "MB", "GB", "TB"};
  if (bytes < 1000) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.95 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", value, kUnits[unit]);
  return text.data();
}

InterruptGuard::InterruptGuard() {
  if (guards++ > 0) return;
  interrupt_seen = 0;
  struct sigaction action {};
  action.sa_handler = remember_interrupt;  // without SA_RESTART: poll() must wake up
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &previous_action);
}

InterruptGuard::~InterruptGuard() {
  if (--guards > 0) return;
  sigaction(SIGINT, &previous_action, nullptr);
}

bool InterruptGuard::interrupted() {
  return interrupt_seen != 0;
}

bool InterruptGuard::wait(int milliseconds) {
  // A signal between this check and poll() costs at most one period: callers wait a second or less.
  if (!interrupted()) ::poll(nullptr, 0, milliseconds);
  return interrupted();
}

}  // namespace waybill::cli
