#include "observe/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <mutex>

#include "observe/field_text.h"

namespace waybill::observe {

namespace {

// In the order of Level.
constexpr std::array<std::string_view, 5> kLevels = {"trace", "debug", "info", "warning", "error"};
constexpr std::array kTheirLevels = {spdlog::level::trace, spdlog::level::debug, spdlog::level::info,
                                     spdlog::level::warn, spdlog::level::err};

std::string_view name_of(Level level) {
  return kLevels[static_cast<std::size_t>(level)];
}
spdlog::level::level_enum theirs(Level level) {
  return kTheirLevels[static_cast<std::size_t>(level)];
}

/// Hands lines to a function.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(Logger::Sink take_line) : take_line_(std::move(take_line)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    take_line_({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

  Logger::Sink take_line_;
};

std::string text_line(const std::string& time, Level level, std::string_view event,
                      std::initializer_list<Field> fields) {
  std::string line = time + ' ' + std::string(name_of(level)) + ' ' + std::string(event);
  for (const Field& field : fields) append_as_text(line, field);
  return line;
}

std::string json_line(const std::string& time, Level level, std::string_view event,
                      std::initializer_list<Field> fields) {
  std::string line = R"({"time":")" + time + R"(","level":")" + std::string(name_of(level)) + R"(","event":)";
  append_json_string(line, event);
  for (const Field& field : fields) append_as_json(line, field);
  return line + '}';
}

std::unique_ptr<const Logger>& program_logger() {
  static std::unique_ptr<const Logger> instance = std::make_unique<Logger>(Level::info, Format::text);
  return instance;
}

}  // namespace

struct Logger::State {
  State(Level level, Format line_format, const Clock& its_clock, spdlog::sink_ptr sink)
      : out("waybill", std::move(sink)), format(line_format), clock(its_clock) {
    out.set_level(theirs(level));
    out.set_pattern("%v");
    out.flush_on(spdlog::level::trace);
  }
  spdlog::logger out;
  Format format;
  const Clock& clock;
};

std::optional<Level> parse_level(std::string_view name) {
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    if (kLevels[i] == name) return static_cast<Level>(i);
  }
  return std::nullopt;
}

std::optional<Format> parse_format(std::string_view name) {
  if (name == "text") return Format::text;
  if (name == "json") return Format::json;
  return std::nullopt;
}

Logger::Logger(Level level, Format format)
    : state_(std::make_unique<State>(level, format, system_clock(),
                                     std::make_shared<spdlog::sinks::stderr_sink_mt>())) {}

Logger::Logger(Level level, Format format, const Clock& clock, Sink sink)
    : state_(std::make_unique<State>(level, format, clock, std::make_shared<FunctionSink>(std::move(sink)))) {
}

Logger::~Logger() = default;

bool Logger::enabled(Level level) const {
  return state_->out.should_log(theirs(level));
}

void Logger::log(Level level, std::string_view event, std::initializer_list<Field> fields) const {
  if (!enabled(level)) return;
  const std::string time = format_time(state_->clock.now());
  const std::string line = state_->format == Format::json ? json_line(time, level, event, fields)
                                                          : text_line(time, level, event, fields);
  state_->out.log(theirs(level), spdlog::string_view_t(line.data(), line.size()));
}

const Logger& logger() {
  return *program_logger();
}

void configure(Level level, Format format) {
  program_logger() = std::make_unique<Logger>(level, format);
}

void log(Level level, std::string_view event, std::initializer_list<Field> fields) {
  logger().log(level, event, fields);
}

}  // namespace waybill::observe
