#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace waybill::auth {

// Contract, section 1, "Who may do what".
inline constexpr std::string_view kManageScope = "knowledge.contentmgr.manage";
inline constexpr std::string_view kReadScope = "knowledge.contentmgr.read";
inline constexpr std::string_view kAdminScope = "waybill.admin";

/// Every scope that a client can be granted.
const std::vector<std::string_view>& known_scopes();

/// The bare name of a scope: a configured prefix ("api://waybill/") or "app." in front of it is taken off.
/// ".default" stays ".default".
std::string_view bare_scope(std::string_view scope, const std::vector<std::string>& prefixes);

/// What a token request gets: `requested` is RFC 6749's space-separated list; empty and ".default" stand for
/// all that was granted. nullopt where something was asked for that was not granted or is not known.
std::optional<std::vector<std::string>> choose_scopes(std::string_view requested,
                                                      const std::vector<std::string>& granted,
                                                      const std::vector<std::string>& prefixes);

/// True where one of `scopes` is `needed`, in any of its accepted forms.
bool has_scope(const std::vector<std::string>& scopes, std::string_view needed,
               const std::vector<std::string>& prefixes = {});

/// Scopes as an operator gives them: known ones, bare, each once. Errors: invalid_argument, naming the bad
/// one.
Result<std::vector<std::string>> check_granted(const std::vector<std::string>& scopes);

/// RFC 6749, 3.3: names separated by single spaces.
std::vector<std::string> split_scopes(std::string_view list);
std::string join_scopes(const std::vector<std::string>& scopes);

}  // namespace waybill::auth
