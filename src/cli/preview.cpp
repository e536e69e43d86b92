#include <boost/json.hpp>
#include <ostream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/job_client.h"

namespace waybill::cli {

namespace {

namespace json = boost::json;

std::int64_t number_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? escape_controls(std::string_view(value->get_string())) : "";
}

const json::object& object_of(const json::object& object, std::string_view name) {
  static const json::object kNone;
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

const json::array& array_of(const json::object& object, std::string_view name) {
  static const json::array kNone;
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

void print_counts(std::ostream& out, const json::object& preview) {
  const bool would = text_of(preview, "jobType") == "Validation";
  const auto& counts = object_of(preview, "counts");
  out << (would ? "An import would" : "The job") << (would ? " make " : " made ")
      << with_commas(number_of(counts, "created")) << ", update" << (would ? " " : "d ")
      << with_commas(number_of(counts, "updated")) << (would ? ", leave " : ", left ")
      << with_commas(number_of(counts, "unchanged")) << " unchanged and refuse" << (would ? " " : "d ")
      << with_commas(number_of(counts, "refused")) << " items";
  if (counts.contains("removed")) out << ", and removed " << with_commas(number_of(counts, "removed"));
  out << ".\n";
  if (!preview.at("complete").as_bool()) {
    out << "The job is " << text_of(preview, "status") << ": these are what it has come to.\n";
  }
}

void print_item(std::ostream& out, const json::object& item) {
  std::string outcome = text_of(item, "outcome");
  outcome.resize(std::max<std::size_t>(outcome.size(), 10), ' ');
  out << "  " << number_of(item, "number") << "\t" << outcome << text_of(item, "kind") << " "
      << text_of(item, "path");
  if (const auto language = text_of(item, "language"); !language.empty()) out << " (" << language << ")";
  out << '\n';
}

void print_line(std::ostream& out, const json::object& line, bool colour) {
  const std::string op = text_of(line, "op");
  if (op == "skip") {
    out << paint("    … " + with_commas(number_of(line, "count")) + " equal lines", Paint::dim, colour)
        << '\n';
  } else if (op == "delete") {
    out << paint("  - " + text_of(line, "text"), Paint::red, colour) << '\n';
  } else if (op == "insert") {
    out << paint("  + " + text_of(line, "text"), Paint::green, colour) << '\n';
  } else if (op == "equal") {
    out << "    " << text_of(line, "text") << '\n';
  } else {
    out << "  ~ ";
    for (const auto& each : array_of(line, "words")) {
      const auto& word = each.as_object();
      const std::string kind = text_of(word, "op"), text = text_of(word, "text");
      if (kind == "delete") out << paint("[-" + text + "-]", Paint::red, colour);
      if (kind == "insert") out << paint("{+" + text + "+}", Paint::green, colour);
      if (kind == "equal") out << text;
      if (kind == "skip") out << paint("…", Paint::dim, colour);
    }
    out << '\n';
  }
}

void print_difference(std::ostream& out, const json::object& item, bool colour) {
  print_item(out, item);
  if (!item.contains("difference")) {
    out << "There is no difference to show.\n";
    return;
  }
  const auto& difference = object_of(item, "difference");
  for (const auto& each : array_of(difference, "members")) {
    const auto& member = each.as_object();
    const auto value = [&](std::string_view name) {
      const auto* found = member.if_contains(name);
      return found == nullptr ? std::string("(none)") : escape_controls(json::serialize(*found));
    };
    out << "  " << text_of(member, "name") << ": " << paint(value("before"), Paint::red, colour) << " → "
        << paint(value("after"), Paint::green, colour) << '\n';
  }
  const auto& body = object_of(difference, "body");
  for (const auto& line : array_of(body, "lines")) print_line(out, line.as_object(), colour);
  if (const auto* cut = body.if_contains("truncated"); cut != nullptr && cut->is_bool() && cut->get_bool()) {
    out << "  … more differs than is shown\n";
  }
}

}  // namespace

int run_preview(const PreviewArguments& arguments, const Console& console) {
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, "preview", session.error());
  JobClient client(*session);
  if (arguments.item > 0) {
    const auto item = client.read(arguments.job, "/items/" + std::to_string(arguments.item), {});
    if (!item.ok()) return fail(console, "preview", item.error());
    if (arguments.json) {
      console.out << json::serialize(*item) << '\n';
    } else {
      print_difference(console.out, item->as_object(), console.colour);
    }
    return kFine;
  }
  const auto preview = client.read(arguments.job, "/preview", {});
  if (!preview.ok()) return fail(console, "preview", preview.error());
  if (arguments.json && arguments.outcome.empty()) {
    console.out << json::serialize(*preview) << '\n';
    return kFine;
  }
  if (!arguments.json) print_counts(console.out, preview->as_object());
  if (arguments.outcome.empty()) return kFine;
  const auto page = client.read(arguments.job, "/items",
                                {{"outcome", arguments.outcome}, {"limit", std::to_string(arguments.limit)}});
  if (!page.ok()) return fail(console, "preview", page.error());
  for (const auto& item : array_of(page->as_object(), "items")) {
    if (arguments.json) {
      console.out << json::serialize(item) << '\n';
    } else {
      print_item(console.out, item.as_object());
    }
  }
  if (!arguments.json && page->as_object().contains("next")) console.out << "  … and more (--limit)\n";
  return kFine;
}

}  // namespace waybill::cli
