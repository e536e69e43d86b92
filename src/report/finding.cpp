#include "report/finding.h"

#include "base/text.h"

namespace waybill::report {

std::string_view to_string(ItemKind kind) {
  switch (kind) {
    case ItemKind::package:
      return "package";
    case ItemKind::folder:
      return "folder";
    case ItemKind::article:
      return "article";
    case ItemKind::topic:
      return "topic";
    case ItemKind::portal:
      return "portal";
  }
  return "unknown";
}

std::string_view to_string(Level level) {
  switch (level) {
    case Level::info:
      return "INFO";
    case Level::remark:
      return "REMARK";
    case Level::warning:
      return "WARNING";
    case Level::error:
      return "ERROR";
  }
  return "UNKNOWN";
}

Level level_of(Severity severity) {
  switch (severity) {
    case Severity::remark:
      return Level::remark;
    case Severity::warning:
      return Level::warning;
    case Severity::error:
      return Level::error;
  }
  return Level::error;
}

LogEntry make_entry(Time time, Finding finding) {
  const Level level = level_of(finding.severity());
  return {time, level, true, std::move(finding)};
}

LogEntry make_entry(Time time, Level level, std::string message) {
  LogEntry entry{time, level, false, {}};
  entry.finding.message = std::move(message);
  return entry;
}

namespace {

std::string place(const Location& location) {
  if (location.file.empty()) return "-";
  std::string text = escape_controls(location.file);
  if (location.line > 0) text += ":" + std::to_string(location.line) + ":" + std::to_string(location.column);
  return text;
}

}  // namespace

std::string format_line(const LogEntry& entry) {
  const Finding& finding = entry.finding;
  std::string line = format_time(entry.time);
  line += '\t';
  line += to_string(entry.level);
  line += '\t';
  line += entry.is_finding ? info(finding.rule).code : "-";
  line += '\t';
  if (!entry.is_finding || finding.kind == ItemKind::package) {
    line += '-';
  } else {
    line += std::string(to_string(finding.kind)) + " " + escape_controls(finding.item);
  }
  line += '\t';
  line += entry.is_finding ? place(finding.location) : "-";
  line += '\t';
  line += escape_controls(finding.message);
  if (!finding.advice.empty()) line += " " + escape_controls(finding.advice);
  return line;
}

}  // namespace waybill::report
