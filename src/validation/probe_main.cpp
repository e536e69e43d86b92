// Judges one JSON file of a package as an import does, and prints its findings as NDJSON: what the property
// tests compare with the schemas. Built with the tests only.
//
//   waybill_validation_probe manifest|hub|articles FILE
//   waybill_validation_probe --rules          the table of rules as one JSON array

#include <boost/json.hpp>
#include <filesystem>
#include <iostream>

#include "base/files.h"
#include "package/article_stream.h"
#include "package/one_file.h"
#include "validation/checks.h"

namespace waybill::validation {
namespace {

constexpr std::uint64_t kMostBytes = 1ULL << 30;

void print(const report::Finding& finding) {
  const boost::json::object line{
      {"severity", std::string(report::to_string(finding.severity()))},
      {"rule", std::string(report::info(finding.rule).code)},
      {"kind", std::string(report::to_string(finding.kind))},
      {"item", finding.item},
      {"file", finding.location.file},
      {"pointer", finding.location.pointer},
      {"line", finding.location.line},
      {"column", finding.location.column},
      {"message", finding.message},
      {"advice", finding.advice},
  };
  std::cout << boost::json::serialize(line) << '\n';
}

void print(const Findings& findings) {
  for (const report::Finding& finding : findings) print(finding);
}

void print(const package::JsonDefect& defect, std::string_view file) {
  print({defect.rule,
         report::ItemKind::package,
         {},
         {std::string(file), {}, defect.position.line, defect.position.column},
         defect.message,
         {}});
}

void judge_hub(const package::JsonDocument& document, std::string_view file) {
  const Hub hub = check_hub(document, file);
  print(hub.findings);
  for (const auto& folder : hub.folders) print(folder.findings);
  for (const auto& topic : hub.topics) print(topic.findings);
  for (const auto& portal : hub.portals) print(portal.findings);
}

int judge_articles(const std::string& file, const std::string& bytes) {
  const package::OneFile files(file, bytes);
  const package::Limits limits;
  const Context context(system_clock());
  auto stream = package::ArticleStream::open(files, 0, limits, context);
  if (!stream) return std::cerr << stream.error().message << '\n', 3;
  package::JsonReader reader;
  for (;;) {
    auto article = (*stream)->next();
    if (!article) return std::cerr << article.error().message << '\n', 3;
    if (!*article) break;
    const std::string pointer =
        std::string((*stream)->pointer_prefix()) + "/" + std::to_string((*article)->index);
    auto outcome = reader.read(std::move((*article)->text), (*article)->start, limits.json_depth);
    print(outcome.document ? check_article(*outcome.document, file, pointer, "en-US").findings
                           : defective_article(outcome.defect, file, pointer).findings);
  }
  if (const auto& defect = (*stream)->defect()) print(*defect, file);
  return 0;
}

int judge(std::string_view kind, const std::string& file) {
  auto bytes = read_file(file, kMostBytes);
  if (!bytes) return std::cerr << bytes.error().message << '\n', 3;
  if (kind == "articles") return judge_articles(file, *bytes);
  package::JsonReader reader;
  const auto outcome = reader.read(std::move(*bytes), {}, package::Limits{}.json_depth);
  if (!outcome.document) {
    print(outcome.defect, file);
  } else if (kind == "hub") {
    judge_hub(*outcome.document, file);
  } else {
    Findings findings;
    check_manifest(*outcome.document, file, findings);
    print(findings);
  }
  return 0;
}

int print_rules() {
  boost::json::array rows;
  for (const report::RuleInfo& row : report::all_rules()) {
    rows.push_back(boost::json::object{{"code", std::string(row.code)},
                                       {"severity", std::string(report::to_string(row.severity))},
                                       {"title", std::string(row.title)},
                                       {"remedy", std::string(row.remedy)}});
  }
  std::cout << boost::json::serialize(rows) << '\n';
  return 0;
}

}  // namespace
}  // namespace waybill::validation

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 1 && arguments[0] == "--rules") return waybill::validation::print_rules();
  if (arguments.size() == 2 &&
      (arguments[0] == "manifest" || arguments[0] == "hub" || arguments[0] == "articles")) {
    return waybill::validation::judge(arguments[0], arguments[1]);
  }
  std::cerr << "usage: waybill_validation_probe manifest|hub|articles FILE, or --rules\n";
  return 2;
}
