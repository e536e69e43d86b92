#include "package/zip_directory.h"

#include <libdeflate.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "package/entry_path.h"
#include "package/zip_extra.h"
#include "package/zip_format.h"

namespace waybill::package::zip {

namespace {

using report::Rule;

constexpr std::size_t kWindow = 256 * 1024;  // read at a time; the largest entry (46 + 3 × 65535) fits
constexpr std::uint64_t kMaxPackedSlack = 64 * 1024;

constexpr std::uint64_t kEntriesBetweenChecks = 4'096;

/// The directory's bytes, front to back, through one window.
class Window {
 public:
  Window(const source::RandomAccess& file, const DirectoryPlace& place)
      : file_(&file), next_(place.offset), left_(place.size) {}

  /// The next `length` bytes without passing over them; nullopt where the directory ends before. The view
  /// lives until the next call.
  Result<std::optional<std::string_view>> peek(std::size_t length, const Context& context) {
    if (buffer_.size() - at_ < length) {
      buffer_.erase(0, at_);
      at_ = 0;
      const std::size_t have = buffer_.size();
      const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kWindow - have));
      buffer_.resize(have + more);
      WB_CHECK_OK(file_->read(next_, std::span(buffer_).subspan(have), context));
      next_ += more;
      left_ -= more;
    }
    if (buffer_.size() - at_ < length) return std::optional<std::string_view>();
    return std::optional(std::string_view(buffer_).substr(at_, length));
  }
  void skip(std::size_t length) { at_ += length; }
  bool at_end() const { return left_ == 0 && at_ == buffer_.size(); }

 private:
  const source::RandomAccess* file_;
  std::uint64_t next_;
  std::uint64_t left_;
  std::string buffer_;
  std::size_t at_ = 0;
};

/// One record of the directory (4.3.12).
struct Record {
  std::uint16_t made_by, flags, method, disk;
  std::uint32_t checksum, attributes;
  Sizes sizes;
  std::string_view name, extra;
  std::size_t length;  // of the whole record
};

Record parse(std::string_view bytes) {
  Record record{u16_at(bytes, 4),
                u16_at(bytes, 8),
                u16_at(bytes, 10),
                u16_at(bytes, 34),
                u32_at(bytes, 16),
                u32_at(bytes, 38),
                {u32_at(bytes, 24), u32_at(bytes, 20), u32_at(bytes, 42)},
                {},
                {},
                bytes.size()};
  const std::size_t name_length = u16_at(bytes, 28);
  record.name = bytes.substr(kCentralSize, name_length);
  record.extra = bytes.substr(kCentralSize + name_length, u16_at(bytes, 30));
  return record;
}

std::size_t record_length(std::string_view head) {
  return kCentralSize + u16_at(head, 28) + u16_at(head, 30) + u16_at(head, 32);
}

bool is_encrypted(const Record& record) {
  constexpr std::uint16_t kAny = kFlagEncrypted | kFlagStrongEncryption | kFlagMasked;
  return (record.flags & kAny) != 0 || record.method == kMethodAes ||
         find_extra(record.extra, kExtraAes).has_value() ||
         find_extra(record.extra, kExtraStrongEncryption).has_value();
}

/// Links, devices, pipes and sockets, where the attributes are those of Unix (4.4.2, 4.4.15).
bool is_special(const Record& record) {
  constexpr std::uint32_t kTypeMask = 0170000;
  constexpr std::uint32_t kRegular = 0100000;
  constexpr std::uint32_t kFolder = 0040000;
  const std::uint32_t system = record.made_by >> 8U;
  if (system != 3 && system != 19) return false;  // Unix, macOS
  const std::uint32_t type = (record.attributes >> 16U) & kTypeMask;
  return type != 0 && type != kRegular && type != kFolder;
}

class DirectoryReader {
 public:
  DirectoryReader(const DirectoryPlace& place, const Limits& limits, Refusals& refusals)
      : place_(place), limits_(limits), refusals_(refusals) {}

  Result<Directory> read(const source::RandomAccess& file, const Context& context) {
    if (place_.count > limits_.entries) {
      refusals_.add(Rule::package_entry_limit, "",
                    "The zip has " + std::to_string(place_.count) + " entries where " +
                        std::to_string(limits_.entries) + " are allowed.");
      return std::move(directory_);
    }
    directory_.entries.reserve(place_.count);
    Window window(file, place_);
    for (std::uint64_t i = 0; i < place_.count; ++i) {
      if (i % kEntriesBetweenChecks == 0) WB_CHECK_OK(context.check());
      WB_TRY(const bool whole, read_record(window, i, context));
      if (!whole) return std::move(directory_);
    }
    if (!window.at_end()) {
      refusals_.add(Rule::package_unreadable, "",
                    "The zip's directory goes on behind its last entry; it says that it has " +
                        std::to_string(place_.count) + ".");
    }
    directory_.entries.shrink_to_fit();
    check_total();
    return std::move(directory_);
  }

