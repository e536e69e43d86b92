#include <boost/json.hpp>
#include <cstring>
#include <vector>

#include "base/text.h"
#include "source/sftp/private_key.h"
#include "source/sftp/sftp.h"

namespace waybill::source {

namespace json = boost::json;

namespace {

// The API takes bodies of at most 64 KiB; as values they need some more.
constexpr std::size_t kJsonMemory = std::size_t{256} * 1024;

/// Memory for the values of a JSON text that holds secrets; wiped when it goes.
class WipedMemory {
 public:
  WipedMemory() : bytes_(kJsonMemory) {}
  ~WipedMemory() { ::explicit_bzero(bytes_.data(), bytes_.size()); }
  WipedMemory(const WipedMemory&) = delete;
  WipedMemory& operator=(const WipedMemory&) = delete;
  unsigned char* data() { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }

 private:
  std::vector<unsigned char> bytes_;
};

Error refuse(const std::string& why) {
  return {ErrorCode::invalid_argument, "The credentials of an SFTP source " + why + "."};
}

Result<std::string> text(const json::object& object, std::string_view name) {
  const auto* member = object.if_contains(json::string_view(name.data(), name.size()));
  if (member == nullptr) return std::string();
  const auto* value = member->if_string();
  if (value == nullptr) return refuse("need '" + std::string(name) + "' as text");
  // libssh takes texts that end at a NUL.
  if (value->find('\0') != json::string::npos) return refuse("have a NUL in '" + std::string(name) + "'");
  return std::string(value->data(), value->size());
}

Result<Secret> secret(const json::object& object, std::string_view name) {
  WB_TRY(auto value, text(object, name));
  return Secret(std::move(value));
}

Result<SftpCredentials> read(const json::object& object) {
  SftpCredentials credentials;
  WB_TRY(credentials.username, text(object, "username"));
  WB_TRY(credentials.password, secret(object, "password"));
  WB_TRY(credentials.private_key, secret(object, "privateKey"));
  WB_TRY(credentials.passphrase, secret(object, "passphrase"));
  if (credentials.username.empty()) return refuse("have no 'username'");
  if (credentials.password.empty() && credentials.private_key.empty())
    return refuse("have neither 'password' nor 'privateKey'");
  if (!credentials.private_key.empty())
    WB_CHECK_OK(check_private_key_form(credentials.private_key, !credentials.passphrase.empty()));
  return credentials;
}

}  // namespace

Result<SftpCredentials> read_sftp_credentials(std::string_view given) {
  if (trim(given).empty()) return refuse("are missing: give 'username' with 'password' or 'privateKey'");
  WipedMemory values;
  WipedMemory scratch;
  json::monotonic_resource storage(values.data(), values.size());
  json::monotonic_resource stack(scratch.data(), scratch.size());
  json::parser parser(json::storage_ptr(&stack), {});
  parser.reset(json::storage_ptr(&storage));
  boost::system::error_code failed;
  parser.write(given.data(), given.size(), failed);
  if (failed) return refuse("are not JSON");
  const json::value value = parser.release();
  const auto* object = value.if_object();
  if (object == nullptr) return refuse("are not a JSON object");
  return read(*object);
}

}  // namespace waybill::source
