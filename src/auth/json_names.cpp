#include "auth/json_names.h"

#include <boost/json/basic_parser_impl.hpp>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace waybill::auth {

namespace json = boost::json;

namespace {

/// What boost::json::basic_parser tells of a text as it reads it; only the names matter here. The functions
/// have the names that it calls.
class Names {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();
  using Text = json::string_view;
  using Code = json::error_code;

  bool on_object_begin(Code& /*ec*/) {
    open_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t /*size*/, Code& /*ec*/) {
    open_.pop_back();
    return true;
  }
  bool on_key_part(Text part, std::size_t /*size*/, Code& /*ec*/) {
    name_.append(part);
    return true;
  }
  bool on_key(Text part, std::size_t /*size*/, Code& ec) {
    name_.append(part);
    const bool fresh = open_.back().insert(std::move(name_)).second;
    name_.clear();
    if (!fresh) ec = json::error::syntax;
    return fresh;
  }
  static bool on_document_begin(Code& /*ec*/) { return true; }
  static bool on_document_end(Code& /*ec*/) { return true; }
  static bool on_array_begin(Code& /*ec*/) { return true; }
  static bool on_array_end(std::size_t /*size*/, Code& /*ec*/) { return true; }
  static bool on_string_part(Text /*part*/, std::size_t /*size*/, Code& /*ec*/) { return true; }
  static bool on_string(Text /*part*/, std::size_t /*size*/, Code& /*ec*/) { return true; }
  static bool on_number_part(Text /*part*/, Code& /*ec*/) { return true; }
  static bool on_int64(std::int64_t /*value*/, Text /*part*/, Code& /*ec*/) { return true; }
  static bool on_uint64(std::uint64_t /*value*/, Text /*part*/, Code& /*ec*/) { return true; }
  static bool on_double(double /*value*/, Text /*part*/, Code& /*ec*/) { return true; }
  static bool on_bool(bool /*value*/, Code& /*ec*/) { return true; }
  static bool on_null(Code& /*ec*/) { return true; }
  static bool on_comment_part(Text /*part*/, Code& /*ec*/) { return true; }
  static bool on_comment(Text /*part*/, Code& /*ec*/) { return true; }

 private:
  std::vector<std::set<std::string>> open_;  // names of the objects that are open, outermost first
  std::string name_;
};

}  // namespace

bool has_name_twice(std::string_view text) {
  json::basic_parser<Names> parser{json::parse_options()};
  json::error_code ec;
  parser.write_some(false, text.data(), text.size(), ec);
  return ec.failed();
}

}  // namespace waybill::auth
