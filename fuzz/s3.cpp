#include <algorithm>
#include <cstdlib>

#include "s3/answers.h"
#include "source/s3/key_path.h"
#include "targets.h"

namespace waybill::fuzz {

void s3(std::string_view bytes) {
  (void)s3::read_refusal(bytes);
  (void)s3::read_upload_id(bytes);
  (void)s3::whole_size(bytes);
  const auto page = s3::read_page(bytes);
  if (!page) return;
  for (const auto& object : page->objects) {
    // Goes back to the store in a header.
    if (object.etag.find_first_of("\r\n") != std::string::npos) std::abort();
    for (const char* prefix : {"", "folder/"}) {
      const auto path = source::path_of_key(object.key, prefix);
      if (!path || path->empty()) continue;
      const std::string rooted = "/" + *path + "/";
      for (const char* outside : {"/../", "/./", "//"}) {
        if (rooted.find(outside) != std::string::npos) std::abort();
      }
    }
  }
}

}  // namespace waybill::fuzz
