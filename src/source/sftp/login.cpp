#include "source/sftp/login.h"

#include <string>

#include "base/text.h"
#include "source/sftp/host_name.h"

namespace waybill::source {

namespace {

constexpr int kMaxRounds = 4;  // of questions: a server that asks on and on gets no more answers

std::string list_methods(int methods) {
  std::string out;
  const auto add = [&](int bit, const char* name) {
    if ((methods & bit) != 0) out += (out.empty() ? "" : ", ") + std::string(name);
  };
  add(SSH_AUTH_METHOD_PUBLICKEY, "publickey");
  add(SSH_AUTH_METHOD_PASSWORD, "password");
  add(SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive");
  add(SSH_AUTH_METHOD_HOSTBASED, "hostbased");
  add(SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic");
  return out.empty() ? "nothing" : out;
}

/// While one lives, libssh waits a little at a time: 0.10 waits for the answer to a log in on a connection
/// that is no more, since what it asks for (ssh_auth_response_termination) is the answer alone.
class ShortWaits {
 public:
  explicit ShortWaits(ssh_session ssh) : ssh_(ssh) { set(0, 10'000); }
  ~ShortWaits() { set(kNoLimit, 0); }
  ShortWaits(const ShortWaits&) = delete;
  ShortWaits& operator=(const ShortWaits&) = delete;

 private:
  void set(long seconds, long microseconds) {
    (void)ssh_options_set(ssh_, SSH_OPTIONS_TIMEOUT, &seconds);
    (void)ssh_options_set(ssh_, SSH_OPTIONS_TIMEOUT_USEC, &microseconds);
  }
  ssh_session ssh_;
};

/// Under ShortWaits. A call that is made again goes on where it was.
template <typename Call>
int until_answered(ssh_session ssh, Call call) {
  int state = call();
  while (state == SSH_AUTH_AGAIN && ssh_is_connected(ssh) != 0) state = call();
  return state == SSH_AUTH_AGAIN ? SSH_AUTH_ERROR : state;
}

/// Answers the hidden questions of one round after the other with the password.
int answer_questions(ssh_session ssh, const Secret& password) {
  const auto next_round = [&] {
    return until_answered(ssh, [&] { return ssh_userauth_kbdint(ssh, nullptr, nullptr); });
  };
  int state = next_round();
  for (int round = 0; state == SSH_AUTH_INFO && round < kMaxRounds; ++round) {
    const int questions = ssh_userauth_kbdint_getnprompts(ssh);
    for (int i = 0; i < questions; ++i) {
      char echo = 0;
      const auto index = static_cast<unsigned>(i);
      (void)ssh_userauth_kbdint_getprompt(ssh, index, &echo);
      // The view ends at a NUL: it is of a whole string.
      if (ssh_userauth_kbdint_setanswer(ssh, index, echo == 0 ? password.reveal().data() : "") < 0)
        return SSH_AUTH_ERROR;
    }
    state = next_round();
  }
  return state == SSH_AUTH_INFO ? SSH_AUTH_DENIED : state;
}

class Attempts {
 public:
  explicit Attempts(ssh_session ssh) : ssh_(ssh) {}

  bool offered(int method) const { return (ssh_userauth_list(ssh_, nullptr) & method) != 0; }
  bool over() const { return state_ == SSH_AUTH_SUCCESS || state_ == SSH_AUTH_ERROR; }
  int state() const { return state_; }
  const std::string& tried() const { return tried_; }

  template <typename Call>
  void make(int method, const char* name, Call call) {
    if (over() || !offered(method)) return;
    const int state = until_answered(ssh_, call);
    tried_ += (tried_.empty() ? "" : " and ") + std::string(name);
    tried_ += state == SSH_AUTH_PARTIAL ? " (taken, not enough alone)" : "";
    state_ = state;
  }

  void ask() {
    state_ = until_answered(ssh_, [this] { return ssh_userauth_none(ssh_, nullptr); });
  }

 private:
  ssh_session ssh_;
  int state_ = SSH_AUTH_DENIED;
  std::string tried_;
};

}  // namespace

std::optional<Result<void>> log_in(ssh_session ssh, const SftpAddress& address,
                                   const SftpCredentials& credentials, ssh_key key) {
  const ShortWaits waits(ssh);
  Attempts attempts(ssh);
  attempts.ask();
  if (attempts.state() == SSH_AUTH_SUCCESS) return Result<void>();
  const int offers = ssh_userauth_list(ssh, nullptr);
  if (key != nullptr) {
    attempts.make(SSH_AUTH_METHOD_PUBLICKEY, "the private key",
                  [&] { return ssh_userauth_publickey(ssh, nullptr, key); });
  }
  if (const Secret& password = credentials.password; !password.empty()) {
    attempts.make(SSH_AUTH_METHOD_PASSWORD, "the password",
                  [&] { return ssh_userauth_password(ssh, nullptr, password.reveal().data()); });
    attempts.make(SSH_AUTH_METHOD_INTERACTIVE, "the password as an answer",
                  [&] { return answer_questions(ssh, password); });
  }
  if (attempts.state() == SSH_AUTH_SUCCESS) return Result<void>();
  if (attempts.state() == SSH_AUTH_ERROR && ssh_is_connected(ssh) == 0) return std::nullopt;
  const std::string user = "'" + escape_controls(credentials.username) + "'";
  const std::string tried = attempts.tried().empty()
                                ? "nothing that the credentials hold is among what it offers"
                                : "it did not take " + attempts.tried();
  return Error{ErrorCode::permission_denied,
               shown_host(address) + " did not let " + user + " log in: " + tried +
                   " (it offers: " + list_methods(offers) +
                   "); check username, password and key, and the user's account there.",
               ssh_get_error(ssh)};
}

}  // namespace waybill::source
