#pragma once

#include <memory>
#include <string>

#include "s3/bucket.h"
#include "storage/blob_store.h"
#include "storage/blobs/known_hashes.h"

namespace waybill::storage {

/// Blobs as objects blobs/abcdef… (64 hex digits) of a bucket. Any thread; any number of processes: two that
/// put the same bytes put the same object.
///
/// An object is there whole or not at all, and a store that has answered keeps it. So put() is durable when
/// it returns, and sync() has nothing to do. put() asks first: what is there is not sent again.
class BucketBlobStore final : public BlobStore {
 public:
  /// Shared with whoever else keeps things in it.
  explicit BucketBlobStore(std::shared_ptr<s3::Bucket> bucket) : bucket_(std::move(bucket)) {}

  Result<void> put(const Sha256& hash, std::string_view bytes, const Context& context) override;
  int puts_at_once() const override { return bucket_->connections(); }
  Result<void> sync() override { return {}; }
  Result<std::string> get(const Sha256& hash) override;
  std::uint64_t outages() const override { return bucket_->outages(); }

 private:
  const std::shared_ptr<s3::Bucket> bucket_;
  KnownHashes there_;
};

}  // namespace waybill::storage
