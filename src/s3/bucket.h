#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "s3/address.h"
#include "s3/client.h"

namespace waybill::s3 {

/// A bucket of the server's own, for what all nodes must see. Objects have names below the address's key.
/// Whatever is wrong with it, but for an object that is not there, is `unavailable`: keys that were revoked
/// and a bucket that was removed are the operator's to mend, as is a network that is down, and no matter of
/// the client or the job that met it. Such failures are counted. Any thread. Errors of all: unavailable,
/// cancelled; what is wrong stands in the message.
class Bucket {
 public:
  /// How long to bear with a bucket that is away: a client waits for the one, a job can wait for the other.
  enum class Patience : std::uint8_t { of_request, of_job };

  Bucket(const Address& address, Credentials credentials, const Options& options);

  /// nullopt where there is none of that name.
  Result<std::optional<Object>> find(const std::string& name, const Context& context,
                                     Patience patience = Patience::of_job);
  Result<void> put(const std::string& name, std::string_view bytes, const Context& context);
  Result<void> put_file(const std::string& name, const std::filesystem::path& from, const Metadata& metadata,
                        const Context& context);
  /// `object` as find() gave it.
  Result<void> read(const Object& object, std::uint64_t offset, std::span<char> into, const Context& context,
                    Patience patience = Patience::of_job);
  /// One that is not there is fine.
  Result<void> remove(const std::string& name, const Context& context);
  /// Whether it can be reached and read, with the patience of a request.
  Result<void> ping(const Context& context);

  /// How many requests at once are still faster than fewer.
  int connections() const { return connections_; }
  /// How often calls have failed because it could not be used.
  std::uint64_t outages() const { return outages_.load(); }
  /// "s3://bucket/prefix/", for people.
  const std::string& uri() const { return uri_; }
  /// Where the requests go, for people.
  std::string endpoint() { return for_jobs_.endpoint(); }

 private:
  Client& client(Patience patience) { return patience == Patience::of_request ? for_requests_ : for_jobs_; }
  Error judged(const Error& error);
  template <typename T>
  Result<T> judged(Result<T> result);

  std::string prefix_;
  std::string uri_;
  const int connections_;
  Client for_requests_, for_jobs_;
  std::atomic<std::uint64_t> outages_{0};
};

}  // namespace waybill::s3
