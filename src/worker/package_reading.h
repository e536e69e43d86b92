#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/cancel.h"
#include "base/result.h"
#include "knowledge/knowledge_base.h"
#include "package/file_tree.h"
#include "package/json.h"
#include "validation/checks.h"
#include "worker/package_index.h"
#include "worker/worker.h"

namespace waybill::worker {

/// A package as far as it must be known before its first item: everything but the articles themselves.
struct PackageReading {
  const package::FileTree* files = nullptr;
  validation::Manifest manifest;
  std::string default_language = "en-US";
  validation::Hub hub;
  std::optional<package::FileIndex> articles_file;
  std::string articles_path;
  PackageIndex index;
  validation::ItemCounts counts;
  /// Of the package as a whole. One of severity error: the job fails before an item is processed.
  validation::Findings findings;
};

/// Reads manifest and knowledgehub.json, counts and indexes the articles, checks limits and counts. What is
/// wrong with the package is a finding; Errors: as FileTree::read and KnowledgeBase. The hub's items below
/// one that is refused are refused too, unless the knowledge base has their parent.
Result<PackageReading> read_package(const package::FileTree& files, const Options& options,
                                    const Department& department, knowledge::KnowledgeBase& base,
                                    const Context& context);

/// True where a finding stands against the whole.
bool any_error(const validation::Findings& findings);

}  // namespace waybill::worker
