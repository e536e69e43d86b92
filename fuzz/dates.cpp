#include <cstdlib>

#include "base/time.h"
#include "net/http_client.h"
#include "targets.h"
#include "validation/values.h"

namespace waybill::fuzz {

void dates(std::string_view bytes) {
  const auto time = parse_time(bytes);
  // What is a time must come back as the same time.
  if (time && parse_time(format_time(*time)) != time) std::abort();
  const auto strict = validation::strict_date(bytes);
  if (strict && strict != time) std::abort();
  // What is advised must be right.
  if (!strict) {
    const auto problem = validation::date_problem(bytes);
    const auto begin = problem.advice.find('"');
    if (problem.message.empty()) std::abort();
    if (begin != std::string::npos) {
      const auto end = problem.advice.find('"', begin + 1);
      if (!validation::strict_date(problem.advice.substr(begin + 1, end - begin - 1))) std::abort();
    }
  }
  // An HTTP date, as stores and issuers say theirs.
  net::HttpResponse response;
  response.headers.emplace_back("date", std::string(bytes));
  (void)response.clock_ahead(*parse_time("2024-03-01T10:00:00Z"));
}

}  // namespace waybill::fuzz
