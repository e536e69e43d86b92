#pragma once

#include <filesystem>
#include <vector>

#include "api/health_monitor.h"
#include "auth/outside_issuers.h"
#include "s3/bucket.h"
#include "storage/store.h"
#include "worker/worker.h"

namespace waybill::app {

/// The five components of the contract's health: database, fileSystem, externalServices, processingEngine,
/// storage. All that is passed outlives the checks; `bucket` is null where there is none.
std::vector<api::HealthMonitor::Check> health_checks(storage::Store& store,
                                                     const worker::Scheduler& scheduler,
                                                     const auth::OutsideIssuers& issuers,
                                                     const std::filesystem::path& data_folder,
                                                     s3::Bucket* bucket);

}  // namespace waybill::app
