#pragma once

#include <memory>

#include "app/data_folder.h"
#include "base/cancel.h"
#include "base/ids.h"
#include "base/result.h"
#include "config/settings.h"
#include "jobs/job.h"
#include "jobs/job_store.h"
#include "package/file_tree.h"
#include "s3/signature.h"
#include "source/source.h"
#include "source/spool.h"
#include "source/uploads.h"

namespace waybill::app {

/// How large a package may be, as the operator allows.
package::Limits package_limits(const config::Settings& settings);

/// Makes the source that a request names, with the settings that concern it. The references outlive it. Any
/// thread.
class Sources {
 public:
  Sources(const config::Settings& settings, const DataPaths& paths, source::Uploads& uploads)
      : settings_(settings),
        paths_(paths),
        uploads_(uploads),
        space_(std::make_shared<source::SpoolSpace>(settings.spool.max_bytes)) {}

  /// For looking alone: nothing of it is spooled. Sends nothing yet where the source is on another machine,
  /// but for an upload in the server's own bucket. Errors: invalid_argument (path, credentials),
  /// permission_denied, not_found, io, unavailable, timeout, cancelled.
  Result<std::unique_ptr<source::Source>> look(const jobs::DataSource& source, const Department& department,
                                               const Context& context) const;
  /// For running the job. Errors: as look().
  Result<std::unique_ptr<source::Source>> open(const jobs::Job& job, const Context& context) const;

  /// Removes the spools of jobs that will not go on. Before the first open().
  void sweep_spools(jobs::JobStore& jobs) const;

 private:
  Result<s3::Credentials> s3_credentials(const jobs::DataSource& source) const;
  Result<std::unique_ptr<source::Source>> open_s3(const jobs::DataSource& source) const;
  Result<std::unique_ptr<source::Source>> open_sftp(const jobs::DataSource& source) const;

  const config::Settings& settings_;
  const DataPaths& paths_;
  source::Uploads& uploads_;
  const std::shared_ptr<source::SpoolSpace> space_;  // shared with the spools of jobs that still end
};

}  // namespace waybill::app
