#include "source/sftp/session.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/text.h"
#include "source/sftp/host_name.h"
#include "source/sftp/known_hosts.h"
#include "source/sftp/login.h"

namespace waybill::source {

namespace {

// AES with the processor's help before ChaCha20, which libssh does at half the speed.
constexpr const char* kCiphers =
    "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,"
    "aes256-ctr";

std::string in_seconds(Milliseconds time) {
  return std::to_string(time.count() / 1'000) +
         (time.count() % 1'000 == 0 ? "" : "." + std::to_string(time.count() % 1'000 / 100)) + " s";
}

/// The key that the server showed in the key exchange.
std::optional<HostKey> shown_key(ssh_session ssh) {
  ssh_key found = nullptr;
  if (ssh_get_server_publickey(ssh, &found) != SSH_OK) return std::nullopt;
  const OwnedKey key(found);
  char* text = nullptr;
  if (ssh_pki_export_pubkey_base64(key.get(), &text) != SSH_OK) return std::nullopt;
  const OwnedText owned(text);
  auto blob = base64_decode(text);
  if (!blob) return std::nullopt;
  // RFC 4253, 6.6: the blob begins with the type, after its length.
  constexpr std::size_t kLength = 4;
  const auto size = blob->size() > kLength ? static_cast<unsigned char>((*blob)[3]) : 0U;
  return HostKey{blob->substr(std::min(kLength, blob->size()), size), std::move(*blob)};
}

}  // namespace

Result<std::unique_ptr<Session>> Session::connect(const SftpAddress& address,
                                                  const SftpCredentials& credentials, ssh_key key,
                                                  const SftpOptions& options, Watch& watch,
                                                  const Context& context, Milliseconds grace) {
  std::unique_ptr<Session> session(new Session(address, options, watch));
  if (auto started = session->start(credentials, key, context, grace); !started)
    return std::move(started).error();
  return session;
}

Session::~Session() {
  // libssh's goodbyes wait for answers; on a socket that is shut down they fail at once.
  if (socket_) (void)::shutdown(socket_.get(), SHUT_RDWR);
  file_.reset();
  sftp_.reset();
  if (ssh_) ssh_disconnect(ssh_.get());
}

Watch::Guard Session::guard(const Context& context, Milliseconds grace) const {
  return {watch_, socket_.get(), context, options_.stall_timeout, grace};
}

Result<void> Session::start(const SftpCredentials& credentials, ssh_key key, const Context& context,
                            Milliseconds grace) {
  const Context limited = context.with_timeout(options_.connect_timeout);
  WB_TRY(auto socket,
         options_.egress.connect(address_.host, address_.port, options_.connect_timeout, context));
  socket_ = FileDescriptor(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
  if (!socket_) return errno_error("cannot connect to " + shown_host(address_), errno);
  ssh_.reset(ssh_new());
  if (!ssh_) return Error{ErrorCode::internal, "libssh has no memory for a session"};

  const Watch::Guard watching = guard(limited, grace);
  const auto ended = [&](const std::string& what) -> Error {
    if (watching.cut() != Watch::Cut::expired || !context.check()) return failure(what, watching);
    broken_ = true;
    return {ErrorCode::timeout, shown_host(address_) + " did not finish " + what + " within " +
                                    in_seconds(options_.connect_timeout) + "."};
  };
  WB_TRY(const auto known, load_known_keys(options_.known_hosts, address_));
  const std::string algorithms = host_key_algorithms(known);
  const auto set = [&](ssh_options_e option, const void* value) {
    return ssh_options_set(ssh_.get(), option, value) == SSH_OK;
  };
  const bool no = false;
  const int silent = SSH_LOG_NOLOG;
  // No file of the machine's or its users' has a say, nor an agent; the host's key is ours to check.
  if (!set(SSH_OPTIONS_PROCESS_CONFIG, &no) || !set(SSH_OPTIONS_LOG_VERBOSITY, &silent) ||
      !set(SSH_OPTIONS_HOST, address_.host.c_str()) || !set(SSH_OPTIONS_USER, credentials.username.c_str()) ||
      !set(SSH_OPTIONS_SSH_DIR, "/nonexistent") || !set(SSH_OPTIONS_KNOWNHOSTS, "/dev/null") ||
      !set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") || !set(SSH_OPTIONS_TIMEOUT, &kNoLimit) ||
      !set(SSH_OPTIONS_CIPHERS_C_S, kCiphers) || !set(SSH_OPTIONS_CIPHERS_S_C, kCiphers) ||
      !set(SSH_OPTIONS_HOSTKEYS, algorithms.c_str())) {
    return Error{ErrorCode::invalid_argument,
                 "The host or the username of " + address_.uri + " is not one that SSH can have.",
                 ssh_get_error(ssh_.get())};
  }
  if (!handshake(std::move(socket))) return ended("the SSH handshake");
  WB_CHECK_OK(check_host());
  auto in = log_in(ssh_.get(), address_, credentials, key);
  if (!in || (!*in && watching.cut() != Watch::Cut::no)) return ended("the log in");
  WB_CHECK_OK(*std::move(in));
  if (!start_sftp()) {
    if (watching.cut() != Watch::Cut::no || ssh_is_connected(ssh_.get()) == 0) return ended("starting SFTP");
    return Error{ErrorCode::permission_denied,
                 shown_host(address_) + " let '" + escape_controls(credentials.username) +
                     "' log in, but offers no SFTP to that user.",
                 ssh_get_error(ssh_.get())};
  }
  return {};
}

Result<void> Session::handshake(FileDescriptor socket) {
  socket_t fd = ::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0);  // libssh closes this one itself
  if (fd < 0) return errno_error("cannot connect", errno);
  if (ssh_options_set(ssh_.get(), SSH_OPTIONS_FD, &fd) != SSH_OK) {
    const FileDescriptor closed(fd);
    return Error{ErrorCode::internal, "libssh does not take the socket"};
  }
  if (ssh_connect(ssh_.get()) != SSH_OK) return Error{ErrorCode::unavailable, "no handshake"};
  return {};
}

Result<void> Session::check_host() {
  const auto key = shown_key(ssh_.get());
  if (!key) return Error{ErrorCode::internal, "The key of " + shown_host(address_) + " cannot be read."};
  return check_host_key(*key, address_, options_);
}

Result<void> Session::start_sftp() {
  sftp_.reset(sftp_new(ssh_.get()));
  if (!sftp_ || sftp_init(sftp_.get()) != SSH_OK) return Error{ErrorCode::unavailable, "no SFTP"};
  return {};
}

Error Session::broke(const std::string& what) {
  broken_ = true;
  return {ErrorCode::unavailable,
          "The connection with " + shown_host(address_) + " broke off during " + what + ".",
          ssh_get_error(ssh_.get())};
}

Error Session::failure(const std::string& what, const Watch::Guard& guard) {
  switch (guard.cut()) {
    case Watch::Cut::cancelled:
      broken_ = true;
      return {ErrorCode::cancelled, "The work was asked to stop."};
    case Watch::Cut::expired:
      broken_ = true;
      return {ErrorCode::timeout, "The time for this step is over."};
    case Watch::Cut::stalled:
      broken_ = true;
      return {ErrorCode::timeout, shown_host(address_) + " sent nothing for " +
                                      in_seconds(options_.stall_timeout) + " during " + what + "."};
    case Watch::Cut::no:
      break;
  }
  const bool alive = sftp_ && ssh_is_connected(ssh_.get()) != 0 && ssh_channel_is_open(sftp_->channel) != 0 &&
                     ssh_channel_is_eof(sftp_->channel) == 0;
  if (!alive) return broke(what);
  const std::string host = shown_host(address_);
  switch (sftp_get_error(sftp_.get())) {
    case SSH_FX_NO_SUCH_FILE:
    case SSH_FX_NO_SUCH_PATH:
      return {ErrorCode::not_found, host + " has no such file or folder (" + what + ")."};
    case SSH_FX_PERMISSION_DENIED:
    case SSH_FX_WRITE_PROTECT:
      return {ErrorCode::permission_denied, host + " does not allow this user " + what + "."};
    case SSH_FX_FILE_ALREADY_EXISTS:
      return {ErrorCode::already_exists, host + " has a file of that name already (" + what + ")."};
    case SSH_FX_OP_UNSUPPORTED:
      return {ErrorCode::invalid_argument, host + " cannot do this: " + what + "."};
    case SSH_FX_FAILURE:
      return {ErrorCode::io, host + " failed at " + what + " and does not say why."};
    default:
      return broke(what);
  }
}

}  // namespace waybill::source
