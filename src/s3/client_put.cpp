// The half of Client that writes: whole, or in parts where there is much.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/files.h"
#include "s3/client.h"

namespace waybill::s3 {

namespace {

constexpr std::size_t kPartBytes = 16U << 20;  // S3 takes parts of 5 MiB and more
constexpr std::uint64_t kMostParts = 10'000;   // of one object
constexpr Milliseconds kAbortTime{10'000};

/// As many bytes of the file as `part` has room for, from where it stands; empty at its end.
Result<std::string_view> next_part(int fd, const std::filesystem::path& from, std::string& part) {
  std::size_t have = 0;
  while (have < part.size()) {
    const auto got = ::read(fd, part.data() + have, part.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("cannot read " + from.string(), errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return std::string_view(part).substr(0, have);
}

}  // namespace

Result<void> Client::put(const std::string& key, std::string_view bytes, const Metadata& metadata,
                         const Context& context) {
  if (bytes.size() <= kPartBytes) return put_whole(key, bytes, metadata, context);
  const auto next = [&bytes]() -> Result<std::string_view> {
    const auto part = bytes.substr(0, kPartBytes);
    bytes.remove_prefix(part.size());
    return part;
  };
  return put_parts(key, next, metadata, context);
}

Result<void> Client::put_file(const std::string& key, const std::filesystem::path& from,
                              const Metadata& metadata, const Context& context) {
  const FileDescriptor fd(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  std::error_code failed;
  const auto size = std::filesystem::file_size(from, failed);
  if (!fd || failed) return errno_error("cannot open " + from.string(), fd ? failed.value() : errno);
  std::string part(std::max<std::uint64_t>(kPartBytes, size / kMostParts + 1), '\0');
  const auto next = [&] { return next_part(fd.get(), from, part); };
  if (size > kPartBytes) return put_parts(key, next, metadata, context);
  WB_TRY(const auto whole, next());
  return put_whole(key, whole, metadata, context);
}

net::HttpHeaders Client::headers_of(const Metadata& metadata) {
  net::HttpHeaders headers;
  for (const auto& [name, value] : metadata) headers.emplace_back(std::string(kMetadata) + name, value);
  return headers;
}

Result<void> Client::put_whole(const std::string& key, std::string_view bytes, const Metadata& metadata,
                               const Context& context) {
  Call call;
  call.method = "PUT";
  call.key = key;
  call.headers = headers_of(metadata);
  call.body = bytes;
  WB_CHECK_OK(tried(call, context));
  return {};
}

Result<void> Client::remove(const std::string& key, const Context& context) {
  Call call;
  call.method = "DELETE";
  call.key = key;
  auto removed = tried(call, context);
  if (removed || removed.error().code == ErrorCode::not_found) return {};
  return std::move(removed).error();
}

Result<void> Client::put_parts(const std::string& key, const NextPart& next, const Metadata& metadata,
                               const Context& context) {
  Call begin;
  begin.method = "POST";
  begin.key = key;
  begin.query = {{"uploads", ""}};
  begin.headers = headers_of(metadata);
  WB_TRY(const auto begun, tried(begin, context));
  const std::string upload = read_upload_id(begun.body);
  if (upload.empty()) return Error{ErrorCode::io, "The store began no upload of " + shown(key) + "."};
  auto done = send_parts(key, upload, next, context);
  if (!done) {  // what was sent costs the bucket's owner until it is let go
    Call abort;
    abort.method = "DELETE";
    abort.key = key;
    abort.query = {{"uploadId", upload}};
    (void)once(abort, Context(context.clock()).with_timeout(kAbortTime));
  }
  return done;
}

Result<void> Client::send_parts(const std::string& key, const std::string& upload, const NextPart& next,
                                const Context& context) {
  std::string list = "<CompleteMultipartUpload>";
  for (int number = 1;; ++number) {
    Call part;
    WB_TRY(part.body, next());
    if (part.body.empty()) break;
    part.method = "PUT";
    part.key = key;
    part.query = {{"partNumber", std::to_string(number)}, {"uploadId", upload}};
    WB_TRY(const auto sent, tried(part, context));
    list += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" +
            std::string(sent.header("etag")) + "</ETag></Part>";
  }
  list += "</CompleteMultipartUpload>";
  Call end;
  end.method = "POST";
  end.key = key;
  end.query = {{"uploadId", upload}};
  end.body = list;
  WB_TRY(const auto ended, tried(end, context));
  // A success may still turn into an error while the parts are put together (CompleteMultipartUpload).
  if (ended.body.find("<Error>") != std::string::npos) return refusal(end, ended);
  return {};
}

}  // namespace waybill::s3
