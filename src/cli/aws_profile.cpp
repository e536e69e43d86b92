#include "cli/aws_profile.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string_view>

#include "base/files.h"
#include "base/text.h"

namespace waybill::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostFileBytes = 1 << 20;

using Section = std::map<std::string, std::string>;

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// The settings of one section of an INI file as AWS writes them; nothing where there is no such section.
std::optional<Section> read_section(std::string_view text, std::string_view name) {
  std::optional<Section> section;
  bool inside = false;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view whole = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string_view line = trim(whole);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      inside = line.back() == ']' && trim(line.substr(1, line.size() - 2)) == name;
      if (inside && !section) section.emplace();
      continue;
    }
    const auto equals = line.find('=');
    // An indented line belongs to the setting before it (s3 = …), which is none of ours.
    const bool nested = whole.front() == ' ' || whole.front() == '\t';
    if (!inside || nested || equals == std::string_view::npos) continue;
    (*section)[to_lower(trim(line.substr(0, equals)))] = trim(line.substr(equals + 1));
  }
  return section;
}

Result<std::optional<Section>> section_of_file(const fs::path& file, const std::string& name) {
  std::error_code failed;
  if (file.empty() || !fs::exists(file, failed)) return std::optional<Section>();
  WB_TRY(const std::string text, read_file(file, kMostFileBytes));
  return read_section(text, name);
}

fs::path file_of(const Console& console, const char* variable, const char* name) {
  if (const auto named = console.variable(variable)) return *named;
  const auto home = console.variable("HOME");
  return home ? fs::path(*home) / ".aws" / name : fs::path();
}

/// Both files' settings of the profile, those of the credentials file first, as AWS's tools rank them.
Result<std::optional<Section>> profile_settings(const std::string& profile, const Console& console) {
  WB_TRY(auto keys, section_of_file(file_of(console, "AWS_SHARED_CREDENTIALS_FILE", "credentials"), profile));
  WB_TRY(auto config, section_of_file(file_of(console, "AWS_CONFIG_FILE", "config"),
                                      profile == "default" ? profile : "profile " + profile));
  if (!keys) return config;
  if (config) keys->merge(*config);
  return keys;
}

Result<void> take_keys(const Section& settings, const std::string& from, AwsProfile& out) {
  const auto value = [&](const char* name) {
    const auto at = settings.find(name);
    return at == settings.end() ? std::string() : at->second;
  };
  out.access_key_id = value("aws_access_key_id");
  out.secret_access_key = Secret(value("aws_secret_access_key"));
  out.session_token = Secret(value("aws_session_token"));
  if (out.access_key_id.empty() != out.secret_access_key.empty()) {
    return Error{ErrorCode::invalid_argument,
                 from + " has an access key id without its secret, or the reverse"};
  }
  if (!out.access_key_id.empty()) return {};
  for (const char* made : {"role_arn", "sso_session", "sso_start_url", "credential_process"}) {
    if (settings.contains(made)) {
      return Error{
          ErrorCode::invalid_argument,
          from + " has no keys of its own but " + made +
              ": let AWS's command line make some (`aws configure export-credentials --format env`) and put "
              "them into the environment"};
    }
  }
  return {};
}

}  // namespace

Result<AwsProfile> find_aws_profile(const std::string& profile, const Console& console) {
  AwsProfile out;
  const std::string name = profile.empty() ? console.variable("AWS_PROFILE").value_or("default") : profile;
  WB_TRY(const auto settings, profile_settings(name, console));
  if (!settings && (!profile.empty() || console.variable("AWS_PROFILE"))) {
    return Error{ErrorCode::not_found,
                 "there is no profile \"" + escape_controls(name) + "\" in AWS's files"};
  }
  Section environment;
  if (profile.empty()) {
    for (const char* variable : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}) {
      if (auto value = console.variable(variable)) environment[to_lower(variable)] = std::move(*value);
    }
  }
  WB_CHECK_OK(take_keys(environment, "the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)", out));
  if (out.access_key_id.empty() && settings)
    WB_CHECK_OK(take_keys(*settings, "the profile \"" + name + "\"", out));
  for (const char* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (out.region.empty()) out.region = console.variable(variable).value_or("");
  }
  if (out.region.empty() && settings && settings->contains("region")) out.region = settings->at("region");
  return out;
}

}  // namespace waybill::cli
