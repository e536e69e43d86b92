#include "base/text.h"

#include <cstdlib>

#include "base/ids.h"
#include "http/uri.h"
#include "targets.h"

namespace waybill::fuzz {

void text(std::string_view bytes) {
  if (const auto id = parse_job_id(bytes); id && parse_job_id(to_string(*id)) != id) std::abort();
  (void)parse_knowledge_id(bytes);
  if (percent_decode(percent_encode(bytes)) != std::string(bytes)) std::abort();
  (void)percent_decode(bytes);
  if (truncate_utf8(bytes, 7).size() > 7) std::abort();
  http::Request request;
  request.target = std::string(bytes);
  (void)http::parse_target(request);
  (void)http::is_valid_host(bytes);
}

}  // namespace waybill::fuzz
