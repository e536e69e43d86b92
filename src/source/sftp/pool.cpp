#include "source/sftp/pool.h"

#include <algorithm>

#include "source/sftp/private_key.h"

namespace waybill::source {

namespace {

constexpr Milliseconds kSlice{50};  // between looks at the context

}  // namespace

Pool::Pool(SftpAddress address, SftpCredentials credentials, SftpOptions options)
    : address_(std::move(address)), credentials_(std::move(credentials)), options_(std::move(options)) {}

Pool::Lease::~Lease() {
  if (session_) pool_->give_back(std::move(session_));
}

/// An idle session, or null where the caller may make one; the turn is counted either way.
Result<std::unique_ptr<Session>> Pool::idle_or_turn(const std::string& path, const Context& context) {
  std::unique_lock lock(mutex_);
  while (out_ >= std::max<std::size_t>(options_.connections, 1)) {
    WB_CHECK_OK(context.check());
    changed_.wait_for(lock, kSlice);
  }
  ++out_;
  if (idle_.empty()) return std::unique_ptr<Session>();
  auto found =
      std::find_if(idle_.begin(), idle_.end(), [&](const auto& each) { return each->has_open(path); });
  if (found == idle_.end()) --found;
  std::unique_ptr<Session> session = std::move(*found);
  idle_.erase(found);
  return session;
}

Result<Pool::Lease> Pool::take(const std::string& path, const Context& context) {
  WB_CHECK_OK(context.check());
  WB_TRY(auto session, idle_or_turn(path, context));
  if (session) return Lease(*this, std::move(session));
  auto read = key();
  auto made = read ? Session::connect(address_, credentials_, *read, options_, watch_, context)
                   : Result<std::unique_ptr<Session>>(std::move(read).error());
  if (made) return Lease(*this, std::move(made).value());
  give_back(nullptr);
  return std::move(made).error();
}

void Pool::give_back(std::unique_ptr<Session> session) {
  if (session && session->broken()) session.reset();
  {
    const std::scoped_lock lock(mutex_);
    --out_;
    if (session) idle_.push_back(std::move(session));
  }
  changed_.notify_one();
}

Result<ssh_key> Pool::key() {
  if (credentials_.private_key.empty()) return ssh_key(nullptr);
  const std::scoped_lock lock(key_mutex_);
  if (!key_) {
    WB_TRY(key_, read_private_key(credentials_.private_key, credentials_.passphrase));
  }
  return key_.get();
}

}  // namespace waybill::source