 private:
  Result<bool> read_record(Window& window, std::uint64_t index, const Context& context) {
    WB_TRY(const auto head, window.peek(kCentralSize, context));
    if (!head || u32_at(*head, 0) != kCentralSignature) return broken(index);
    const std::size_t length = record_length(*head);
    WB_TRY(const auto bytes, window.peek(length, context));
    if (!bytes) return broken(index);
    add(parse(*bytes));
    window.skip(length);
    return true;
  }

  bool broken(std::uint64_t index) {
    refusals_.add(Rule::package_unreadable, "",
                  "Entry " + std::to_string(index + 1) + " of " + std::to_string(place_.count) +
                      " in the zip's directory is broken; the file may be damaged, or its offsets wrong.");
    return false;
  }

  void add(Record record) {
    const std::size_t refused_before = problems_;
    const auto name = name_of(record);
    const bool is_folder = name && name->ends_with('/');
    if (name) check_path(is_folder ? name->substr(0, name->size() - 1) : *name);
    check_kind(record);
    if (!apply_zip64(record.extra, record.sizes))
      refuse(Rule::package_unreadable, record, "The entry's ZIP64 field is missing or too short.");
    else
      check_sizes(record);
    total_ = record.sizes.size > std::numeric_limits<std::uint64_t>::max() - total_
                 ? std::numeric_limits<std::uint64_t>::max()
                 : total_ + record.sizes.size;
    if (problems_ != refused_before || is_folder || is_system_litter(*name)) return;
    keep(record, *name);
  }

  void keep(const Record& record, std::string_view name) {
    if (!directory_.names.has_room_for(name)) {
      refuse(Rule::package_entry_limit, record,
             "The names of the zip's files have more than " + std::to_string(FileNames::kMaxTextBytes) +
                 " bytes together.");
      return;
    }
    Entry entry;
    entry.header = record.sizes.header;
    entry.packed = record.sizes.packed;
    entry.size = record.sizes.size;
    entry.checksum = record.checksum;
    entry.renamed = name.data() != record.name.data();
    if (entry.renamed) entry.name_checksum = libdeflate_crc32(0, record.name.data(), record.name.size());
    entry.name_length = static_cast<std::uint16_t>(record.name.size());
    entry.flags = record.flags;
    entry.method = static_cast<std::uint8_t>(record.method);
    directory_.entries.push_back(entry);
    directory_.names.add(name);
  }

  /// The name in UTF-8; nullopt where it is refused. Names of older tools are in some code page that the zip
  /// does not name (4.4.4 says 437, practice differs): guessing would make wrong names silently.
  std::optional<std::string_view> name_of(const Record& record) {
    std::string_view name = record.name;
    if ((record.flags & kFlagUtf8) == 0) name = unicode_path(record.extra, record.name).value_or(name);
    if (const auto at = first_invalid_utf8(name)) {
      refuse(Rule::entry_name_encoding, record,
             "The entry's name is not UTF-8 at byte " + std::to_string(*at + 1) +
                 ((record.flags & kFlagUtf8) != 0 ? ", though the zip says it is."
                                                  : ", and has no Unicode path field."));
      return std::nullopt;
    }
    return name;
  }

  void check_path(std::string_view path) {
    if (const auto why = unsafe_path(path, limits_.path_bytes)) {
      refusals_.add(Rule::entry_path_unsafe, path, "The entry's path " + *why + ".");
      ++problems_;
    }
  }

  void check_kind(const Record& record) {
    if (record.disk != 0 && record.disk != kSaturated16)
      refuse(Rule::package_unreadable, record, "The entry lies in another part of the zip.");
    if (is_special(record))
      refuse(Rule::entry_link, record, "The entry is a link, a device or another special file.");
    if (is_encrypted(record)) {
      refuse(Rule::entry_encrypted, record, "The entry is encrypted.");
    } else if (record.method != kMethodStore && record.method != kMethodDeflate) {
      refuse(Rule::entry_method, record,
             "The entry is compressed by method " + std::to_string(record.method) +
                 "; expected 0 (store) or 8 (deflate).");
    } else if ((record.flags & kFlagPatch) != 0) {
      refuse(Rule::entry_method, record, "The entry holds patch data, not a file.");
    }
  }

