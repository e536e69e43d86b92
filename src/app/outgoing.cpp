#include "app/outgoing.h"

#include <chrono>
#include <cstdlib>

namespace waybill::app {

Result<net::HttpOptions> outgoing_http(const config::Settings& settings,
                                       const std::filesystem::path& ca_file) {
  net::HttpOptions options;
  WB_TRY(options.egress, net::Egress::parse(settings.network.allow));
  options.ca_file = ca_file;
  options.connect_timeout = settings.network.connect_timeout;
  options.stall_timeout = settings.network.stall_timeout;
  options.request_timeout = settings.network.request_timeout;
  return options;
}

std::string clock_difference(Milliseconds ahead) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(ahead).count();
  if (seconds == 0) return {};
  return std::to_string(std::abs(seconds)) + " s " + (seconds > 0 ? "ahead" : "behind");
}

}  // namespace waybill::app
