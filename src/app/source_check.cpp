#include "app/source_check.h"

#include <boost/json.hpp>

#include "api/source_rules.h"
#include "app/outgoing.h"
#include "app/sources.h"
#include "base/files.h"
#include "base/text.h"
#include "net/egress.h"
#include "package/file_tree.h"
#include "source/sftp/sftp.h"

namespace waybill::app {

namespace {

using Check = cli::Local::Check;

constexpr Milliseconds kTime{30'000};           // for each check of the doctor's
constexpr Milliseconds kMostSkew{15 * 60'000};  // Amazon S3 refuses requests that are further off
constexpr std::string_view kLogName = "waybill-doctor.txt";

Check wrong(std::string what, const Error& error, std::string advice) {
  return {std::move(what), error.message, std::move(advice), false};
}

/// What to do about the way to a source, by what kind of trouble it is.
std::string advice_for(const Error& error) {
  if (net::Egress::is_refusal(error)) return "List its host or its network in network.allow.";
  if (source::is_host_key_error(error)) {
    return "Compare the fingerprint with the one that the host's owner tells, then put the key into the file "
           "that "
           "the message names.";
  }
  switch (error.code) {
    case ErrorCode::unavailable:
    case ErrorCode::timeout:
      return "Check the name, the port and the firewall between here and there; then try again.";
    case ErrorCode::permission_denied:
      return "Give credentials that may read it, or allow what the message names.";
    case ErrorCode::not_found:
      return "Correct the path; upper and lower case differ.";
    default:
      return "Correct what the message names.";
  }
}

Result<jobs::DataSource> read_data_source(const std::string& text) {
  boost::system::error_code failed;
  const auto value = boost::json::parse(text, failed);
  if (failed || !value.is_object())
    return Error{ErrorCode::invalid_argument, "The source is no JSON object."};
  api::Problems problems;
  jobs::DataSource source;
  api::read_source(problems, value.get_object(), source);
  if (const auto error = problems.error()) return Error{ErrorCode::invalid_argument, error->message};
  return source;
}

/// The checks on one source, in their order.
class SourceCheck {
 public:
  SourceCheck(source::Source& source, const package::Limits& limits, const Context& context,
              Milliseconds each)
      : source_(source), limits_(limits), context_(context), each_(each) {}

  /// False where the source cannot be listed: what follows needs that.
  bool listing() {
    const auto files = source_.list(context());
    if (!files) {
      checks_.push_back(source_away(files.error()));
      return false;
    }
    std::uint64_t bytes = 0;
    for (const auto& file : *files) bytes += file.size;
    if (source_.is_far()) checks_.push_back({"connection", source_.peer(), "", true});
    checks_.push_back({"listing",
                       std::to_string(files->size()) + (files->size() == 1 ? " file, " : " files, ") +
                           std::to_string(bytes >> 10U) + " KiB at " + source_.uri(),
                       "", true});
    return true;
  }

  void clock() {
    const auto ahead = source_.clock_ahead();
    if (!ahead) return;
    const std::string difference = clock_difference(*ahead);
    const bool fine = *ahead < kMostSkew && -*ahead < kMostSkew;
    checks_.push_back(
        {"clock", difference.empty() ? "the same as there" : "the other side's is " + difference,
         fine ? "" : "Set this machine's clock: signed requests that are 15 minutes off are refused.", fine});
  }

  void package() {
    const auto opened = open_package(source_, limits_, context());
    if (!opened) {
      checks_.push_back(wrong("package", opened.error(), advice_for(opened.error())));
      return;
    }
    if (!opened->files) {
      Check check{"package", opened->description, "", false};
      if (!opened->findings.empty()) {
        const report::Finding& first = opened->findings.front();
        check.found = first.message;
        check.advice = first.advice.empty() ? std::string(info(first.rule).remedy) : first.advice;
      }
      checks_.push_back(std::move(check));
      return;
    }
    const bool whole = opened->files->find("knowledgehub/knowledgehub.json") ||
                       opened->files->find("knowledgehub/knowledge.json") ||
                       opened->files->find("knowledgehub/articles/articles.json") ||
                       opened->files->find("knowledgehub/articles/article.json");
    checks_.push_back({"package", opened->description,
                       whole ? ""
                             : "There is neither knowledgehub/knowledgehub.json nor "
                               "knowledgehub/articles/articles.json in it: make it with `waybill pack`.",
                       whole});
  }

  /// Writes, and takes away again.
  void log() {
    const std::string where = source_.log_location(kLogName);
    if (where.empty()) {
      checks_.push_back({"log", "stays on the server: this source takes none", "", true});
      return;
    }
    const TemporaryFolder folder;
    const auto file = folder.path() / kLogName;
    auto done = write_file_atomically(file, "Written and taken away by `waybill doctor`.\n");
    if (done) {
      const auto put = source_.put_log(kLogName, file, context());
      done = put ? source_.remove_log(kLogName, context()) : Result<void>(put.error());
    }
    const std::string place = where.substr(0, where.rfind('/') + 1);
    if (done) {
      checks_.push_back({"log", place + " can be written to", "", true});
    } else {
      checks_.push_back(
          wrong("log", done.error(),
                "Allow writing below " + place + "; until then the jobs' logs stay on the server."));
    }
  }

  std::vector<Check> take() { return std::move(checks_); }

 private:
  Context context() const { return context_.with_timeout(each_); }

  source::Source& source_;
  const package::Limits& limits_;
  const Context& context_;
  const Milliseconds each_;
  std::vector<Check> checks_;
};

}  // namespace

Check source_away(const Error& error) {
  const bool away = error.away() || net::Egress::is_refusal(error) || source::is_host_key_error(error);
  return wrong(away ? "connection" : "listing", error, advice_for(error));
}

std::vector<Check> check_source(source::Source& source, const package::Limits& limits, const Context& context,
                                Milliseconds each) {
  SourceCheck check(source, limits, context, each);
  if (check.listing()) {
    check.clock();
    check.package();
  }
  return check.take();
}

std::vector<Check> check_source(const config::Settings& settings, const DataPaths& paths,
                                const std::string& data_source) {
  const auto read = read_data_source(data_source);
  if (!read) return {wrong("path", read.error(), "Correct it.")};
  source::LocalUploads uploads(paths.uploads, system_clock());
  const Sources sources(settings, paths, uploads);
  // Uploads are a department's own, and a folder of the server: nothing that a path alone could find.
  const auto opened = sources.look(*read, Department(), Context().with_timeout(kTime));
  if (!opened) return {wrong("path", opened.error(), advice_for(opened.error()))};
  const package::Limits limits = package_limits(settings);
  const Context context;
  SourceCheck check(**opened, limits, context, kTime);
  if (check.listing()) {
    check.clock();
    check.package();
    check.log();
  }
  return check.take();
}

}  // namespace waybill::app
