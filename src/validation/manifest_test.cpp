#include "validation/test_support.h"

namespace waybill::validation {
namespace {

using namespace test;
using report::Rule;

TEST(Manifest, IsReadWhole) {
  const auto document = parse(R"({"$schema": "x", "formatVersion": "1.0", "name": "N", "description": "D",
    "createdDate": "2024-03-01T10:00:00+01:00", "generator": "g", "language": "no-NB", "department": "Support",
    "counts": {"folders": 1, "articles": 2, "topics": 3, "portals": 4, "total": 10}})");
  Findings findings;
  const Manifest manifest = check_manifest(document, kFile, findings);
  EXPECT_EQ(codes(findings), "no findings");
  EXPECT_EQ(manifest.name, "N");
  EXPECT_EQ(manifest.description, "D");
  EXPECT_EQ(manifest.language, "nb-NO");
  EXPECT_EQ(manifest.department, "Support");
  EXPECT_EQ(manifest.folders, 1);
  EXPECT_EQ(manifest.portals, 4);
  check_counts(&manifest, &document, kFile, {1, 2, 3, 4}, findings);
  check_department(manifest, document, kFile, Department("Support"), findings);
  EXPECT_EQ(codes(findings), "no findings");
}

TEST(Manifest, ReportsAllOfItsProblemsAtOnce) {
  const Findings findings = manifest_findings(
      R"({"formatVersion": 1.0, "name": null, "createdDate": "2024-13-01T00:00:00Z", "language": "de-DX",
          "counts": {"articles": -1, "topics": 1.5, "portals": "3", "folder": 1}, "lanugage": 1})");
  EXPECT_EQ(findings.size(), 9U) << codes(findings);
  for (const auto& finding : findings) {
    if (finding.location.pointer == "/formatVersion") {
      EXPECT_EQ(finding.rule, Rule::manifest_type);
      EXPECT_EQ(finding.advice, "Write it in quotes: \"1.0\".");
    }
    if (finding.location.pointer == "/lanugage") {
      EXPECT_EQ(finding.advice, "Did you mean \"language\"?");
    }
    if (finding.location.pointer == "/counts/folder") {
      EXPECT_EQ(finding.advice, "Did you mean \"folders\"?");
    }
    if (finding.location.pointer == "/createdDate") {
      EXPECT_EQ(finding.message, "The date \"2024-13-01T00:00:00Z\" does not exist: there is no month 13.");
    }
  }
}

TEST(Manifest, ThatIsNoObjectIsOneProblem) {
  const Findings findings = manifest_findings("[]");
  EXPECT_EQ(only(findings, Rule::manifest_type).message,
            "Expected the manifest as an object, found an array.");
  EXPECT_EQ(findings.size(), 1U);
}

TEST(Manifest, CountsThatDoNotFitNameBothNumbers) {
  const Marked input("{\"counts\":\n {\"folders\": 1, \"articles\": @@3}}");
  const auto document = parse(input.text);
  Findings findings;
  const Manifest manifest = check_manifest(document, kFile, findings);
  check_counts(&manifest, &document, kFile, {1, 2, 0, 0}, findings);
  const auto finding = only(findings, Rule::manifest_counts);
  EXPECT_EQ(finding.message, "The manifest counts 3 articles, the package has 2.");
  EXPECT_EQ(finding.location.pointer, "/counts/articles");
  EXPECT_EQ(finding.location.line, input.line);
  EXPECT_EQ(finding.location.column, input.column);
}

TEST(Counts, AtTheLimitsAreFineAndAboveAreNot) {
  Findings findings;
  check_counts(nullptr, nullptr, kFile, {0, 50'000, 50'000, 0}, findings);
  EXPECT_EQ(codes(findings), "no findings");
  check_counts(nullptr, nullptr, kFile, {0, 50'000, 50'001, 0}, findings);
  EXPECT_EQ(only(findings, Rule::package_item_limit).message,
            "The package has 100001 items, at most 100000 are allowed.");
  EXPECT_EQ(only(findings, Rule::package_topic_limit).message,
            "The package has 50001 topics, at most 50000 are allowed.");
}

TEST(Manifest, OfAnotherDepartmentIsRefused) {
  const Marked input(R"({"department": @@"Sales"})");
  const auto document = parse(input.text);
  Findings findings;
  check_department(check_manifest(document, kFile, findings), document, kFile, Department("Support"),
                   findings);
  const auto finding = only(findings, Rule::manifest_department);
  EXPECT_EQ(finding.message,
            "The package is meant for the department \"Sales\", the job belongs to \"Support\".");
  EXPECT_EQ(finding.location.pointer, "/department");
  EXPECT_EQ(finding.location.column, input.column);
}

}  // namespace
}  // namespace waybill::validation
