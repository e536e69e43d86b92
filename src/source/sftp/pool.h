#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "net/retry.h"
#include "source/sftp/session.h"

namespace waybill::source {

/// A few connections with one server, made as they are needed and used again. Any thread.
class Pool {
 public:
  Pool(SftpAddress address, SftpCredentials credentials, SftpOptions options);

  const SftpAddress& address() const { return address_; }
  const SftpOptions& options() const { return options_; }

  /// A session that one thread has for itself; it goes back at the end, or is closed where it broke.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Session> session) : pool_(&pool), session_(std::move(session)) {}
    ~Lease();
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&& other) = delete;
    Session* operator->() const { return session_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Session> session_;
  };

  /// Waits for a session, best one that has `path` open, or makes one. Errors: as Session::connect.
  Result<Lease> take(const std::string& path, const Context& context);

  /// Does `work` (Session& → Result<T>) with a session, anew on another one where the connection broke.
  template <typename Work>
  auto with_session(const Context& context, Work work) -> decltype(work(std::declval<Session&>())) {
    net::Retry retry(options_.retry);
    for (;;) {
      auto done = attempt(context, work);
      if (done) return done;
      WB_CHECK_OK(retry.wait(std::move(done).error(), context));
    }
  }

 private:
  template <typename Work>
  auto attempt(const Context& context, Work& work) -> decltype(work(std::declval<Session&>())) {
    WB_TRY(const Lease lease, take("", context));
    return work(*lease.operator->());
  }
  struct Turn {
    std::unique_ptr<Session> idle;  // null: the caller may make one
    bool alone;                     // there is no other session
  };
  Result<Turn> turn(const std::string& path, const Context& context);
  Result<ssh_key> key();
  void give_back(std::unique_ptr<Session> session);

  const SftpAddress address_;
  const SftpCredentials credentials_;
  const SftpOptions options_;
  Watch watch_;
  std::mutex key_mutex_;
  OwnedKey key_;  // read once; libssh only reads it from then on
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t out_ = 0;                         // leases
  std::vector<std::unique_ptr<Session>> idle_;  // last: they use what is above
};

}  // namespace waybill::source
