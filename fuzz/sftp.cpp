#include <cstdlib>
#include <string>

#include "base/text.h"
#include "base/time.h"
#include "source/sftp/known_hosts.h"
#include "source/sftp/listing.h"
#include "source/sftp/private_key.h"
#include "targets.h"

namespace waybill::fuzz {

namespace {

using source::RemoteEntry;
using source::RemoteInfo;

/// A server that lists what the bytes say: an entry a line, its first character the kind; an empty line ends
/// a folder. After the last line all folders are empty.
class Script {
 public:
  explicit Script(std::string_view bytes) : rest_(bytes) {}

  Result<std::vector<RemoteEntry>> list(std::size_t most) {
    std::vector<RemoteEntry> entries;
    while (!rest_.empty()) {
      const auto line = rest_.substr(0, rest_.find('\n'));
      rest_.remove_prefix(std::min(rest_.size(), line.size() + 1));
      if (line.empty()) break;
      if (entries.size() == most) return Error{ErrorCode::limit_exceeded, "many"};
      RemoteEntry entry;
      entry.name = std::string(line.substr(1));
      entry.info.kind = static_cast<RemoteInfo::Kind>(static_cast<unsigned char>(line.front()) % 4U);
      entry.info.size = line.size();
      entries.push_back(std::move(entry));
    }
    return entries;
  }

 private:
  std::string_view rest_;
};

void listing(std::string_view bytes) {
  Script script(bytes);
  const Context context(system_clock());
  const auto files = source::list_below(
      "/drop", [&](const std::string&, std::size_t most) { return script.list(most); }, context);
  if (!files) return;
  for (const auto& file : *files) {
    const std::string rooted = "/" + file.path + "/";
    for (const char* outside : {"/../", "/./", "//"}) {
      if (rooted.find(outside) != std::string::npos) std::abort();
    }
    if (file.path.find('\0') != std::string::npos || file.path.starts_with("logs/")) std::abort();
  }
}

}  // namespace

void sftp(std::string_view bytes) {
  listing(bytes);
  for (const std::uint16_t port : {std::uint16_t{22}, std::uint16_t{2222}}) {
    const auto known = source::known_keys(bytes, "host.example", port);
    for (const auto& each : known) {
      if (each.line < 1 || each.key.blob.empty()) std::abort();
      (void)each.key.fingerprint();
    }
    if (source::host_key_algorithms(known).empty()) std::abort();
  }
  (void)source::check_private_key_form(Secret(std::string(bytes)), false);
  (void)source::read_sftp_credentials(bytes);
}

}  // namespace waybill::fuzz
