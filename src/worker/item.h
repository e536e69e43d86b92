#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "knowledge/knowledge_base.h"
#include "knowledge/model.h"
#include "package/file_tree.h"
#include "report/finding.h"
#include "storage/item_store.h"
#include "validation/checks.h"

namespace waybill::worker {

/// One checked item on its way to the writer.
struct JudgedItem {
  report::ItemKind kind = report::ItemKind::folder;
  std::string path;           // as findings name it
  report::Location location;  // of the item
  report::Location macro_location;
  std::string macro;     // articles
  std::string language;  // articles
  validation::Findings findings;
  bool acceptable = true;
  knowledge::Change change;                     // where acceptable
  std::optional<knowledge::Existing> existing;  // what the knowledge base has under its identity
  std::vector<package::FileIndex> used_files;   // of the package
  bool keep_content = false;                    // an article that a validation would write
  bool check_is_new = false;                  // the article may be unchanged, change.body_check is to be kept
  std::optional<storage::Reversal> reversal;  // of an undo, where it can be done
  std::size_t bytes = 0;                      // about what it takes in memory

  void refuse(report::Rule rule, report::Location where, std::string message) {
    refuse(rule, std::move(where), std::move(message), std::string(report::info(rule).remedy));
  }
  void refuse(report::Rule rule, report::Location where, std::string message, std::string advice) {
    findings.push_back({rule, kind, path, std::move(where), std::move(message), std::move(advice)});
    if (findings.back().severity() == report::Severity::error) acceptable = false;
  }
};

}  // namespace waybill::worker
