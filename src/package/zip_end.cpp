#include "package/zip_end.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "package/zip_format.h"

namespace waybill::package::zip {

namespace {

using report::Rule;

constexpr std::uint64_t kMaxComment = 0xFFFF;

/// The end of the file, as far as an end record and its ZIP64 locator can reach.
struct Tail {
  std::uint64_t start = 0;
  std::string bytes;
};

struct End {
  std::uint64_t start = 0;  // of the first of the end records: the directory ends here
  std::uint64_t disk = 0;
  std::uint64_t directory_disk = 0;
  std::uint64_t count_here = 0;
  DirectoryPlace place;
};

std::nullopt_t refuse(Refusals& refusals, std::string message) {
  refusals.add(Rule::package_unreadable, "", std::move(message));
  return std::nullopt;
}

Result<Tail> read_tail(const source::RandomAccess& file, const Context& context) {
  Tail tail;
  const std::uint64_t length = std::min(file.size(), kEndSize + kMaxComment + kLocator64Size);
  tail.start = file.size() - length;
  tail.bytes.resize(length);
  WB_CHECK_OK(file.read(tail.start, tail.bytes, context));
  return tail;
}

/// Offsets in the tail of every record whose comment ends exactly with the file.
std::vector<std::size_t> find_end_records(const std::string& tail) {
  std::vector<std::size_t> found;
  for (std::size_t at = 0; at + kEndSize <= tail.size(); ++at) {
    at = tail.find("PK\x05\x06", at);
    if (at == std::string::npos || at + kEndSize > tail.size()) break;
    if (at + kEndSize + u16_at(tail, at + 20) == tail.size()) found.push_back(at);
  }
  return found;
}

End parse_end(const Tail& tail, std::size_t at) {
  End end;
  end.start = tail.start + at;
  end.disk = u16_at(tail.bytes, at + 4);
  end.directory_disk = u16_at(tail.bytes, at + 6);
  end.count_here = u16_at(tail.bytes, at + 8);
  end.place.count = u16_at(tail.bytes, at + 10);
  end.place.size = u32_at(tail.bytes, at + 12);
  end.place.offset = u32_at(tail.bytes, at + 16);
  return end;
}

/// A field of the plain record holds either the ZIP64 record's value or the mark that it is there.
bool agrees(std::uint64_t plain, std::uint64_t mark, std::uint64_t full) {
  return plain == mark || plain == full;
}

/// Takes the values of the ZIP64 record over. False: refused.
Result<bool> apply_zip64(const source::RandomAccess& file, const Tail& tail, std::size_t at, End& end,
                         Refusals& refusals, const Context& context) {
  const std::size_t locator = at - kLocator64Size;
  const std::uint64_t record_at = u64_at(tail.bytes, locator + 8);
  const std::uint64_t locator_at = tail.start + locator;
  if (u32_at(tail.bytes, locator + 4) != 0 || u32_at(tail.bytes, locator + 16) > 1) {
    refuse(refusals, "The zip is in several parts. Make it anew as one file.");
    return false;
  }
  if (record_at > locator_at || locator_at - record_at < kEnd64Size) {
    refuse(refusals, "The ZIP64 end record is said to be at byte " + std::to_string(record_at) +
                         ", where it does not fit before byte " + std::to_string(locator_at) + ".");
    return false;
  }
  std::string record(kEnd64Size, '\0');
  WB_CHECK_OK(file.read(record_at, record, context));
  // The size counts from behind itself (4.3.14.1); all up to the locator belongs to the record.
  if (u32_at(record, 0) != kEnd64Signature || u64_at(record, 4) != locator_at - record_at - 12) {
    refuse(refusals, "There is no whole ZIP64 end record at byte " + std::to_string(record_at) +
                         ", where the locator says it is.");
    return false;
  }
  const End full{record_at,
                 u32_at(record, 16),
                 u32_at(record, 20),
                 u64_at(record, 24),
                 {u64_at(record, 48), u64_at(record, 40), u64_at(record, 32)}};
  if (!agrees(end.place.count, kSaturated16, full.place.count) ||
      !agrees(end.place.size, kSaturated32, full.place.size) ||
      !agrees(end.place.offset, kSaturated32, full.place.offset)) {
    refuse(refusals, "The zip's end record and its ZIP64 end record do not agree.");
    return false;
  }
  end = full;
  return true;
}

bool check(const End& end, Refusals& refusals) {
  if (end.disk != 0 || end.directory_disk != 0 || end.count_here != end.place.count) {
    refuse(refusals, "The zip is in several parts. Make it anew as one file.");
    return false;
  }
  const DirectoryPlace& place = end.place;
  if (place.offset > end.start || place.size > end.start - place.offset) {
    refuse(refusals, "The zip's directory is said to be at byte " + std::to_string(place.offset) + " with " +
                         std::to_string(place.size) + " bytes, which is not before byte " +
                         std::to_string(end.start) + ", where it must end. The file may be cut.");
    return false;
  }
  if (place.size != end.start - place.offset) {
    refuse(refusals, "The zip's directory ends at byte " + std::to_string(place.offset + place.size) +
                         " where the end record is at byte " + std::to_string(end.start) +
                         ". Something was put before the zip or into it without mending its offsets.");
    return false;
  }
  if (place.count > place.size / kCentralSize) {
    refuse(refusals, "The zip is said to have " + std::to_string(place.count) +
                         " entries, which do not fit into a directory of " + std::to_string(place.size) +
                         " bytes.");
    return false;
  }
  return true;
}

Result<std::string> no_end_message(const source::RandomAccess& file, const Context& context) {
  if (file.size() == 0) return std::string("The file is empty.");
  std::string start(std::min<std::uint64_t>(file.size(), 2), '\0');
  WB_CHECK_OK(file.read(0, start, context));
  return std::string(
      start == "PK" ? "The zip has no end record: its last part is missing, or something was added behind it."
                    : "The file is not a zip.");
}

}  // namespace

Result<std::optional<DirectoryPlace>> find_directory(const source::RandomAccess& file, Refusals& refusals,
                                                     const Context& context) {
  WB_TRY(const Tail tail, read_tail(file, context));
  const std::vector<std::size_t> records = find_end_records(tail.bytes);
  if (records.empty()) {
    WB_TRY(std::string message, no_end_message(file, context));
    return std::optional<DirectoryPlace>(refuse(refusals, std::move(message)));
  }
  // Readers differ in which of several they believe; a zip that shows them different files is no accident.
  if (records.size() > 1)
    return std::optional<DirectoryPlace>(refuse(refusals, "The zip has more than one end record."));
  const std::size_t at = records.front();
  End end = parse_end(tail, at);
  const bool has_locator =
      at >= kLocator64Size && u32_at(tail.bytes, at - kLocator64Size) == kLocator64Signature;
  if (has_locator) {
    WB_TRY(const bool taken, apply_zip64(file, tail, at, end, refusals, context));
    if (!taken) return std::optional<DirectoryPlace>();
  }
  if (!check(end, refusals)) return std::optional<DirectoryPlace>();
  return std::optional(end.place);
}

}  // namespace waybill::package::zip
