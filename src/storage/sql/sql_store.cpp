#include "storage/sql/sql_store.h"

#include <utility>

#include "storage/sql/batch.h"

namespace waybill::storage::sql {

SqlStore::SqlStore(Database& database, Search& search, Sealer sealer, std::unique_ptr<BlobStore> blobs,
                   const Clock& clock, MakeJobs make_jobs, std::unique_ptr<KnowledgeReader> knowledge)
    : database_(database),
      search_(search),
      sealer_(std::move(sealer)),
      blobs_(std::move(blobs)),
      clock_(clock),
      jobs_(make_jobs(database, sealer_, clock)),
      knowledge_(std::move(knowledge)),
      reports_(database),
      items_(database),
      clients_(database) {}

Result<void> SqlStore::commit(const Batch& batch) {
  return database_.write([&](Connection& writer) { return write_batch(writer, batch); });
}

}  // namespace waybill::storage::sql
