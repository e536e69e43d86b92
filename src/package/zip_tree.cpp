#include "package/zip_tree.h"

#include <utility>

#include "package/describe.h"
#include "package/entry_path.h"
#include "package/zip_directory.h"
#include "package/zip_format.h"
#include "package/zip_inflate.h"
#include "package/zip_local.h"

namespace waybill::package {

namespace {

using zip::Directory;
using zip::Entry;

constexpr std::size_t kMaxKeptBuffer =
    4U << 20U;  // a thread's buffer for packed bytes shrinks back to nothing above

class ZipTree final : public FileTree {
 public:
  ZipTree(std::unique_ptr<source::RandomAccess> file, Directory directory)
      : file_(std::move(file)), entries_(std::move(directory.entries)), names_(std::move(directory.names)) {}

  std::size_t count() const override { return entries_.size(); }
  std::string_view path(FileIndex file) const override { return names_.path(file); }
  std::uint64_t size(FileIndex file) const override { return entries_[file].size; }
  std::optional<FileIndex> find(std::string_view path) const override { return names_.find(path); }
  std::string version() const override { return file_->version(); }

  Result<void> read(FileIndex file, std::uint64_t max_bytes, std::string& into,
                    const Context& context) const override {
    thread_local PackedFile packed;
    WB_CHECK_OK(fetch(file, max_bytes, packed, context));
    auto unpacked = unpack(file, packed, into);
    if (packed.bytes.capacity() > kMaxKeptBuffer) packed.bytes = std::string();
    return unpacked;
  }

  Result<void> read_packed(FileIndex file, std::uint64_t max_bytes, PackedFile& into,
                           const Context& context) const override {
    WB_CHECK_OK(fetch(file, max_bytes, into, context));
    const Entry& entry = entries_[file];
    Sha256Stream digest;
    // First what tells it from a file that lies as it is (file_tree.cpp), whose first part is a word.
    for (const std::uint64_t part : {std::uint64_t{entry.method}, entry.size, std::uint64_t{entry.checksum}})
      digest.update_part(std::to_string(part));
    digest.update(data_in(file, into));
    into.digest = digest.finish();
    return {};
  }

  Result<void> unpack(FileIndex file, const PackedFile& packed, std::string& into) const override {
    return zip::unpack(entries_[file], path(file), data_in(file, packed), into);
  }

  std::optional<std::string_view> deflated(FileIndex file, const PackedFile& packed) const override {
    if (entries_[file].method == zip::kMethodStore) return std::nullopt;
    return data_in(file, packed);
  }

  Result<std::unique_ptr<ByteStream>> stream(FileIndex file, const Context& context) const override {
    const Entry& entry = entries_[file];
    std::string head;
    WB_CHECK_OK(zip::read_local(*file_, entry, 0, head, context));
    WB_TRY(const std::uint64_t data, data_of(file, head));
    return zip::make_stream(*file_, entry, path(file), data, context);
  }

 private:
  Result<void> fetch(FileIndex file, std::uint64_t max_bytes, PackedFile& into,
                     const Context& context) const {
    const Entry& entry = entries_[file];
    WB_CHECK_OK(check_size(path(file), entry.size, max_bytes));
    WB_CHECK_OK(zip::read_local(*file_, entry, entry.packed, into.bytes, context));
    WB_TRY(const std::uint64_t data, data_of(file, into.bytes));
    into.begin = static_cast<std::size_t>(data - entry.header);
    return {};
  }

  std::string_view data_in(FileIndex file, const PackedFile& packed) const {
    return std::string_view(packed.bytes)
        .substr(packed.begin, static_cast<std::size_t>(entries_[file].packed));
  }

  /// Where the file's packed bytes begin. Looked up at each read, from bytes that are read anyway: so the zip
  /// may be opened before its local headers are there.
  Result<std::uint64_t> data_of(FileIndex file, std::string_view head) const {
    const zip::LocalHeader local = zip::check_local(entries_[file], names_.full_path(file), head);
    if (local.defect.empty()) return local.data;
    return zip::damaged(path(file), local.defect);
  }

  std::unique_ptr<source::RandomAccess> file_;
  std::vector<Entry> entries_;
  FileNames names_;
};

}  // namespace

Result<Opened> open_zip(std::unique_ptr<source::RandomAccess> file, const std::string& uri,
                        const Limits& limits, const Context& context, LocalHeaders headers) {
  Refusals refusals;
  Opened opened;
  const std::string what = "zip of " + describe_bytes(file->size());
  WB_TRY(const auto place, zip::find_directory(*file, refusals, context));
  Directory directory;
  if (place) {
    WB_TRY(directory, zip::read_directory(*file, *place, limits, refusals, context));
    if (refusals.empty() && headers == LocalHeaders::check_at_open)
      WB_CHECK_OK(zip::check_locals(*file, directory, refusals, context));
  }
  if (!refusals.empty()) {
    opened.description = what + " at " + uri;
    opened.findings = refusals.take();
    return opened;
  }
  directory.names.take_off_top_folder();
  opened.description = what + " with " + describe_count(directory.entries.size(), "file") + " at " + uri;
  opened.files = std::make_unique<ZipTree>(std::move(file), std::move(directory));
  return opened;
}

}  // namespace waybill::package
