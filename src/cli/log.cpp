#include <array>
#include <boost/json.hpp>
#include <ostream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/job_client.h"

namespace waybill::cli {

namespace {

constexpr int kWaitSeconds = 5;
constexpr int kPollEveryMilliseconds = 500;

/// Prints the log as it comes: as it is, or each line as a JSON object of its columns (contract, section 4).
class LogPrinter {
 public:
  LogPrinter(std::ostream& out, bool json) : out_(out), json_(json) {}

  bool operator()(std::string_view piece) {
    if (!json_) {
      out_.write(piece.data(), static_cast<std::streamsize>(piece.size()));
      return out_.good();
    }
    rest_.append(piece);
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1) {
      print(std::string_view(rest_).substr(begin, end - begin));
    }
    rest_.erase(0, begin);
    return out_.good();
  }

 private:
  void print(std::string_view line) {
    static constexpr std::array<std::string_view, 6> kColumns{"time", "level", "rule",
                                                              "item", "place", "message"};
    const auto fields = split(line, '\t');
    boost::json::object object;
    if (fields.size() != kColumns.size()) {
      object.emplace("message", line);
    } else {
      for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i] != "-") object.emplace(kColumns[i], fields[i]);
      }
    }
    out_ << boost::json::serialize(object) << '\n';
  }

  std::ostream& out_;
  const bool json_;
  std::string rest_;
};

Result<void> print_log(const LogArguments& arguments, const Console& console, JobClient& client) {
  LogPrinter printer(console.out, arguments.json);
  std::uint64_t offset = 0;
  std::string etag;
  bool ended = !arguments.follow;
  while (true) {
    WB_TRY(const std::uint64_t count,
           client.log(arguments.job, offset, [&](std::string_view piece) { return printer(piece); }));
    offset += count;
    console.out.flush();
    if (ended) return {};
    WB_TRY(const auto status, client.status(arguments.job, etag, kWaitSeconds));
    if (status) {
      etag = status->etag;
      ended = status->ended();
    }
    if (!ended && InterruptGuard::wait(kPollEveryMilliseconds))
      return Error{ErrorCode::cancelled, "interrupted"};
  }
}

}  // namespace

int run_log(const LogArguments& arguments, const Console& console) {
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, "log", session.error());
  JobClient client(*session);
  const InterruptGuard guard;
  const auto printed = print_log(arguments, console, client);
  if (InterruptGuard::interrupted()) return kInterrupted;
  return printed.ok() ? kFine : fail(console, "log", printed.error());
}

}  // namespace waybill::cli
