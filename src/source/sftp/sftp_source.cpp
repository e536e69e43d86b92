#include <algorithm>
#include <atomic>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "source/log_place.h"
#include "source/sftp/host_name.h"
#include "source/sftp/pool.h"
#include "source/sftp/private_key.h"
#include "source/sftp/sftp.h"

namespace waybill::source {

namespace {

constexpr std::string_view kLogFolder = "logs";                 // contract, section 4
constexpr std::string_view kPathCharacters = "/!$&'()*+,;=:@";  // RFC 3986, 3.3: pchar

Error shape_error(const std::string& uri) {
  return {ErrorCode::invalid_argument, uri + " is neither a file nor a folder"};
}

class RemoteFile final : public RandomAccess {
 public:
  RemoteFile(std::shared_ptr<Pool> pool, std::string path, const RemoteInfo& info)
      : pool_(std::move(pool)), path_(std::move(path)), size_(info.size), version_(info.version()) {}

  std::uint64_t size() const override { return size_; }
  std::string version() const override { return version_; }

  Result<void> read(std::uint64_t offset, std::span<char> into, const Context& context) const override {
    if (offset > size_ || into.size() > size_ - offset)
      return Error{ErrorCode::corrupt, shown() + " has only " + std::to_string(size_) + " bytes"};
    net::Retry retry(pool_->options().retry);
    std::size_t done = 0;
    for (;;) {
      const std::size_t before = done;
      auto step = read_some(offset, into, done, context);
      if (step) return {};
      // Trying again would not bring the old bytes back: the job's next run begins with the new ones.
      if (step.error().code == ErrorCode::corrupt) {
        return Error{ErrorCode::unavailable,
                     "The package was changed under this job: " + step.error().message};
      }
      if (done > before) retry.progressed();
      WB_CHECK_OK(retry.wait(std::move(step).error(), context));
    }
  }

 private:
  std::string shown() const { return escape_controls(path_) + " on " + shown_host(pool_->address()); }

  Result<void> read_some(std::uint64_t offset, std::span<char> into, std::size_t& done,
                         const Context& context) const {
    WB_TRY(const auto session, pool_->take(path_, context));
    if (!session->has_open(path_)) {
      WB_TRY(const RemoteInfo now, session->open(path_, context));
      if (now.version() != version_)
        return Error{ErrorCode::corrupt, shown() + " changed while it was read: it had " +
                                             std::to_string(size_) + " bytes, and has " +
                                             std::to_string(now.size) + " of another time now"};
    }
    return session->read(offset, into, done, context);
  }

  const std::shared_ptr<Pool> pool_;  // shared: a file may outlive its source
  const std::string path_;
  const std::uint64_t size_;
  const std::string version_;
};

class SftpSource final : public Source {
 public:
  explicit SftpSource(std::shared_ptr<Pool> pool)
      : pool_(std::move(pool)), root_is_file_(to_lower(root()).ends_with(".zip")) {}

  bool is_far() const override { return true; }
  int reads_at_once() const override { return static_cast<int>(pool_->options().connections); }
  std::string uri() const override { return pool_->address().uri; }

  Result<std::vector<FileInfo>> list(const Context& context) override {
    return pool_->with_session(context, [&](Session& session) -> Result<std::vector<FileInfo>> {
      WB_TRY(const RemoteInfo info, look_at_root(session, context));
      if (info.kind == RemoteInfo::Kind::file) return std::vector<FileInfo>{{"", info.size, info.version()}};
      const FolderLister lister = [&](const std::string& folder, std::size_t most) {
        return session.list(folder, most, context);
      };
      return list_below(root(), lister, context);
    });
  }

  Result<std::unique_ptr<RandomAccess>> open(const std::string& path, const Context& context) override {
    const std::string full = path.empty() ? root() : below(root(), path);
    WB_TRY(const RemoteInfo info, pool_->with_session(context, [&](Session& session) {
      // Links are followed at the root alone: there they are the operator's.
      return session.look(full, path.empty(), context);
    }));
    if (info.kind != RemoteInfo::Kind::file)
      return Error{ErrorCode::invalid_argument,
                   escape_controls(full) + " on " + shown_host(pool_->address()) + " is not a file"};
    return std::unique_ptr<RandomAccess>(std::make_unique<RemoteFile>(pool_, full, info));
  }

