#pragma once

#include <atomic>
#include <functional>

#include "storage/store.h"

namespace waybill::worker {

/// A store that hands on to another, and fails or looks on where a test says so. Any thread.
class FaultyStore final : public storage::Store {
 public:
  explicit FaultyStore(storage::Store& inner) : inner_(inner) {}

  /// Called before each commit with its number from 1; an error is what the commit answers.
  std::function<Result<void>(int, const storage::Batch&)> before_commit;
  std::function<Result<bool>()> before_index;

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
    if (before_index) WB_CHECK_OK(before_index());
    return inner_.index_some(max_rows);
  }
  Result<std::int64_t> index_backlog() override { return inner_.index_backlog(); }
  Result<void> ping() override { return inner_.ping(); }

 private:
  storage::Store& inner_;
  std::atomic<int> commits_{0};
};

}  // namespace waybill::worker
