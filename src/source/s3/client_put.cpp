// The half of S3Client that writes: whole, or in parts where the file is large.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/files.h"
#include "source/s3/client.h"

namespace waybill::source {

namespace {

constexpr std::size_t kPartBytes = 16U << 20;  // S3 takes parts of 5 MiB and more

/// Up to a part of the file from where it stands; empty at its end.
Result<std::string> next_part(int fd, const std::filesystem::path& from) {
  std::string part(kPartBytes, '\0');
  std::size_t have = 0;
  while (have < part.size()) {
    const auto got = ::read(fd, part.data() + have, part.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("cannot read " + from.string(), errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  part.resize(have);
  return part;
}

}  // namespace

Result<void> S3Client::put(const std::string& key, const std::filesystem::path& from,
                           const Context& context) {
  std::error_code failed;
  if (std::filesystem::file_size(from, failed) > kPartBytes) return put_parts(key, from, context);
  Call call;
  call.method = "PUT";
  call.key = key;
  WB_TRY(call.body, read_file(from, kPartBytes));
  WB_CHECK_OK(tried(call, context));
  return {};
}

Result<void> S3Client::remove(const std::string& key, const Context& context) {
  Call call;
  call.method = "DELETE";
  call.key = key;
  auto removed = tried(call, context);
  if (removed || removed.error().code == ErrorCode::not_found) return {};
  return std::move(removed).error();
}

Result<void> S3Client::put_parts(const std::string& key, const std::filesystem::path& from,
                                 const Context& context) {
  const FileDescriptor fd(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("cannot open " + from.string(), errno);
  Call begin;
  begin.method = "POST";
  begin.key = key;
  begin.query = {{"uploads", ""}};
  WB_TRY(const auto begun, tried(begin, context));
  const std::string upload = read_upload_id(begun.body);
  if (upload.empty()) return Error{ErrorCode::io, "The store began no upload of " + shown(key) + "."};

  const auto send_all = [&]() -> Result<void> {
    std::string list = "<CompleteMultipartUpload>";
    for (int number = 1;; ++number) {
      WB_TRY(auto bytes, next_part(fd.get(), from));
      if (bytes.empty()) break;
      Call part;
      part.method = "PUT";
      part.key = key;
      part.query = {{"partNumber", std::to_string(number)}, {"uploadId", upload}};
      part.body = std::move(bytes);
      WB_TRY(const auto sent, tried(part, context));
      list += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" +
              std::string(sent.header("etag")) + "</ETag></Part>";
    }
    Call end;
    end.method = "POST";
    end.key = key;
    end.query = {{"uploadId", upload}};
    end.body = list + "</CompleteMultipartUpload>";
    WB_TRY(const auto ended, tried(end, context));
    // A success may still turn into an error while the parts are put together (CompleteMultipartUpload).
    if (ended.body.find("<Error>") != std::string::npos) return refusal(end, ended);
    return {};
  };
  auto done = send_all();
  if (!done) {  // what was sent costs the bucket's owner until it is let go
    Call abort;
    abort.method = "DELETE";
    abort.key = key;
    abort.query = {{"uploadId", upload}};
    (void)once(abort, Context(context.clock()).with_timeout(Milliseconds(10'000)));
  }
  return done;
}

}  // namespace waybill::source
