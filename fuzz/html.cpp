#include "package/html.h"

#include <cstdlib>

#include "targets.h"
#include "validation/checks.h"

namespace waybill::fuzz {

void html(std::string_view bytes) {
  package::HtmlContent content;
  package::read_html(bytes, content);
  for (const auto& reference : content.references) {
    if (reference.begin > reference.end || reference.end > bytes.size()) std::abort();
    if (validation::is_external(reference.url)) continue;
    const auto path = validation::resolve_reference(reference.url, "content/a.html");
    // What leaves the package must not be given out as a path of it.
    if (path &&
        (path->starts_with("../") || path->starts_with("/") || path->find("/../") != std::string::npos)) {
      std::abort();
    }
  }
  for (const auto& active : content.active) {
    if (active.offset > bytes.size()) std::abort();
  }
}

}  // namespace waybill::fuzz
