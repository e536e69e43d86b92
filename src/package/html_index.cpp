#include "package/html_index.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace waybill::package {

namespace {

constexpr std::size_t kBlock = 64;  // bytes that make a word of each map

/// Of one block, a bit for each byte.
struct Kinds {
  std::uint64_t less = 0, quotes = 0, name_ends = 0, spaces = 0;
  std::uint64_t leads = 0, trails = 0;  // 0xC2 and 0xA0: a no-break space where they follow each other
};

/// Where a sweep writes.
struct Maps {
  std::uint64_t *less, *quotes, *name_ends, *spaces;
  bool special = false;      // a carriage return or a NUL was there
  bool lead_before = false;  // the block before ends in 0xC2

  void put(std::size_t word, const Kinds& kinds) {
    less[word] = kinds.less;
    quotes[word] = kinds.quotes;
    name_ends[word] = kinds.name_ends;
    const std::uint64_t leads = kinds.leads & kinds.trails >> 1U;
    spaces[word] = kinds.spaces | leads | leads << 1U;
    if (lead_before && (kinds.trails & 1U) != 0) {
      spaces[word - 1] |= std::uint64_t{1} << (kBlock - 1);
      spaces[word] |= 1U;
    }
    lead_before = kinds.leads >> (kBlock - 1) != 0;
  }
};

using Sweep = void (*)(const char* html, std::size_t first, std::size_t end, Maps& maps);

#if defined(__x86_64__)

/// With what every x86-64 has.
void sweep_sse2(const char* html, std::size_t first, std::size_t end, Maps& maps) {
  for (std::size_t word = first; word < end; ++word, html += kBlock) {
    Kinds kinds;
    for (unsigned shift = 0; shift < kBlock; shift += sizeof(__m128i)) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(html + shift));
      const auto is = [bytes](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
      const auto bits = [shift](__m128i mask) {
        return static_cast<std::uint64_t>(_mm_movemask_epi8(mask)) << shift;
      };
      const __m128i returns = is('\r');
      const __m128i spaces = _mm_or_si128(
          _mm_or_si128(_mm_or_si128(is(' '), is('\n')), _mm_or_si128(is('\t'), is('\f'))), returns);
      kinds.less |= bits(is('<'));
      kinds.quotes |= bits(is('"'));
      kinds.spaces |= bits(spaces);
      kinds.name_ends |= bits(_mm_or_si128(_mm_or_si128(is('/'), is('>')), _mm_or_si128(is('='), spaces)));
      maps.special |= bits(_mm_or_si128(returns, is('\0'))) != 0;
      if (bits(bytes) == 0) continue;
      kinds.leads |= bits(is('\xC2'));
      kinds.trails |= bits(is('\xA0'));
    }
    maps.put(word, kinds);
  }
}

// GCC gives lambdas no target of their own, so these are functions.
#define WAYBILL_AVX2 __attribute__((target("avx2")))

WAYBILL_AVX2 inline std::uint64_t bits(__m256i low, __m256i high) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(low)) |
         std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(high))} << 32U;
}

WAYBILL_AVX2 inline std::uint64_t equal(__m256i low, __m256i high, char c) {
  const __m256i all = _mm256_set1_epi8(c);
  return bits(_mm256_cmpeq_epi8(low, all), _mm256_cmpeq_epi8(high, all));
}

/// The bytes that `table` has at the place that their low four bits name. Those beyond ASCII find a 0 there,
/// which they are not.
WAYBILL_AVX2 inline std::uint64_t in(__m256i low, __m256i high, __m256i table) {
  return bits(_mm256_cmpeq_epi8(low, _mm256_shuffle_epi8(table, low)),
              _mm256_cmpeq_epi8(high, _mm256_shuffle_epi8(table, high)));
}

