#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace waybill::cli {

/// Where a command writes, what stands around it: all of the outside world but HTTP and the files it is told
/// of. A test makes its own. One thread, unless said otherwise.
struct Console {
  std::ostream& out;                // results
  std::ostream& err;                // progress, remarks, what went wrong
  bool terminal = false;            // err is a terminal: a live bar may be drawn there
  bool colour = false;              // out is a terminal and NO_COLOR is not set
  std::function<unsigned()> width;  // columns of the terminal at this moment
  std::function<std::optional<std::string>(const char*)> variable;  // an environment variable
  /// Asks the person at the terminal for a secret, without echo; nothing where there is no terminal, or no
  /// answer.
  std::function<std::optional<Secret>(const std::string& prompt)> ask;
  bool out_terminal = false;              // out is a terminal as well
  std::function<unsigned()> height = {};  // rows of the terminal at this moment
};

/// The process's own streams and environment.
Console process_console();

enum class Paint : std::uint8_t { red, yellow, green, cyan, bold, dim };
/// `text` in that colour where `colour`, as it is otherwise.
std::string paint(std::string_view text, Paint paint, bool colour);

/// "1,234,567".
std::string with_commas(std::int64_t number);
/// "1 page", "2,000 pages".
std::string counted(std::int64_t number, std::string_view one, std::string_view many);
/// "1.4 MB" in powers of ten, as disks and networks are measured.
std::string human_bytes(std::uint64_t bytes);

/// While one lives, Ctrl-C (SIGINT) is remembered in place of ending the process. One within another is part
/// of it: what the outer one heard is still known. One thread.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  static bool interrupted();
  /// Waits that long, or until Ctrl-C. Returns interrupted().
  static bool wait(int milliseconds);
};

}  // namespace waybill::cli
