#include <string>

#include "package/json.h"
#include "targets.h"
#include "validation/checks.h"

namespace waybill::fuzz {

void hub(std::string_view bytes) {
  package::JsonReader reader;
  const auto outcome = reader.read(std::string(bytes), {}, 64);
  if (!outcome.document) return;
  validation::Findings findings;
  const auto manifest = validation::check_manifest(*outcome.document, "manifest.json", findings);
  validation::check_counts(&manifest, &*outcome.document, "manifest.json", {1, 2, 3, 4}, findings);
  (void)validation::check_hub(*outcome.document, "knowledgehub.json");
}

}  // namespace waybill::fuzz
