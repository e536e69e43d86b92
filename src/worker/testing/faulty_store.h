#pragma once

#include <atomic>
#include <functional>
#include <optional>

#include "storage/store.h"

namespace waybill::worker {

/// A store that hands on to another, and fails or looks on where a test says so. Any thread.
class FaultyStore final : public storage::Store {
 public:
  explicit FaultyStore(storage::Store& inner) : inner_(inner) {}

  /// Called before each commit with its number from 1; an error is what the commit answers.
  std::function<Result<void>(int, const storage::Batch&)> before_commit;
  std::function<Result<bool>()> index;  // in place of the inner store's index_some()
  std::optional<int> lanes;             // in place of its index_lanes()

  jobs::JobStore& jobs() override { return inner_.jobs(); }
  knowledge::KnowledgeBase& knowledge() override { return inner_.knowledge(); }
  report::ReportStore& reports() override { return inner_.reports(); }
  storage::ItemStore& items() override { return inner_.items(); }
  storage::BlobStore& blobs() override { return inner_.blobs(); }
  Result<void> commit(const storage::Batch& batch) override {
    const int number = ++commits_;
    if (before_commit) WB_CHECK_OK(before_commit(number, batch));
    return inner_.commit(batch);
  }
  Result<bool> index_some(std::size_t max_rows) override {
    if (index) return index();
    return inner_.index_some(max_rows);
  }
  int index_lanes() const override { return lanes.value_or(inner_.index_lanes()); }
  Result<std::int64_t> index_backlog() override { return inner_.index_backlog(); }
  Result<void> ping() override { return inner_.ping(); }

 private:
  storage::Store& inner_;
  std::atomic<int> commits_{0};
};

}  // namespace waybill::worker
