#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/files.h"
#include "http/connection.h"
#include "http/response_head.h"

// How a connection sends its answers.
namespace waybill::http {

namespace {

constexpr std::uint64_t kFilePiece = 128 * 1024;

/// A file on its way out. Its calls block: for the pool.
struct FileReader {
  FileDescriptor fd;
  std::uint64_t offset = 0;
  std::uint64_t left = 0;
  std::string piece;
  bool failed = false;

  void open(const FileBody& body) {
    fd = FileDescriptor(::open(body.path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info {};
    failed = !fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode) ||
             body.offset > static_cast<std::uint64_t>(info.st_size) ||
             body.length > static_cast<std::uint64_t>(info.st_size) - body.offset;
    offset = body.offset;
    left = body.length;
  }

  void read() {
    piece.resize(static_cast<std::size_t>(std::min(left, kFilePiece)));
    for (std::size_t at = 0; at < piece.size() && !failed;) {
      const auto count =
          ::pread(fd.get(), piece.data() + at, piece.size() - at, static_cast<off_t>(offset + at));
      if (count < 0 && errno == EINTR) continue;
      failed = count <= 0;
      if (!failed) at += static_cast<std::size_t>(count);
    }
    offset += piece.size();
    left -= piece.size();
  }
};

}  // namespace

Connection::Awaitable<bool> Connection::send(Response response, bool keep_alive) {
  const auto sent_before = transport_->sent();
  bool sent = false;
  if (response.file && may_have_body(response.status)) {
    sent = co_await send_file(response, keep_alive);
  } else if (response.stream && may_have_body(response.status)) {
    sent = co_await send_stream(response, keep_alive);
  } else {
    const std::string_view body = response.shared_body ? *response.shared_body : response.body;
    const bool has_body = may_have_body(response.status);
    out_.clear();
    append_response_head(out_, response, has_body ? std::optional<std::uint64_t>(body.size()) : std::nullopt,
                         head_.request_id, keep_alive);
    const bool with_body = has_body && head_.method != "HEAD";
    sent =
        co_await transport_->write(out_, with_body ? body : std::string_view(), shared_.options.body_timeout);
  }
  if (shared_.options.on_answer) {
    shared_.options.on_answer(head_, response.status, transport_->sent() - sent_before,
                              std::chrono::steady_clock::now() - started_);
  }
  co_return sent;
}

Connection::Awaitable<bool> Connection::send_file(const Response& response, bool keep_alive) {
  const FileBody& body = *response.file;
  const bool with_body = head_.method != "HEAD";
  FileReader reader;
  const bool ran = co_await on_pool([&reader, &body, with_body] {
    reader.open(body);
    if (with_body && !reader.failed) reader.read();
  });
  if (!ran || reader.failed) {
    // Nothing is sent yet, so this can still be told apart from a short file.
    const Response error = refusal(ran ? Refusal::internal_error : Refusal::unavailable);
    out_.clear();
    append_response_head(out_, error, error.body.size(), head_.request_id, keep_alive);
    const bool sent = co_await transport_->write(out_, with_body ? std::string_view(error.body) : "",
                                                 shared_.options.body_timeout);
    co_return sent;
  }
  out_.clear();
  append_response_head(out_, response, body.length, head_.request_id, keep_alive);
  std::string_view head = out_;
  for (bool goes_on = true; goes_on;) {
    goes_on = co_await transport_->write(head, reader.piece, shared_.options.body_timeout);
    if (goes_on && (reader.left == 0 || !with_body)) co_return true;
    head = {};
    if (goes_on) goes_on = co_await on_pool([&reader] { reader.read(); });
    goes_on = goes_on && !reader.failed;
  }
  // Less than announced: only the connection's end can tell the client.
  transport_->abort();
  co_return false;
}

}  // namespace waybill::http
