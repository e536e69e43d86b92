#include "package/read_pieces.h"

#include <algorithm>
#include <span>

namespace waybill::package {

Result<void> read_pieces(const source::RandomAccess& file, std::uint64_t offset, std::size_t wanted,
                         std::string& bytes, const Context& context, std::size_t done) {
  constexpr std::size_t kPiece = 2U << 20;
  if (bytes.capacity() < wanted) {
    bytes.resize(done);  // what is behind would be copied
    bytes.reserve(wanted);
  }
  while (done < wanted) {
    WB_CHECK_OK(context.check());
    const std::size_t length = std::min(wanted - done, kPiece);
    if (bytes.size() < done + length) bytes.resize(done + length);
    WB_CHECK_OK(file.read(offset + done, std::span(bytes).subspan(done, length), context));
    done += length;
  }
  bytes.resize(wanted);
  return {};
}

}  // namespace waybill::package
