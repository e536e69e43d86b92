#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "report/rules.h"

namespace waybill::report {

enum class ItemKind : std::uint8_t { package, folder, article, topic, portal };
std::string_view to_string(ItemKind kind);  // "article"

/// A place in a file of the package. Lines and columns count from 1, columns in code points; 0 is "not
/// known".
struct Location {
  std::string file;     // path inside the package, "knowledgehub/articles/articles.json"; may be empty
  std::string pointer;  // JSON pointer (RFC 6901) in that file; empty where the file is not JSON or the whole
                        // is meant
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// One problem: where it stands, what is wrong, how to mend it. Texts hold no secret, and may hold anything
/// that a package can: whoever prints them escapes (base/text.h, escape_controls).
struct Finding {
  Rule rule{};
  ItemKind kind = ItemKind::package;
  std::string item;  // full path of the item ("Folder/Name"); empty for the package
  Location location;
  std::string message;  // what was expected, what was found
  std::string advice;   // what to do, with the nearest valid value where there is one; may be empty

  Severity severity() const { return info(rule).severity; }
};

enum class Level : std::uint8_t { info, remark, warning, error };
std::string_view to_string(Level level);  // "INFO", "REMARK", "WARNING", "ERROR"
Level level_of(Severity severity);

/// One event of a job: a finding, or a step in words. Lines of the log and rows of the findings are the same
/// rows.
struct LogEntry {
  Time time{};
  Level level = Level::info;
  bool is_finding = false;
  Finding finding;  // where is_finding; otherwise only `message` is used
};

LogEntry make_entry(Time time, Finding finding);
LogEntry make_entry(Time time, Level level, std::string message);

/// One line of the log, without its newline: time, level, rule code or "-", item or "-", file:line:column or
/// "-", text; separated by single tabs, every field escaped.
std::string format_line(const LogEntry& entry);

}  // namespace waybill::report
