#include "s3/bucket.h"

#include <utility>

namespace waybill::s3 {

namespace {

constexpr net::Retry::Limits kOfRequest{3, Milliseconds(100), Milliseconds(1'000)};
// About a minute. Then another node may have better luck with the job.
constexpr net::Retry::Limits kOfJob{30, Milliseconds(200), Milliseconds(5'000)};

Options with(Options options, net::Retry::Limits retry) {
  options.retry = retry;
  return options;
}

}  // namespace

Bucket::Bucket(const Address& address, Credentials credentials, const Options& options)
    : prefix_(address.key),
      connections_(options.connections),
      for_requests_(address.bucket, credentials, with(options, kOfRequest)),
      for_jobs_(address.bucket, std::move(credentials), with(options, kOfJob)) {
  if (!prefix_.empty() && !prefix_.ends_with('/')) prefix_ += '/';
  uri_ = "s3://" + address.bucket + "/" + prefix_;
}

Error Bucket::judged(const Error& error) {
  if (error.code == ErrorCode::cancelled) return error;
  ++outages_;
  return {ErrorCode::unavailable, "The bucket " + uri_ + " cannot be used now: " + error.message,
          error.detail};
}

template <typename T>
Result<T> Bucket::judged(Result<T> result) {
  if (!result) return judged(result.error());
  return result;
}

Result<std::optional<Object>> Bucket::find(const std::string& name, const Context& context,
                                           Patience patience) {
  auto found = client(patience).look(prefix_ + name, context);
  if (found) return std::optional<Object>(std::move(*found));
  const Error& error = found.error();
  if (error.code == ErrorCode::not_found && !is_no_bucket(error)) return std::optional<Object>();
  return judged(error);
}

Result<void> Bucket::put(const std::string& name, std::string_view bytes, const Context& context) {
  return judged(for_jobs_.put(prefix_ + name, bytes, {}, context));
}

Result<void> Bucket::put_file(const std::string& name, const std::filesystem::path& from,
                              const Metadata& metadata, const Context& context) {
  return judged(for_jobs_.put_file(prefix_ + name, from, metadata, context));
}

Result<void> Bucket::read(const Object& object, std::uint64_t offset, std::span<char> into,
                          const Context& context, Patience patience) {
  return judged(client(patience).read(object, offset, into, context));
}

Result<void> Bucket::remove(const std::string& name, const Context& context) {
  return judged(for_jobs_.remove(prefix_ + name, context));
}

Result<void> Bucket::ping(const Context& context) {
  const auto found = for_requests_.look(prefix_ + "ping", context);
  if (found || (found.error().code == ErrorCode::not_found && !is_no_bucket(found.error()))) return {};
  return Error{ErrorCode::unavailable, found.error().message, found.error().detail};
}

}  // namespace waybill::s3
