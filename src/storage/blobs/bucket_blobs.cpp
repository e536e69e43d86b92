#include "storage/blobs/bucket_blobs.h"

#include <utility>

namespace waybill::storage {

namespace {

constexpr auto kPatience = s3::Bucket::Patience::of_request;
constexpr Milliseconds kGetTime{30'000};           // a client waits for it
constexpr std::uint64_t kMaxBlobBytes = 1U << 30;  // far above the contract's 25 MiB

std::string name_of(const Sha256& hash) {
  return "blobs/" + to_hex(hash);
}

}  // namespace

Result<void> BucketBlobStore::put(const Sha256& hash, std::string_view bytes, const Context& context) {
  if (there_.contains(hash)) return {};
  WB_TRY(const auto found, bucket_->find(name_of(hash), context));
  // The store has compared what it was sent with the hash that the request is signed with.
  if (!found || found->size != bytes.size()) WB_CHECK_OK(bucket_->put(name_of(hash), bytes, context));
  there_.add(hash);
  return {};
}

Result<std::string> BucketBlobStore::get(const Sha256& hash) {
  const Context context = Context().with_timeout(kGetTime);
  WB_TRY(auto found, bucket_->find(name_of(hash), context, kPatience));
  if (!found) return Error{ErrorCode::not_found, "there is no blob " + to_hex(hash)};
  const Error damaged{ErrorCode::corrupt, "the bytes of blob " + to_hex(hash) +
                                              " do not fit its hash; import its package again to mend it"};
  if (found->size > kMaxBlobBytes) return damaged;
  found->etag.clear();  // whoever puts it anew puts the same bytes
  std::string bytes(found->size, '\0');
  WB_CHECK_OK(bucket_->read(*found, 0, bytes, context, kPatience));
  if (sha256(bytes) != hash) return damaged;
  return bytes;
}

}  // namespace waybill::storage
