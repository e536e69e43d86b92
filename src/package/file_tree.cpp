#include "package/file_tree.h"

namespace waybill::package {

Result<void> FileTree::read_packed(FileIndex file, std::uint64_t max_bytes, PackedFile& into,
                                   const Context& context) const {
  WB_CHECK_OK(read(file, max_bytes, into.bytes, context));
  into.begin = 0;
  Sha256Stream digest;
  digest.update_part("plain");
  digest.update(into.bytes);
  into.digest = digest.finish();
  return {};
}

Result<void> FileTree::unpack(FileIndex /*file*/, const PackedFile& packed, std::string& into) const {
  into = packed.bytes;
  return {};
}

std::optional<std::string_view> FileTree::deflated(FileIndex /*file*/, const PackedFile& /*packed*/) const {
  return std::nullopt;
}

}  // namespace waybill::package