WAYBILL_AVX2 void sweep_avx2(const char* html, std::size_t first, std::size_t end, Maps& maps) {
  // At place 0 of each stands another byte than 0, so that a NUL finds nothing.
  const __m256i spaces = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, '\f', '\r', 0, 0));
  const __m256i signs =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '=', '>', '/'));
  const __m256i line_end = _mm256_set1_epi8('\r');
  const __m256i nul = _mm256_setzero_si256();
  __m256i special = nul;
  for (std::size_t word = first; word < end; ++word, html += kBlock) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(html));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(html + sizeof(__m256i)));
    Kinds kinds;
    kinds.less = equal(low, high, '<');
    kinds.quotes = equal(low, high, '"');
    kinds.spaces = in(low, high, spaces);
    kinds.name_ends = kinds.spaces | in(low, high, signs);
    special = _mm256_or_si256(
        special, _mm256_or_si256(
                     _mm256_or_si256(_mm256_cmpeq_epi8(low, nul), _mm256_cmpeq_epi8(high, nul)),
                     _mm256_or_si256(_mm256_cmpeq_epi8(low, line_end), _mm256_cmpeq_epi8(high, line_end))));
    if (_mm256_movemask_epi8(_mm256_or_si256(low, high)) != 0) {  // beyond ASCII
      kinds.leads = equal(low, high, '\xC2');
      kinds.trails = equal(low, high, '\xA0');
    }
    maps.put(word, kinds);
  }
  maps.special |= _mm256_testz_si256(special, special) == 0;
}

Sweep best_sweep() {
  return __builtin_cpu_supports("avx2") != 0 ? sweep_avx2 : sweep_sse2;
}

#else

void sweep_bytes(const char* html, std::size_t first, std::size_t end, Maps& maps) {
  for (std::size_t word = first; word < end; ++word, html += kBlock) {
    Kinds kinds;
    for (unsigned i = 0; i < kBlock; ++i) {
      const char c = html[i];
      const std::uint64_t bit = std::uint64_t{1} << i;
      const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\f' || c == '\r';
      if (c == '<') kinds.less |= bit;
      if (c == '"') kinds.quotes |= bit;
      if (space) kinds.spaces |= bit;
      if (space || c == '/' || c == '>' || c == '=') kinds.name_ends |= bit;
      if (c == '\xC2') kinds.leads |= bit;
      if (c == '\xA0') kinds.trails |= bit;
      maps.special |= c == '\r' || c == '\0';
    }
    maps.put(word, kinds);
  }
}

Sweep best_sweep() {
  return sweep_bytes;
}

#endif

}  // namespace

void HtmlIndex::build(std::string_view html) {
  static const Sweep sweep = best_sweep();
  const std::size_t whole = html.size() / kBlock;
  // The word that the input ends in, and one that load() may reach into.
  const std::size_t words = whole + 2;
  if (words > room_) {
    maps_ = std::make_unique_for_overwrite<std::uint64_t[]>(4 * words);
    room_ = words;
  }
  less_ = maps_.get();
  quotes_ = less_ + room_;
  name_ends_ = quotes_ + room_;
  spaces_ = name_ends_ + room_;
  Maps maps{less_, quotes_, name_ends_, spaces_};
  sweep(html.data(), 0, whole, maps);
  char rest[kBlock];
  const std::size_t length = html.size() % kBlock;
  std::fill_n(rest, kBlock, ' ');
  html.copy(rest, length, whole * kBlock);
  sweep(rest, whole, whole + 1, maps);
  // The end is found by every question.
  const std::uint64_t beyond = ~std::uint64_t{0} << length;
  less_[whole] |= beyond;
  quotes_[whole] |= beyond;
  name_ends_[whole] |= beyond;
  spaces_[whole] &= ~beyond;
  for (std::uint64_t* map : {less_, quotes_, name_ends_, spaces_}) map[whole + 1] = 0;
  has_special_ = maps.special;
  steps_ = 0;
}

std::size_t HtmlIndex::next_word(const std::uint64_t* map, std::size_t byte) {
  std::uint64_t bits = load(map, byte);
  while (bits == 0) {
    byte += sizeof bits;
    bits = load(map, byte);
    ++steps_;
  }
  return 8 * byte + static_cast<std::size_t>(std::countr_zero(bits));
}

}  // namespace waybill::package
