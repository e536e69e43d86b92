#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Sixteen bytes at a time, with what every x86-64 has; elsewhere the compiler makes of it what it can.

namespace waybill {

using ByteBlock = signed char __attribute__((vector_size(16)));
inline constexpr std::size_t kByteBlock = sizeof(ByteBlock);

inline ByteBlock load_block(const char* at) {
  ByteBlock block;
  std::memcpy(&block, at, kByteBlock);
  return block;
}

/// Bit i: byte i of a comparison's result is true.
inline std::uint32_t block_bits(ByteBlock truth) {
#if defined(__SSE2__)
  return static_cast<std::uint32_t>(_mm_movemask_epi8(std::bit_cast<__m128i>(truth)));
#else
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < kByteBlock; ++i) bits |= (truth[i] != 0 ? 1U : 0U) << i;
  return bits;
#endif
}

/// The first byte at or behind `at` for which `is`, a comparison of blocks, holds; else the text's size.
template <typename Is>
std::size_t find_byte(std::string_view text, std::size_t at, const Is& is) {
  for (; text.size() - at >= kByteBlock; at += kByteBlock) {
    const std::uint32_t bits = block_bits(is(load_block(text.data() + at)));
    if (bits != 0) return at + static_cast<std::size_t>(std::countr_zero(bits));
  }
  if (at == text.size()) return at;
  const std::size_t rest = text.size() - at;
  ByteBlock block = {};
  std::memcpy(&block, text.data() + at, rest);
  const std::uint32_t bits = block_bits(is(block)) | 1U << rest;
  return at + static_cast<std::size_t>(std::countr_zero(bits));
}

}  // namespace waybill
