#include "cli/submit.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "base/files.h"
#include "base/text.h"
#include "cli/progress_view.h"
#include "cli/source_access.h"
#include "cli/zip_writer.h"

namespace waybill::cli {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// The request's body for a package at `source`.
Result<std::string> body_of(const Submission& submission, json::object source) {
  json::object body{{"dataSource", std::move(source)}};
  const bool optional = submission.validation || !submission.rerun_of.empty();
  if (submission.reimport || !optional) {
    body.emplace("operation", submission.reimport ? "reimport" : "import");
  }
  const Time now = system_clock().now();
  json::object schedule;
  if (!submission.schedule.empty()) {
    WB_TRY(const std::string date, moment(submission.schedule, "--schedule", now));
    schedule.emplace("date", date);
  }
  if (!submission.stop.empty()) {
    WB_TRY(const std::string date, moment(submission.stop, "--stop", now));
    schedule.emplace("stopDate", date);
  }
  if (!schedule.empty()) body.emplace("scheduleTime", std::move(schedule));
  return json::serialize(body);
}

/// Every file below the folder, sorted, relative to it. A link is an error, as it is to the server.
Result<std::vector<fs::path>> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    if (at->is_symlink()) {
      return Error{ErrorCode::invalid_argument,
                   at->path().string() + " is a link. Put the file itself into the package."};
    }
    if (at->is_regular_file()) files.push_back(at->path().lexically_relative(folder));
  }
  if (failed) return Error{ErrorCode::io, "cannot read " + folder.string() + ": " + failed.message()};
  std::sort(files.begin(), files.end());
  return files;
}

Result<void> zip_folder(const fs::path& folder, const fs::path& zip, ProgressView& view) {
  WB_TRY(const std::vector<fs::path> files, files_below(folder));
  WB_TRY(ZipWriter writer, ZipWriter::create(zip, Time{}));
  for (const fs::path& file : files) {
    std::error_code ignored;
    WB_CHECK_OK(
        writer.add(file.generic_string(), fs::file_size(folder / file, ignored), file_opener(folder / file)));
  }
  return writer.finish([&](std::size_t entries) {
    view.show("Zipping the folder", static_cast<std::int64_t>(entries),
              static_cast<std::int64_t>(files.size()));
    return !InterruptGuard::interrupted();
  });
}

/// Sends a zip; returns its upload:// path.
Result<std::string> upload(Session& session, const fs::path& zip, ProgressView& view) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::string(Session::kBase) + "/import/uploads";
  request.headers = {{"Content-Type", "application/zip"}, {"Accept", "application/json"}};
  request.upload = zip;
  request.timeout = Milliseconds(0);
  constexpr std::uint64_t kKilobyte = 1000;
  request.progress = [&view](std::uint64_t sent, std::uint64_t total) {
    view.show("Sending the package (kB)", static_cast<std::int64_t>(sent / kKilobyte),
              static_cast<std::int64_t>(total / kKilobyte));
  };
  WB_TRY(const HttpResponse response, expect_success(session.send(std::move(request))));
  boost::system::error_code failed;
  const json::value parsed = json::parse(response.body, failed);
  const json::object* object = failed ? nullptr : parsed.if_object();
  const json::value* path = object == nullptr ? nullptr : object->if_contains("path");
  if (path == nullptr || !path->is_string()) {
    return Error{ErrorCode::corrupt, "the server's answer to the upload names no path"};
  }
  return std::string(path->get_string());
}

Result<std::string> upload_local(Session& session, const fs::path& package, ProgressView& view) {
  std::error_code ignored;
  if (!fs::is_directory(package, ignored)) return upload(session, package, view);
  const TemporaryFolder temporary;
  const fs::path zip = temporary.path() / "package.zip";
  WB_CHECK_OK(zip_folder(package, zip, view));
  return upload(session, zip, view);
}

/// The package's place and credentials. Whatever is wrong with what the person named is wrong usage.
Result<json::object> source_of(const std::string& uri, const Submission& submission, const Console& console) {
  auto source = data_source(uri, submission.source, console);
  if (source.ok() || source.error().code == ErrorCode::cancelled) return source;
  return Error{ErrorCode::invalid_argument, source.error().message};
}

/// A refusal of a request without credentials also says where they would have been taken from.
Error with_hint(Error error, bool s3_without_keys) {
  if (s3_without_keys && error.message.find("credentials") != std::string::npos) {
    error.message +=
        "\n  None were found here: put AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY into the environment, or "
        "name "
        "a profile of AWS's files with --profile.";
  }
  return error;
}

