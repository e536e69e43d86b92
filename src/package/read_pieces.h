#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/cancel.h"
#include "base/result.h"
#include "source/source.h"

namespace waybill::package {

/// Makes `bytes` the `wanted` bytes of `file` from `offset` on, of which the first `done` are there already.
/// Piece by piece: the pages of a buffer for 25 MiB at once take up to 70 ms on a virtual machine, and the
/// bytes longer from another one. A cancel need not wait for all of them. Errors: as RandomAccess::read().
Result<void> read_pieces(const source::RandomAccess& file, std::uint64_t offset, std::size_t wanted,
                         std::string& bytes, const Context& context, std::size_t done = 0);

}  // namespace waybill::package
