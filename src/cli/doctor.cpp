#include <boost/json.hpp>
#include <filesystem>
#include <ostream>

#include "base/text.h"
#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/http_client.h"
#include "cli/local_arguments.h"
#include "cli/source_access.h"

namespace waybill::cli {

namespace {

constexpr Milliseconds kHealthTimeout{5'000};

Result<std::vector<Local::Check>> run_checks(const DoctorArguments& arguments, const Console& console,
                                             const Local& local) {
  const LocalArguments where = of_this_machine(arguments.local, console);
  if (arguments.package.empty()) return local.doctor(where);
  std::string uri = arguments.package;
  if (uri.find("://") == std::string::npos) {
    uri = file_uri(std::filesystem::absolute(uri).lexically_normal());
  }
  WB_TRY(const auto source, data_source(uri, arguments.source, console));
  return local.doctor_source(where, boost::json::serialize(source));
}

/// Asks the server for its health: for a container's check, and for scripts.
int ask_health(const DoctorArguments& arguments, const Console& console, const Local& local) {
  const auto url = local.server_url(of_this_machine(arguments.local, console));
  if (!url) return fail_here(console, "doctor", url.error());
  HttpRequest request;
  request.url = *url + std::string(Session::kBase) + "/import/content/health";
  request.timeout = kHealthTimeout;
  const auto response = HttpClient().send(request);
  if (!response) return fail(console, "doctor", response.error());
  boost::system::error_code failed;
  const auto parsed = boost::json::parse(response->body, failed);
  const auto* health = failed ? nullptr : parsed.if_object();
  if (health == nullptr || !health->contains("status")) {
    return fail(console, "doctor", {ErrorCode::unavailable, describe_refusal(*response)});
  }
  if (arguments.json) {
    console.out << boost::json::serialize(*health) << '\n';
  } else {
    console.out << escape_controls(boost::json::value_to<std::string>(health->at("status"))) << '\n';
    if (const auto* issues = health->if_contains("issues"); issues != nullptr && issues->is_array()) {
      for (const auto& issue : issues->get_array()) {
        if (issue.is_string())
          console.out << "  " << escape_controls(std::string(issue.get_string())) << '\n';
      }
    }
  }
  return response->status == 200 ? kFine : kContentErrors;
}

}  // namespace

int run_doctor(const DoctorArguments& arguments, const Console& console, const Local& local) {
  if (arguments.settings) {
    console.out << local.settings_table();
    return kFine;
  }
  if (arguments.health) return ask_health(arguments, console, local);
  const auto checked = run_checks(arguments, console, local);
  if (!checked) {
    console.err << "waybill doctor: " << escape_controls(checked.error().message) << '\n';
    return kUsage;
  }
  return print_checks(*checked, console, arguments.json) ? kFine : kContentErrors;
}

}  // namespace waybill::cli
