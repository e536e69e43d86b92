#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/session.h"

namespace waybill::cli {

namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

/// Snippets keep the lines of the page; a list of hits has one for each.
std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

void print_hits(const Console& console, const json::value& answer) {
  const json::value* hits = answer.is_object() ? answer.as_object().if_contains("hits") : nullptr;
  if (hits == nullptr || !hits->is_array() || hits->as_array().empty()) {
    console.err << "nothing found" << std::endl;
    return;
  }
  for (const json::value& hit : hits->as_array()) {
    if (!hit.is_object()) continue;
    const json::object& row = hit.as_object();
    console.out << text_of(row, "id") << "  " << escape_controls(text_of(row, "name")) << '\n'
                << "    " << escape_controls(on_one_line(text_of(row, "snippet"))) << '\n';
  }
}

}  // namespace

int run_search(const SearchArguments& arguments, const Console& console) {
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, "search", session.error());
  HttpRequest request;
  request.url = std::string(Session::kBase) + "/search?q=" + percent_encode(arguments.query) +
                "&limit=" + std::to_string(arguments.limit);
  request.headers = {{"Accept", "application/json"}};
  const auto response = expect_success(session->send(std::move(request)));
  if (!response.ok()) return fail(console, "search", response.error());
  if (arguments.json) {
    console.out << response->body << '\n';
    return kFine;
  }
  boost::system::error_code failed;
  print_hits(console, json::parse(response->body, failed));
  return kFine;
}

}  // namespace waybill::cli