/// True where the server does not take the path, so that an upload is worth trying.
bool refuses_path(const Error& error) {
  return error.detail == "400-152" && error.message.find("dataSource") != std::string::npos;
}

Result<fs::path> local_path(const std::string& package) {
  std::error_code failed;
  const fs::path path = fs::canonical(package, failed);
  if (!failed) return path;
  return Error{ErrorCode::invalid_argument,
               "there is no package at " + escape_controls(package) + ": " + failed.message() +
                   ". Expected a zip, a folder, or a URI such as s3://bucket/key."};
}

/// Whether the server is to be asked to read a package of this machine itself.
bool server_may_read(const Session& session, const Submission& submission) {
  const bool near = is_loopback(host_of(session.server()));
  return submission.via == Via::file || (submission.via == Via::automatic && near);
}

/// Calls `ask` with the `dataSource` for the URI.
template <typename Ask>
auto with_source(Session& session, const Submission& submission, const Console& console,
                 const std::string& uri, const Ask& ask) -> decltype(ask(json::object())) {
  WB_TRY(json::object source, source_of(uri, submission, console));
  WB_CHECK_OK(check_way(session.server(), source));
  const bool s3_without_keys = to_lower(uri).starts_with("s3://") && !source.contains("credentials");
  auto answer = ask(std::move(source));
  if (answer.ok()) return answer;
  return with_hint(std::move(answer).error(), s3_without_keys);
}

}  // namespace

bool is_uri(std::string_view package) {
  const std::size_t colon = package.find("://");
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string scheme = to_lower(package.substr(0, colon));  // RFC 3986, 3.1
  return scheme.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") == std::string::npos;
}

Result<std::string> moment(std::string_view text, std::string_view option, Time now) {
  if (const auto time = parse_time(text)) return format_time(*time);
  if (text.size() >= 3 && text.front() == '+') {
    std::int64_t count = 0;
    const char* end = text.data() + text.size() - 1;
    const auto read = std::from_chars(text.data() + 1, end, count);
    const std::size_t unit = std::string_view("smhd").find(text.back());
    constexpr std::array<std::int64_t, 4> kSeconds{1, 60, 3'600, 86'400};
    constexpr std::int64_t kMost = 1'000'000;
    if (read.ec == std::errc() && read.ptr == end && unit != std::string_view::npos && count <= kMost) {
      return format_time(now + std::chrono::seconds(count * kSeconds.at(unit)));
    }
  }
  return Error{
      ErrorCode::invalid_argument,
      std::string(option) + " expects 2024-03-01T10:00:00Z or +90m, found \"" + escape_controls(text) + "\""};
}

Result<std::string> submit_package(Session& session, const Submission& submission, const Console& console,
                                   bool quiet) {
  JobClient client(session);
  const auto submit = [&](const std::string& uri) {
    return with_source(session, submission, console, uri, [&](json::object source) -> Result<std::string> {
      WB_TRY(const std::string body, body_of(submission, std::move(source)));
      if (!submission.rerun_of.empty()) return client.start(submission.rerun_of, "rerun-failed", body);
      return client.submit(submission.validation, body, submission.idempotency_key);
    });
  };
  if (is_uri(submission.package)) return submit(submission.package);

  WB_TRY(const fs::path path, local_path(submission.package));
  WB_CHECK_OK(body_of(submission, {}));  // a wrong time is told before anything is sent
  if (server_may_read(session, submission)) {
    auto job = submit(file_uri(path));
    if (job.ok() || submission.via == Via::file || !refuses_path(job.error())) return job;
  }
  const InterruptGuard guard;
  ProgressView view(console, quiet);
  WB_TRY(const std::string uri, upload_local(session, path, view));
  view.finish();
  return submit(uri);
}

Result<std::vector<Local::Check>> check_package(Session& session, const Submission& submission,
                                                const Console& console) {
  JobClient client(session);
  const auto check = [&](const std::string& uri) {
    return with_source(session, submission, console, uri,
                       [&](const json::object& source) { return client.check_source(source); });
  };
  if (is_uri(submission.package)) return check(submission.package);
  WB_TRY(const fs::path path, local_path(submission.package));
  if (server_may_read(session, submission)) {
    auto checks = check(file_uri(path));
    if (checks.ok() || submission.via == Via::file || !refuses_path(checks.error())) return checks;
  }
  Local::Check sent;
  sent.what = "package";
  sent.found = "lies on this machine and is sent to the server with the job";
  return std::vector<Local::Check>{std::move(sent)};
}

}  // namespace waybill::cli
