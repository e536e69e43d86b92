#include "config/settings.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "config/file.h"
#include "config/table.h"
#include "config/value.h"

namespace waybill::config {

namespace {

constexpr std::string_view kPrefix = "WAYBILL_";
constexpr std::string_view kDataDir = "WAYBILL_DATA_DIR";

// What the command line and the tests read themselves; not settings of the server.
constexpr std::array<std::string_view, 8> kOtherVariables = {
    "WAYBILL_SERVER",   "WAYBILL_TOKEN",  "WAYBILL_CLIENT_ID", "WAYBILL_CLIENT_SECRET",
    "WAYBILL_DATA_DIR", "WAYBILL_CONFIG", "WAYBILL_BIN",       "WAYBILL_TEST_DATA"};

const Entry* find(std::string_view name) {
  const auto& all = entries();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Entry& entry) { return entry.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string suggestion(std::string_view name, const std::vector<std::string_view>& candidates) {
  const auto near = nearest(name, candidates);
  return near ? "; did you mean " + std::string(*near) + "?" : std::string();
}

/// Collects values and problems over all sources, so that one error can tell everything.
class Loader {
 public:
  void take_file(const std::filesystem::path& file);
  void take_environment(const std::map<std::string, std::string>& environment);
  void take_overrides(const std::map<std::string, std::string>& overrides);
  Result<Settings> finish();

 private:
  void take(const std::string& name, const Value& value);
  void check_together();

  Settings settings_;
  std::string problems_;  // a line each
  ErrorCode code_ = ErrorCode::invalid_argument;
  void problem(const std::string& text) { problems_ += (problems_.empty() ? "" : "\n") + text; }
};

void Loader::take(const std::string& name, const Value& value) {
  if (const Entry* entry = find(name)) {
    if (entry->set(settings_, value, *entry)) return;
    problem(name + ": expected " + entry->expected + ", found " + value.shown() + " (" + value.where + ")");
    return;
  }
  std::vector<std::string_view> names;
  for (const Entry& entry : entries()) names.push_back(entry.name);
  const std::string shown = escape_controls(truncate_utf8(name, 80));
  problem(shown + ": there is no such setting (" + value.where + ")" + suggestion(name, names));
}

void Loader::take_file(const std::filesystem::path& file) {
  if (file.empty()) return;
  auto values = read_toml(file, {"languages", "auth.departments"});
  if (!values.ok()) {
    code_ = values.error().code;
    problem(values.error().message);
    return;
  }
  for (const auto& [name, value] : *values) take(name, value);
}

void Loader::take_environment(const std::map<std::string, std::string>& environment) {
  std::map<std::string, std::string_view, std::less<>> names;
  for (const Entry& entry : entries()) names.emplace(environment_name(entry.name), entry.name);
  std::vector<std::string_view> candidates(kOtherVariables.begin(), kOtherVariables.end());
  for (const auto& [variable, name] : names) candidates.push_back(variable);

  for (const auto& [variable, text] : environment) {
    if (!variable.starts_with(kPrefix)) continue;
    if (const auto known = names.find(variable); known != names.end()) {
      take(std::string(known->second), Value{text, true, variable});
    } else if (variable == kDataDir) {
      const auto other = environment.find(environment_name("storage.data_dir"));
      if (other != environment.end() && other->second != text) {
        problem(variable + " and " + other->first + " mean the same and differ; set one of them");
      }
      take("storage.data_dir", Value{text, true, variable});
    } else if (std::find(kOtherVariables.begin(), kOtherVariables.end(), variable) == kOtherVariables.end()) {
      // The value is not shown: it may be a secret under a mistyped name.
      problem(escape_controls(truncate_utf8(variable, 80)) + ": there is no such setting (the environment)" +
              suggestion(variable, candidates));
    }
  }
}

void Loader::take_overrides(const std::map<std::string, std::string>& overrides) {
  for (const auto& [name, text] : overrides) take(name, Value{text, true, "the command line"});
}

/// What only several settings together can get wrong.
void Loader::check_together() {
  const auto& server = settings_.server;
  if (server.certificate.empty() != server.private_key.empty()) {
    const bool no_key = server.private_key.empty();
    problem(std::string(no_key ? "server.private_key" : "server.certificate") +
            ": expected a file, found none; " + (no_key ? "server.certificate" : "server.private_key") +
            " is set, and TLS needs both");
  }
  if (settings_.storage.data_dir.empty()) {
    problem("storage.data_dir: expected a folder, found nothing");
  }
  if (!settings_.storage.bucket.empty() && !settings_.storage.shared_dir.empty()) {
    problem(
        "storage.bucket: expected nothing beside storage.shared_dir; large bytes lie in the one or the "
        "other");
  }
  // An owner renews its lease between batches, so a batch must be short against it.
  constexpr int kBatchesInLease = 5;
  if (settings_.jobs.lease < settings_.jobs.batch_time * kBatchesInLease) {
    problem("jobs.lease: expected at least " + std::to_string(kBatchesInLease) +
            " times jobs.batch_time, found less");
  }
  // A client may ask with the key of a request for so long (contract, section 2).
  constexpr Milliseconds kLeastKept = std::chrono::hours(24);
  if (settings_.jobs.keep_ended > Milliseconds(0) && settings_.jobs.keep_ended < kLeastKept) {
    problem("jobs.keep_ended: expected 0 or at least 1d, found less");
  }
  if (server.max_upload_bytes > settings_.package.max_bytes) {
    problem("server.max_upload_bytes: expected at most package.max_bytes, found more");
  }
}

Result<Settings> Loader::finish() {
  check_together();
  if (problems_.empty()) return std::move(settings_);
  return Error{code_, std::move(problems_)};
}

}  // namespace

Result<Settings> load(const std::filesystem::path& file,
                      const std::map<std::string, std::string>& environment,
                      const std::map<std::string, std::string>& overrides) {
  Loader loader;
  loader.take_file(file);
  loader.take_environment(environment);
  loader.take_overrides(overrides);
  return loader.finish();
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view address = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port > 65'535) return std::nullopt;
  const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (bracketed) address = address.substr(1, address.size() - 2);
  const std::string_view allowed = bracketed ? "0123456789abcdefABCDEF:." : "0123456789.";
  if (address.empty()) return std::nullopt;
  if (address != "localhost" && address.find_first_not_of(allowed) != std::string_view::npos) {
    return std::nullopt;
  }
  return Endpoint{std::string(address), static_cast<std::uint16_t>(port)};
}

std::vector<Row> table() {
  struct Texts {
    std::string default_value, environment;
  };
  static const std::vector<Texts> texts = [] {
    std::vector<Texts> out;
    const Settings defaults;
    for (const Entry& entry : entries()) out.push_back({entry.show(defaults), environment_name(entry.name)});
    return out;
  }();
  std::vector<Row> rows;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Entry& entry = entries()[i];
    rows.push_back({entry.name, entry.unit, texts[i].default_value, entry.effect, texts[i].environment});
  }
  return rows;
}

}  // namespace waybill::config
