#include "app/sources.h"

#include <cstdlib>
#include <string_view>

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

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// The server's own keys, for requests that bring none.
Result<source::S3Credentials> server_credentials() {
  source::S3Credentials credentials{variable("AWS_ACCESS_KEY_ID"), Secret(variable("AWS_SECRET_ACCESS_KEY")),
                                    Secret(variable("AWS_SESSION_TOKEN"))};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return Error{
        ErrorCode::invalid_argument,
        "The request brings no credentials and this server has none of its own: give 'accessKeyId' with "
        "'secretAccessKey'."};
  }
  return credentials;
}

}  // namespace

Result<std::unique_ptr<source::Source>> Sources::open(const jobs::Job& job) const {
  WB_TRY(auto source, look(job.source, job.department));
  if (!source->is_far()) return source;
  source::SpoolOptions options;
  options.folder = paths_.spool;
  options.name = to_string(job.id);
  options.read_ahead = settings_.spool.read_ahead;
  options.threads = source->reads_at_once();
  return source::make_spooled(std::move(source), std::move(options), space_);
}

Result<std::unique_ptr<source::Source>> Sources::look(const jobs::DataSource& source,
                                                      const Department& department) const {
  if (source.type == jobs::SourceType::s3) return open_s3(source);
  if (has_scheme(source.path, "sftp://")) return open_sftp(source);
  if (has_scheme(source.path, "upload://")) return uploads_.open(source.path, department);
  return source::open_share(source.path, settings_.sources.file_roots);
}

Result<std::unique_ptr<source::Source>> Sources::open_s3(const jobs::DataSource& source) const {
  WB_TRY(const auto address, source::parse_s3_uri(source.path));
  const bool own = source.credentials.empty() && settings_.s3.server_credentials;
  WB_TRY(const auto credentials,
         own ? server_credentials() : source::read_s3_credentials(source.credentials.reveal()));
  source::S3Options options;
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
