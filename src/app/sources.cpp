#include "app/sources.h"

#include <string_view>

#include "app/bucket.h"
#include "app/outgoing.h"
#include "base/text.h"
#include "source/s3/s3.h"
#include "source/sftp/sftp.h"
#include "source/share.h"

namespace waybill::app {

namespace {

bool has_scheme(std::string_view uri, std::string_view scheme) {
  return iequals(uri.substr(0, scheme.size()), scheme);
}

}  // namespace

package::Limits package_limits(const config::Settings& settings) {
  package::Limits limits;
  limits.entries = settings.package.max_entries;
  limits.total_bytes = settings.package.max_bytes;
  limits.ratio = settings.package.max_ratio;
  return limits;
}

Result<std::unique_ptr<source::Source>> Sources::open(const jobs::Job& job, const Context& context) const {
  WB_TRY(auto source, look(job.source, job.department, context));
  if (!source->is_far()) return source;
  source::SpoolOptions options;
  options.folder = paths_.spool;
  options.name = to_string(job.id);
  options.read_ahead = settings_.spool.read_ahead;
  options.threads = source->reads_at_once();
  return source::make_spooled(std::move(source), std::move(options), space_);
}

Result<std::unique_ptr<source::Source>> Sources::look(const jobs::DataSource& source,
                                                      const Department& department,
                                                      const Context& context) const {
  if (source.type == jobs::SourceType::s3) return open_s3(source);
  if (has_scheme(source.path, "sftp://")) return open_sftp(source);
  if (has_scheme(source.path, "upload://")) return uploads_.open(source.path, department, context);
  return source::open_share(source.path, settings_.sources.file_roots);
}

/// Those of the request, or the server's own for one that brings none.
Result<s3::Credentials> Sources::s3_credentials(const jobs::DataSource& source) const {
  if (!source.credentials.empty() || !settings_.s3.server_credentials)
    return source::read_s3_credentials(source.credentials.reveal());
  if (auto own = server_credentials()) return *std::move(own);
  return Error{
      ErrorCode::invalid_argument,
      "The request brings no credentials and this server has none of its own: give 'accessKeyId' with "
      "'secretAccessKey'."};
}

Result<std::unique_ptr<source::Source>> Sources::open_s3(const jobs::DataSource& source) const {
  WB_TRY(const auto address, s3::parse_uri(source.path));
  WB_TRY(const auto credentials, s3_credentials(source));
  s3::Options options;
  WB_TRY(options.http, outgoing_http(settings_, settings_.s3.ca_file));
  options.retry.attempts = settings_.network.attempts;
  options.endpoint = settings_.s3.endpoint;
  options.region = source.region.empty() ? settings_.s3.region : source.region;
  options.connections = settings_.s3.connections;
  return source::open_s3(address, credentials, options);
}

Result<std::unique_ptr<source::Source>> Sources::open_sftp(const jobs::DataSource& source) const {
  WB_TRY(const auto address, source::parse_sftp_uri(source.path));
  WB_TRY(const auto credentials, source::read_sftp_credentials(source.credentials.reveal()));
  source::SftpOptions options;
  WB_TRY(options.egress, net::Egress::parse(settings_.network.allow));
  options.known_hosts =
      settings_.sftp.known_hosts.empty() ? paths_.root / "known_hosts" : settings_.sftp.known_hosts;
  if (settings_.sftp.unknown_host == "accept-new") options.unknown_host = source::UnknownHost::accept_new;
  options.connections = static_cast<std::size_t>(settings_.sftp.connections);
  options.connect_timeout = settings_.network.connect_timeout;
  options.stall_timeout = settings_.network.stall_timeout;
  options.retry.attempts = settings_.network.attempts;
  return source::open_sftp(address, credentials, options);
}

void Sources::sweep_spools(jobs::JobStore& jobs) const {
  source::sweep_spools(paths_.spool, [&](std::string_view name) {
    const auto id = parse_job_id(name);
    if (!id) return false;
    const auto job = jobs.get(*id);
    return job && !jobs::is_final(job->state);
  });
}

}  // namespace waybill::app
