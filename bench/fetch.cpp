// Fetches one file from an SFTP server as a job does: through a spool, read front to back. Prints seconds,
// from before the connection is made to the last byte read.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/files.h"
#include "packed.h"
#include "source/sftp/sftp.h"
#include "source/spool.h"

namespace waybill::bench {

namespace {

constexpr std::uint64_t kMostKeyBytes = 16 * 1024;
constexpr std::size_t kPiece = 256 * 1024;  // bytes read at once

template <typename T>
T value_or_give_up(Result<T> result) {
  if (!result) give_up(result.error().message);
  return std::move(result).value();
}

std::unique_ptr<source::Source> spooled_source(char** arguments) {
  const auto address = value_or_give_up(source::parse_sftp_uri(arguments[0]));
  source::SftpCredentials credentials;
  credentials.username = arguments[1];
  credentials.private_key = Secret(value_or_give_up(read_file(arguments[2], kMostKeyBytes)));
  source::SftpOptions options;
  options.egress = value_or_give_up(net::Egress::parse({"127.0.0.0/8"}));
  options.known_hosts = arguments[3];
  auto far = value_or_give_up(source::open_sftp(address, credentials, options));
  source::SpoolOptions spool;
  spool.folder = arguments[4];
  spool.name = "bench";
  spool.threads = far->reads_at_once();
  return make_spooled(std::move(far), std::move(spool), std::make_shared<source::SpoolSpace>(UINT64_MAX));
}

void fetch(char** arguments) {
  const double start = seconds();
  const auto source = spooled_source(arguments);
  const Context context;
  const auto files = value_or_give_up(source->list(context));
  const auto file = value_or_give_up(source->open(files.front().path, context));
  std::vector<char> piece(kPiece);
  for (std::uint64_t at = 0; at < file->size(); at += piece.size()) {
    const auto size = std::min<std::uint64_t>(piece.size(), file->size() - at);
    if (const auto read = file->read(at, std::span(piece).first(size), context); !read)
      give_up(read.error().message);
  }
  std::printf("%.6f\n", seconds() - start);
}

}  // namespace

}  // namespace waybill::bench

int main(int argc, char** argv) {
  if (argc != 6) waybill::bench::give_up("usage: URI USER KEY_FILE KNOWN_HOSTS FOLDER");
  waybill::bench::fetch(argv + 1);
  return 0;
}
