#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "config/value.h"

namespace waybill::config {

/// One setting: what the table says about it, and how it is read and shown.
struct Entry {
  std::string_view name;    // "server.listen"
  std::string_view unit;    // "duration", "size", "text", …
  std::string_view effect;  // one sentence for the operator
  std::string expected;     // completes "expected …" of an error
  /// Puts a value in its place; false where it is not as expected.
  bool (*set)(Settings&, const Value&, const Entry&);
  std::string (*show)(const Settings&);  // as it is written in the file
  std::int64_t least = 0;                // for numbers
  std::int64_t most = 0;
};

/// All settings, in the order of the example file. Built once; any thread.
const std::vector<Entry>& entries();

/// "WAYBILL_SERVER_LISTEN" for "server.listen".
std::string environment_name(std::string_view name);

}  // namespace waybill::config
