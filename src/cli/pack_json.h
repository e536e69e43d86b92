#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/pack_plan.h"
#include "cli/zip_writer.h"

namespace waybill::cli {

/// What stands in the manifest beside the counts.
struct PackAbout {
  std::string name, language, portal, version;
  std::optional<Time> created;
};

std::string manifest_json(const PackPlan& plan, const PackAbout& about);
/// Folders and, as the same tree, topics; one portal that shows all.
std::string hub_json(const PackPlan& plan, const PackAbout& about);
/// articles.json, an article a line, never whole in memory. `plan` must outlive it.
Opener articles_json(const PackPlan& plan);
/// How many bytes articles_json gives.
std::uint64_t articles_json_size(const PackPlan& plan);

}  // namespace waybill::cli