  void check_sizes(const Record& record) {
    const auto& [size, packed, header] = record.sizes;
    const bool stored = record.method == kMethodStore;
    if (header > place_.offset || place_.offset - header < kLocalSize + record.name.size() ||
        place_.offset - header - kLocalSize - record.name.size() < packed) {
      refuse(Rule::package_unreadable, record,
             "The entry is said to lie at byte " + std::to_string(header) + " with " +
                 std::to_string(packed) + " bytes, which is not before the zip's directory at byte " +
                 std::to_string(place_.offset) + ". The file may be cut.");
    } else if (stored && size != packed && !is_encrypted(record)) {
      refuse(Rule::package_unreadable, record,
             "The entry is stored as it is, but with " + std::to_string(packed) + " bytes for " +
                 std::to_string(size) + ".");
    } else if (!stored && packed > kMaxPackedSlack && packed - kMaxPackedSlack > size + size / 8) {
      refuse(Rule::package_unreadable, record,
             "The entry has " + std::to_string(packed) + " packed bytes for a file of " +
                 std::to_string(size) + "; no tool packs like that.");
    }
    if (size / limits_.ratio > packed || (packed == 0 && size != 0)) {
      refuse(Rule::entry_ratio_limit, record,
             "The entry unpacks from " + std::to_string(packed) + " to " + std::to_string(size) +
                 " bytes; at most " + std::to_string(limits_.ratio) + " times are allowed.");
    }
  }

  void check_total() {
    if (total_ <= limits_.total_bytes) return;
    refusals_.add(Rule::package_size_limit, "",
                  "The zip unpacks to " + std::to_string(total_) + " bytes where " +
                      std::to_string(limits_.total_bytes) + " are allowed.");
  }

  void refuse(Rule rule, const Record& record, std::string message) {
    refusals_.add(rule, record.name, std::move(message));
    ++problems_;
  }

  const DirectoryPlace& place_;
  const Limits& limits_;
  Refusals& refusals_;
  Directory directory_;
  std::size_t problems_ = 0;
  std::uint64_t total_ = 0;
};

void check_names(const FileNames& names, Refusals& refusals) {
  for (const auto& [file, other] : names.clashes()) {
    const std::string_view path = names.path(file);
    refusals.add(
        Rule::entry_duplicate, path,
        path == names.path(other)
            ? "Two entries have this path; which of them is meant cannot be known."
            : "The entry is a file, and also the folder of " + printable_path(names.path(other)) + ".");
  }
}

/// In the order of the local headers, no entry may reach into the next; also gives each entry its limit.
/// Local extra fields are not known here: zip_local.h checks against the limit when it reads them.
void check_ranges(Directory& directory, const DirectoryPlace& place, Refusals& refusals) {
  auto& entries = directory.entries;
  std::vector<FileIndex> order(entries.size());
  std::iota(order.begin(), order.end(), FileIndex{0});
  std::sort(order.begin(), order.end(), [&](FileIndex a, FileIndex b) {
    return std::pair(entries[a].header, a) < std::pair(entries[b].header, b);
  });
  std::uint64_t furthest_end = 0;
  FileIndex furthest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    Entry& entry = entries[order[i]];
    entry.limit = i + 1 < order.size() ? entries[order[i + 1]].header : place.offset;
    if (i != 0 && entry.header < furthest_end) {
      refusals.add(Rule::entry_overlap, directory.names.path(order[i]),
                   "The entry begins at byte " + std::to_string(entry.header) + ", inside " +
                       printable_path(directory.names.path(furthest)) + ", which ends at byte " +
                       std::to_string(furthest_end) + ".");
    }
    const std::uint64_t end = entry.header + kLocalSize + entry.name_length + entry.packed;
    if (end > furthest_end) {
      furthest_end = end;
      furthest = order[i];
    }
  }
}

}  // namespace

Result<Directory> read_directory(const source::RandomAccess& file, const DirectoryPlace& place,
                                 const Limits& limits, Refusals& refusals, const Context& context) {
  WB_TRY(Directory directory, DirectoryReader(place, limits, refusals).read(file, context));
  directory.names.seal();
  check_names(directory.names, refusals);
  check_ranges(directory, place, refusals);
  return directory;
}

}  // namespace waybill::package::zip
