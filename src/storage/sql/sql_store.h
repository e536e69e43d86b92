#pragma once

#include <memory>

#include "storage/server_store.h"
#include "storage/sql/clients.h"
#include "storage/sql/items.h"
#include "storage/sql/jobs.h"
#include "storage/sql/knowledge_read.h"
#include "storage/sql/reports.h"
#include "storage/sql/search.h"

namespace waybill::storage::sql {

/// The stores of this folder over one database.
class SqlStore : public ServerStore {
 public:
  jobs::JobStore& jobs() override { return *jobs_; }
  knowledge::KnowledgeBase& knowledge() override { return *knowledge_; }
  report::ReportStore& reports() override { return reports_; }
  ItemStore& items() override { return items_; }
  BlobStore& blobs() override { return *blobs_; }
  auth::ClientStore& clients() override { return clients_; }
  const Sealer& sealer() const override { return sealer_; }
  const Clock& clock() const override { return clock_; }

  Result<void> commit(const Batch& batch) override;
  Result<bool> index_some(std::size_t max_rows) override { return search_.index_some(max_rows); }
  Result<std::int64_t> index_backlog() override { return search_.backlog(); }
  std::uint64_t outages() const override { return blobs_->outages(); }

 protected:
  /// `database`, `search` and `clock` outlive the store's use.
  /// Jobs may have a class of its own, made from the same three.
  using MakeJobs = std::unique_ptr<Jobs> (*)(Database&, const Sealer&, const Clock&);
  SqlStore(Database& database, Search& search, Sealer sealer, std::unique_ptr<BlobStore> blobs,
           const Clock& clock, MakeJobs make_jobs, std::unique_ptr<KnowledgeReader> knowledge);

 private:
  Database& database_;
  Search& search_;
  const Sealer sealer_;
  const std::unique_ptr<BlobStore> blobs_;
  const Clock& clock_;
  const std::unique_ptr<Jobs> jobs_;
  const std::unique_ptr<KnowledgeReader> knowledge_;
  Reports reports_;
  Items items_;
  Clients clients_;
};

}  // namespace waybill::storage::sql
