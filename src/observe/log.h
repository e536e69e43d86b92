#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/time.h"

namespace waybill::observe {

enum class Level { trace, debug, info, warning, error };
enum class Format { text, json };

/// The names in the settings: "trace", "debug", "info", "warning", "error"; "text", "json".
std::optional<Level> parse_level(std::string_view name);
std::optional<Format> parse_format(std::string_view name);

/// One named value of an event. Views what it is made from, so it lives for the call alone. Never a secret.
class Field {
 public:
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  Field(std::string_view name, std::string_view value) : name_(name), value_(value) {}
  Field(std::string_view name, const std::string& value) : name_(name), value_(std::string_view(value)) {}
  Field(std::string_view name, const char* value) : name_(name), value_(std::string_view(value)) {}
  Field(std::string_view name, bool value) : name_(name), value_(value) {}
  Field(std::string_view name, double value) : name_(name), value_(value) {}
  template <typename Integer>
  requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
      Field(std::string_view name, Integer value)
      : name_(name) {
    if constexpr (std::is_signed_v<Integer>) {
      value_ = static_cast<std::int64_t>(value);
    } else {
      value_ = static_cast<std::uint64_t>(value);
    }
  }

  std::string_view name() const { return name_; }
  const Value& value() const { return value_; }

 private:
  std::string_view name_;
  Value value_;
};

/// Writes events, one line each: `2024-03-01T10:00:00.000Z info http.answer status=200 path=/livez`, or the
/// same as a JSON object. An event is named "module.what_happened"; what varies stands in the fields. Any
/// thread; lines never mix. A line is handed to the system before the call returns.
class Logger {
 public:
  /// Takes one line without its end. Called from any thread, by one at a time.
  using Sink = std::function<void(std::string_view line)>;

  /// To standard error.
  Logger(Level level, Format format);
  /// To `sink`, with the times of `clock`, which must outlive it.
  Logger(Level level, Format format, const Clock& clock, Sink sink);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  /// False where the event would be dropped: ask it before costly fields are made.
  bool enabled(Level level) const;
  void log(Level level, std::string_view event, std::initializer_list<Field> fields = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The logger of the whole program: level info, text, to standard error, until configured.
const Logger& logger();
/// Replaces it; at start, before other threads log.
void configure(Level level, Format format);

/// Writes with the program's logger.
void log(Level level, std::string_view event, std::initializer_list<Field> fields = {});

}  // namespace waybill::observe
