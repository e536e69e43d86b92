#include "cli/ssh_keys.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/files.h"
#include "base/text.h"

namespace waybill::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kUsualNames{"id_ed25519", "id_ecdsa", "id_rsa"};
constexpr std::uint64_t kMostKeyBytes = 64 * 1024;

// draft-ietf-sshm-ssh-agent, section 6.1
constexpr char kRequestIdentities = 11;
constexpr char kIdentitiesAnswer = 12;
constexpr std::size_t kMostAnswerBytes = 256 * 1024;  // what OpenSSH's own agent and client allow
constexpr timeval kAgentTime{2, 0};

/// Reads the fields of an SSH message (RFC 4251, 5), each taken from the front.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : left_(bytes) {}
  std::optional<std::uint32_t> number() {
    if (left_.size() < 4) return std::nullopt;
    std::uint32_t value = 0;
    for (const char c : left_.substr(0, 4)) value = value << 8U | static_cast<unsigned char>(c);
    left_.remove_prefix(4);
    return value;
  }
  std::optional<std::string_view> text() {
    const auto size = number();
    if (!size || *size > left_.size()) return std::nullopt;
    const auto out = left_.substr(0, *size);
    left_.remove_prefix(*size);
    return out;
  }

 private:
  std::string_view left_;
};

std::string base64_encode(std::string_view bytes) {
  std::string text = base64url_encode(bytes);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

Result<FileDescriptor> connect_agent(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = path.string();
  if (name.size() >= sizeof address.sun_path) {
    return Error{ErrorCode::unavailable, "the path of the SSH agent's socket is too long"};
  }
  std::copy(name.begin(), name.end(), address.sun_path);
  FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return errno_error("cannot make a socket", errno);
  (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kAgentTime, sizeof kAgentTime);
  (void)::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kAgentTime, sizeof kAgentTime);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Error{ErrorCode::unavailable, "the SSH agent at " + name + " does not answer"};
  }
  return fd;
}

Result<std::string> receive(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t have = 0; have < size;) {
    const auto got = ::recv(fd, bytes.data() + have, size - have, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Error{ErrorCode::unavailable, "the SSH agent ended the connection"};
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

Result<std::string> ask_agent(const fs::path& path) {
  WB_TRY(const FileDescriptor fd, connect_agent(path));
  const std::array<char, 5> request{0, 0, 0, 1, kRequestIdentities};
  if (::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return Error{ErrorCode::unavailable, "the SSH agent ended the connection"};
  }
  WB_TRY(const std::string head, receive(fd.get(), 4));
  const std::size_t size = Fields(head).number().value_or(0);
  if (size == 0 || size > kMostAnswerBytes) {
    return Error{ErrorCode::corrupt, "the SSH agent's answer is no answer"};
  }
  return receive(fd.get(), size);
}

/// The key of a line "ssh-ed25519 AAAA… comment".
std::string key_of_line(std::string_view line) {
  const auto begin = line.find(' ');
  if (begin == std::string_view::npos) return {};
  const auto rest = line.substr(begin + 1);
  return std::string(rest.substr(0, rest.find_first_of(" \r\n")));
}

/// Private key files whose .pub beside them is one of `keys`, in the order of the agent.
std::vector<fs::path> files_of(const std::vector<std::string>& keys, const fs::path& folder) {
  std::vector<std::pair<std::size_t, fs::path>> found;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    if (at->path().extension() != ".pub") continue;
    const auto line = read_file(at->path(), kMostKeyBytes);
    if (!line) continue;
    const auto key = std::find(keys.begin(), keys.end(), key_of_line(*line));
    if (key != keys.end()) found.emplace_back(key - keys.begin(), fs::path(at->path()).replace_extension());
  }
  std::sort(found.begin(), found.end());
  std::vector<fs::path> files;
  for (auto& [place, file] : found) files.push_back(std::move(file));
  return files;
}

}  // namespace

Result<std::vector<std::string>> agent_keys(const fs::path& agent_socket) {
  WB_TRY(const std::string answer, ask_agent(agent_socket));
  const Error broken{ErrorCode::corrupt, "the SSH agent's answer is no list of keys"};
  if (answer.front() != kIdentitiesAnswer) return broken;
  Fields fields(std::string_view(answer).substr(1));
  const auto count = fields.number();
  if (!count) return broken;
  std::vector<std::string> keys;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto key = fields.text();
    if (!key || !fields.text()) return broken;
    keys.push_back(base64_encode(*key));
  }
  return keys;
}

std::vector<fs::path> ssh_key_files(const fs::path& ssh_folder, const fs::path& agent_socket) {
  std::vector<fs::path> files;
  if (!agent_socket.empty()) {
    if (const auto keys = agent_keys(agent_socket)) files = files_of(*keys, ssh_folder);
  }
  for (const char* name : kUsualNames) files.push_back(ssh_folder / name);
  std::vector<fs::path> out;
  for (auto& file : files) {
    std::error_code failed;
    const bool known = std::find(out.begin(), out.end(), file) != out.end();
    if (!known && fs::is_regular_file(file, failed)) out.push_back(std::move(file));
  }
  return out;
}

bool is_encrypted_key(std::string_view key) {
  constexpr std::string_view kBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
  constexpr std::string_view kMagic{"openssh-key-v1\0", 15};
  const auto begin = key.find(kBegin);
  if (begin == std::string_view::npos) return key.find("ENCRYPTED") != std::string_view::npos;
  std::string body;
  for (const char c : key.substr(begin + kBegin.size())) {
    if (c == '-') break;
    if (c != '\n' && c != '\r' && c != ' ') body += c;
  }
  const auto bytes = base64_decode(body);
  if (!bytes || !bytes->starts_with(kMagic)) return false;
  const auto cipher = Fields(std::string_view(*bytes).substr(kMagic.size())).text();
  return cipher && *cipher != "none";
}

}  // namespace waybill::cli
