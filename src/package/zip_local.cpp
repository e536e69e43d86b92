#include "package/zip_local.h"

#include <libdeflate.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "package/entry_path.h"
#include "package/read_pieces.h"
#include "package/zip_extra.h"
#include "package/zip_format.h"

namespace waybill::package::zip {

namespace {

using report::Rule;

constexpr std::size_t kEntriesBetweenChecks = 4'096;
constexpr std::size_t kCommonExtra =
    64;  // bytes of local extra fields that are read along; tools write fewer

bool same_name(const Entry& entry, std::string_view name, std::string_view local) {
  if (!entry.renamed) return local == name;
  return libdeflate_crc32(0, local.data(), local.size()) == entry.name_checksum;
}

/// Without a descriptor, checksum and sizes stand in both places and must be the same.
bool same_numbers(const Entry& entry, std::string_view bytes, std::string_view extra) {
  Sizes sizes{u32_at(bytes, 22), u32_at(bytes, 18), 0};
  return apply_zip64(extra, sizes) && u32_at(bytes, 14) == entry.checksum && sizes.size == entry.size &&
         sizes.packed == entry.packed;
}

}  // namespace

Result<void> read_local(const source::RandomAccess& file, const Entry& entry, std::uint64_t data_bytes,
                        std::string& bytes, const Context& context) {
  // The directory was checked: the fixed part, the name and the data lie before the limit.
  const std::uint64_t most = entry.limit - entry.header;
  const std::uint64_t fixed = kLocalSize + entry.name_length + data_bytes;
  WB_CHECK_OK(read_pieces(file, entry.header, static_cast<std::size_t>(std::min(most, fixed + kCommonExtra)),
                          bytes, context));
  const std::uint64_t wanted = std::min(most, fixed + u16_at(bytes, 28));
  const std::size_t have = bytes.size();
  if (wanted <= have) return {};
  return read_pieces(file, entry.header, static_cast<std::size_t>(wanted), bytes, context, have);
}

LocalHeader check_local(const Entry& entry, std::string_view name, std::string_view bytes) {
  LocalHeader local;
  const auto defect = [&](Rule rule, std::string text) {
    local.rule = rule;
    local.defect = std::move(text);
    return local;
  };
  if (u32_at(bytes, 0) != kLocalSignature)
    return defect(Rule::package_unreadable,
                  "There is no local header at byte " + std::to_string(entry.header) + ".");
  const std::uint16_t flags = u16_at(bytes, 6);
  const std::size_t name_length = u16_at(bytes, 26);
  const std::size_t extra_length = u16_at(bytes, 28);
  const std::string_view local_name = bytes.substr(kLocalSize, name_length);
  if (name_length != entry.name_length || !same_name(entry, name, local_name))
    return defect(Rule::package_unreadable,
                  "The entry's local header names another file: '" + printable_path(local_name) + "'.");
  if ((flags & (kFlagEncrypted | kFlagStrongEncryption)) != 0)
    return defect(Rule::entry_encrypted, "The entry is encrypted.");
  if (u16_at(bytes, 8) != entry.method)
    return defect(Rule::package_unreadable, "The entry's local header names method " +
                                                std::to_string(u16_at(bytes, 8)) + ", the zip's directory " +
                                                std::to_string(entry.method) + ".");
  local.data = entry.header + kLocalSize + name_length + extra_length;
  if (local.data > entry.limit || entry.limit - local.data < entry.packed)
    return defect(Rule::entry_overlap, "The entry's bytes end at byte " +
                                           std::to_string(local.data + entry.packed) + ", behind byte " +
                                           std::to_string(entry.limit) +
                                           ", where the next one or the zip's directory begins.");
  if ((flags & kFlagDescriptor) == 0 &&
      !same_numbers(entry, bytes,
                    bytes.substr(std::min(bytes.size(), kLocalSize + name_length), extra_length)))
    return defect(Rule::package_unreadable,
                  "The entry's local header and the zip's directory differ in checksum or size.");
  return local;
}

Result<void> check_locals(const source::RandomAccess& file, const Directory& directory, Refusals& refusals,
                          const Context& context) {
  std::vector<FileIndex> order(directory.entries.size());
  std::iota(order.begin(), order.end(), FileIndex{0});
  std::sort(order.begin(), order.end(), [&](FileIndex a, FileIndex b) {
    return directory.entries[a].header < directory.entries[b].header;
  });
  std::string bytes;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i % kEntriesBetweenChecks == 0) WB_CHECK_OK(context.check());
    const Entry& entry = directory.entries[order[i]];
    const std::string_view name = directory.names.full_path(order[i]);
    WB_CHECK_OK(read_local(file, entry, 0, bytes, context));
    const LocalHeader local = check_local(entry, name, bytes);
    if (!local.defect.empty()) refusals.add(local.rule, name, local.defect);
  }
  return {};
}

}  // namespace waybill::package::zip
