#include "auth/scopes.h"

#include <algorithm>

#include "base/text.h"

namespace waybill::auth {

namespace {

constexpr std::string_view kDefault = ".default";
constexpr std::string_view kAppPrefix = "app.";

void add_once(std::vector<std::string>& list, std::string_view scope) {
  if (std::find(list.begin(), list.end(), scope) == list.end()) list.emplace_back(scope);
}

}  // namespace

const std::vector<std::string_view>& known_scopes() {
  static const std::vector<std::string_view> scopes{kManageScope, kReadScope, kAdminScope};
  return scopes;
}

std::string_view bare_scope(std::string_view scope, const std::vector<std::string>& prefixes) {
  for (const auto& prefix : prefixes) {
    if (!prefix.empty() && scope.size() > prefix.size() && scope.starts_with(prefix)) {
      scope.remove_prefix(prefix.size());
      break;
    }
  }
  // A prefix without its slash: "api://waybill" and "/.default".
  if (scope == "/.default") return kDefault;
  if (scope.starts_with(kAppPrefix)) scope.remove_prefix(kAppPrefix.size());
  return scope;
}

std::optional<std::vector<std::string>> choose_scopes(std::string_view requested,
                                                      const std::vector<std::string>& granted,
                                                      const std::vector<std::string>& prefixes) {
  const auto wanted = split_scopes(requested);
  if (wanted.empty()) return granted;
  std::vector<std::string> chosen;
  for (const auto& scope : wanted) {
    const auto bare = bare_scope(scope, prefixes);
    if (bare == kDefault) {
      for (const auto& each : granted) add_once(chosen, each);
    } else if (std::find(granted.begin(), granted.end(), bare) != granted.end()) {
      add_once(chosen, bare);
    } else {
      return std::nullopt;
    }
  }
  return chosen;
}

bool has_scope(const std::vector<std::string>& scopes, std::string_view needed,
               const std::vector<std::string>& prefixes) {
  return std::any_of(scopes.begin(), scopes.end(),
                     [&](const std::string& scope) { return bare_scope(scope, prefixes) == needed; });
}

Result<std::vector<std::string>> check_granted(const std::vector<std::string>& scopes) {
  std::vector<std::string> checked;
  for (const auto& scope : scopes) {
    const auto bare = bare_scope(scope, {});
    const auto& known = known_scopes();
    if (std::find(known.begin(), known.end(), bare) == known.end()) {
      const auto near = nearest(bare, known);
      return Error{ErrorCode::invalid_argument,
                   "The scope '" + escape_controls(scope) + "' is not known" +
                       (near ? ": did you mean '" + std::string(*near) + "'?"
                             : ". Known are " + std::string(kManageScope) + ", " + std::string(kReadScope) +
                                   " and " + std::string(kAdminScope) + ".")};
    }
    add_once(checked, bare);
  }
  if (checked.empty()) {
    return Error{ErrorCode::invalid_argument,
                 "A client needs at least one scope, e.g. " + std::string(kManageScope) + "."};
  }
  return checked;
}

std::vector<std::string> split_scopes(std::string_view list) {
  std::vector<std::string> scopes;
  for (const auto part : split(list, ' ')) {
    if (!part.empty()) scopes.emplace_back(part);
  }
  return scopes;
}

std::string join_scopes(const std::vector<std::string>& scopes) {
  std::string list;
  for (const auto& scope : scopes) {
    if (!list.empty()) list += ' ';
    list += scope;
  }
  return list;
}

}  // namespace waybill::auth