  std::string log_location(std::string_view name) const override {
    const std::string at = uri_folder();
    return at + (at.ends_with('/') ? "" : "/") + std::string(kLogFolder) + "/" +
           percent_encode(name, kPathCharacters);
  }

  Result<std::string> put_log(std::string_view name, const std::filesystem::path& file,
                              const Context& context) override {
    WB_CHECK_OK(check_log_name(name));
    const auto done = pool_->with_session(context, [&](Session& session) -> Result<void> {
      WB_CHECK_OK(look_at_root(session, context));
      const std::string folder = below(log_parent(), kLogFolder);
      WB_CHECK_OK(make_log_folder(session, folder, context));
      return put(session, folder, std::string(name), file, context);
    });
    if (!done) return done.error();
    return log_location(name);
  }

  Result<void> remove_log(std::string_view name, const Context& context) override {
    WB_CHECK_OK(check_log_name(name));
    return pool_->with_session(context, [&](Session& session) -> Result<void> {
      WB_CHECK_OK(look_at_root(session, context));
      auto removed = session.remove(below(below(log_parent(), kLogFolder), name), context);
      if (!removed && removed.error().code == ErrorCode::not_found) return {};
      return removed;
    });
  }

  std::string peer() const override {
    return shown_host(pool_->address()) + ", whose key is the one in " +
           pool_->options().known_hosts.string();
  }

 private:
  const std::string& root() const { return pool_->address().path; }

  Result<RemoteInfo> look_at_root(Session& session, const Context& context) {
    WB_TRY(const RemoteInfo info, session.look(root(), true, context));
    if (info.kind != RemoteInfo::Kind::file && info.kind != RemoteInfo::Kind::folder)
      return shape_error(uri());
    root_is_file_ = info.kind == RemoteInfo::Kind::file;
    return info;
  }

  /// The folder on the server that `logs/` is made in.
  std::string log_parent() const {
    if (!root_is_file_) return root();
    return root().substr(0, std::max<std::size_t>(root().rfind('/'), 1));
  }
  std::string uri_folder() const { return root_is_file_ ? uri().substr(0, uri().rfind('/')) : uri(); }

  static Result<void> make_log_folder(Session& session, const std::string& folder, const Context& context) {
    const auto there = session.look(folder, false, context);
    if (there && there->kind != RemoteInfo::Kind::folder)
      return Error{ErrorCode::invalid_argument,
                   escape_controls(folder) + " is not a folder, so no log can be put in it"};
    if (there) return {};
    if (there.error().code != ErrorCode::not_found) return there.error();
    auto made = session.make_folder(folder, context);
    // Another may have made it since.
    if (!made && made.error().code == ErrorCode::io && session.look(folder, false, context)) return {};
    return made;
  }

  static Result<void> put(Session& session, const std::string& folder, const std::string& name,
                          const std::filesystem::path& file, const Context& context) {
    const std::string temporary = folder + "/." + name + ".tmp-" + hex_encode(random_bytes(8));
    auto written = session.write(temporary, file, context);
    if (written) written = session.rename(temporary, folder + "/" + name, context);
    if (!written && !session.broken()) (void)session.remove(temporary, context);
    return written;
  }

  const std::shared_ptr<Pool> pool_;
  std::atomic<bool> root_is_file_;  // by the name (contract, section 3) until the server has said it
};

}  // namespace

Result<std::unique_ptr<Source>> open_sftp(const SftpAddress& address, const SftpCredentials& credentials,
                                          const SftpOptions& options) {
  if (!credentials.private_key.empty())
    WB_CHECK_OK(check_private_key_form(credentials.private_key, !credentials.passphrase.empty()));
  auto pool = std::make_shared<Pool>(address, credentials, options);
  return std::unique_ptr<Source>(std::make_unique<SftpSource>(std::move(pool)));
}

}  // namespace waybill::source
