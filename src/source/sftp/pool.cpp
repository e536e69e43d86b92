#include "source/sftp/pool.h"

#include <algorithm>

#include "source/sftp/private_key.h"

namespace waybill::source {

namespace {

constexpr Milliseconds kSlice{50};  // between looks at the context
/// The log in of a pool's only session goes on for so long after a cancel: the job's log needs one, and
/// another would take longer than what is left of this one.
constexpr Milliseconds kLogIn{1'000};

}  // namespace

Pool::Pool(SftpAddress address, SftpCredentials credentials, SftpOptions options)
    : address_(std::move(address)), credentials_(std::move(credentials)), options_(std::move(options)) {}

Pool::Lease::~Lease() {
  if (session_) pool_->give_back(std::move(session_));
}

/// The turn is counted whether or not there is an idle session.
Result<Pool::Turn> Pool::turn(const std::string& path, const Context& context) {
  std::unique_lock lock(mutex_);
  while (out_ >= std::max<std::size_t>(options_.connections, 1)) {
    WB_CHECK_OK(context.check());
    changed_.wait_for(lock, kSlice);
  }
  ++out_;
  if (idle_.empty()) return Turn{nullptr, out_ == 1};
  auto found =
      std::find_if(idle_.begin(), idle_.end(), [&](const auto& each) { return each->has_open(path); });
  if (found == idle_.end()) --found;
  std::unique_ptr<Session> session = std::move(*found);
  idle_.erase(found);
  return Turn{std::move(session), false};
}

Result<Pool::Lease> Pool::take(const std::string& path, const Context& context) {
  WB_CHECK_OK(context.check());
  WB_TRY(Turn mine, turn(path, context));
  if (mine.idle) return Lease(*this, std::move(mine.idle));
  auto read = key();
  auto made = read ? Session::connect(address_, credentials_, *read, options_, watch_, context,
                                      mine.alone ? kLogIn : Milliseconds(0))
                   : Result<std::unique_ptr<Session>>(std::move(read).error());
  if (!made) {
    give_back(nullptr);
    return std::move(made).error();
  }
  Lease lease(*this, std::move(made).value());
  WB_CHECK_OK(context.check());
  return lease;
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
