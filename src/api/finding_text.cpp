#include "api/finding_text.h"

#include <boost/json.hpp>

#include "base/text.h"

namespace waybill::api {

namespace json = boost::json;

namespace {

std::string_view sarif_level(report::Severity severity) {
  switch (severity) {
    case report::Severity::error:
      return "error";
    case report::Severity::warning:
      return "warning";
    default:
      return "note";
  }
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

json::array sarif_rules() {
  json::array rules;
  for (const auto& rule : report::all_rules()) {
    rules.push_back(
        json::object{{"id", rule.code},
                     {"shortDescription", json::object{{"text", std::string(rule.title) + "."}}},
                     {"help", json::object{{"text", rule.remedy}}},
                     {"defaultConfiguration", json::object{{"level", sarif_level(rule.severity)}}}});
  }
  return rules;
}

json::object sarif_location(const report::Finding& finding, const SarifBase& base) {
  json::object location;
  if (!finding.location.file.empty()) {
    json::object physical{
        {"artifactLocation", json::object{{"uri", percent_encode(base.folder + finding.location.file, "/")},
                                          {"uriBaseId", base.id}}}};
    if (finding.location.line > 0) {
      json::object region{{"startLine", finding.location.line}};
      if (finding.location.column > 0) region["startColumn"] = finding.location.column;
      physical["region"] = std::move(region);
    }
    location["physicalLocation"] = std::move(physical);
  }
  if (!finding.item.empty()) {
    location["logicalLocations"] = json::array{
        json::object{{"fullyQualifiedName", finding.item}, {"kind", report::to_string(finding.kind)}}};
  }
  return location;
}

}  // namespace

json::object finding_object(const report::NumberedEntry& row) {
  const auto& finding = row.entry.finding;
  json::object object{{"sequence", row.sequence},
                      {"time", format_time(row.entry.time)},
                      {"severity", report::to_string(finding.severity())},
                      {"rule", report::info(finding.rule).code},
                      {"kind", report::to_string(finding.kind)}};
  const auto add = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) object[name] = text;
  };
  add("item", finding.item);
  add("file", finding.location.file);
  add("pointer", finding.location.pointer);
  if (finding.location.line > 0) {
    object["line"] = finding.location.line;
    object["column"] = finding.location.column;
  }
  object["message"] = finding.message;
  add("advice", finding.advice);
  return object;
}

std::string csv_head() {
  return "sequence,time,severity,rule,kind,item,file,line,column,pointer,message,advice\r\n";
}

std::string csv_record(const report::NumberedEntry& row) {
  const auto& finding = row.entry.finding;
  const auto number = [](std::uint32_t value) { return value > 0 ? std::to_string(value) : std::string(); };
  std::string record = std::to_string(row.sequence) + "," + format_time(row.entry.time);
  for (const std::string& field :
       {std::string(report::to_string(finding.severity())), std::string(report::info(finding.rule).code),
        std::string(report::to_string(finding.kind)), finding.item, finding.location.file,
        number(finding.location.line), number(finding.location.column), finding.location.pointer,
        finding.message, finding.advice}) {
    record += "," + csv_field(field);
  }
  return record + "\r\n";
}

std::string sarif_head(std::string_view version, const SarifBase& base) {
  const json::object tool{
      {"driver", json::object{{"name", "Waybill"}, {"semanticVersion", version}, {"rules", sarif_rules()}}}};
  const json::object bases{
      {base.id, json::object{{"description", json::object{{"text", base.description}}}}}};
  return R"({"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":)" +
         json::serialize(tool) + R"(,"columnKind":"unicodeCodePoints","originalUriBaseIds":)" +
         json::serialize(bases) + R"(,"results":[)";
}

std::string sarif_result(const report::NumberedEntry& row, const SarifBase& base) {
  const auto& finding = row.entry.finding;
  const auto& rule = report::info(finding.rule);
  json::object result{{"ruleId", rule.code},
                      {"ruleIndex", static_cast<std::int64_t>(finding.rule)},
                      {"level", sarif_level(rule.severity)},
                      {"message", json::object{{"text", finding.message}}}};
  if (json::object location = sarif_location(finding, base); !location.empty()) {
    result["locations"] = json::array{std::move(location)};
  }
  json::object properties{{"sequence", row.sequence}};
  if (!finding.location.pointer.empty()) properties["pointer"] = finding.location.pointer;
  if (!finding.advice.empty()) properties["advice"] = finding.advice;
  result["properties"] = std::move(properties);
  return json::serialize(result);
}

std::string sarif_tail(std::string_view job, bool successful) {
  const json::object invocation{{"executionSuccessful", successful}};
  const json::object details{{"id", "waybill/" + std::string(job)}};
  return R"(],"invocations":[)" + json::serialize(invocation) + R"(],"automationDetails":)" +
         json::serialize(details) + "}]}\n";
}

}  // namespace waybill::api
