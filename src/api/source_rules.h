#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/error.h"
#include "base/secret.h"
#include "jobs/job.h"

namespace boost::json {
class object;
class value;
}  // namespace boost::json

namespace waybill::api {

/// What is wrong with a body, collected so that one answer shows all of it.
class Problems {
 public:
  /// `rule` goes on after the key: "must be …".
  void add(std::string key, std::string value, const std::string& rule);
  /// 400-10424, told where nothing else is wrong.
  void limit(std::string key, std::string value, const std::string& allowed);

  /// Names every member that is not in `known`, with the nearest that is.
  void only_known(const boost::json::object& object, std::string_view path,
                  const std::vector<std::string_view>& known);
  /// The member's text; nullopt where it is absent or, which is a problem, no string. `secret`: its value is
  /// not shown.
  std::optional<std::string> text(const boost::json::object& object, std::string_view path,
                                  std::string_view name, bool required = false, bool secret = false);
  /// The member's object; null where it is absent or, which is a problem, no object.
  const boost::json::object* object(const boost::json::object& object, std::string_view path,
                                    std::string_view name, bool required);

  bool empty() const { return rows_.empty() && limits_.empty(); }
  std::optional<ApiError> error() const;

 private:
  std::vector<Detail> rows_;
  std::vector<Detail> limits_;
  std::string first_;  // the first problem, as a sentence
  std::string first_limit_;
};

/// Reads `dataSource`: type, path as a URI without user info, region, credentials in pairs.
void read_source(Problems& problems, const boost::json::object& object, jobs::DataSource& source);
/// Reads a `dataSource` that brings `credentials` alone, for a source that is known already.
void read_source_credentials(Problems& problems, const boost::json::object& object, Secret& credentials);

}  // namespace waybill::api
