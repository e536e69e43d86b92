#include "worker/resource_keeper.h"

namespace waybill::worker {

namespace {

constexpr std::size_t kRemembered = 65'536;  // files

}  // namespace

Result<Sha256> ResourceKeeper::keep(package::FileIndex file, const Context& context) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(file); found != known_.end()) return found->second;
  }
  std::string bytes;
  WB_CHECK_OK(files_.read(file, kMostBytes, bytes, context));
  const Sha256 hash = sha256(bytes);
  if (blobs_ != nullptr) WB_CHECK_OK(blobs_->put(hash, bytes, context));
  const std::lock_guard lock(mutex_);
  unsynced_ = true;
  if (known_.size() >= kRemembered) known_.clear();
  known_.emplace(file, hash);
  return hash;
}

Result<void> ResourceKeeper::sync() {
  {
    const std::lock_guard lock(mutex_);
    if (!unsynced_ || blobs_ == nullptr) return {};
    unsynced_ = false;
  }
  auto done = blobs_->sync();
  if (!done) {
    const std::lock_guard lock(mutex_);
    unsynced_ = true;
  }
  return done;
}

}  // namespace waybill::worker
