#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace waybill::package {

/// Where the bytes stand that the tokenizer looks for: a bit for each byte of the input and each kind, made
/// in one sweep over it (simdjson's first stage, for HTML). A question then costs a few instructions whatever
/// the distance, and no branch that depends on the text. One thread; reusable.
class HtmlIndex {
 public:
  /// How many bits of spaces() hold.
  static constexpr std::size_t kSpaces = 57;

  /// `html` is only looked at here.
  void build(std::string_view html);

  // The first such byte at or behind `from`, which is at most the input's length; the length where there is
  // none.
  std::size_t less(std::size_t from) { return next(less_, from); }           // <
  std::size_t quote(std::size_t from) { return next(quotes_, from); }        // "
  std::size_t name_end(std::size_t from) { return next(name_ends_, from); }  // white space / > =

  /// Bit i: the byte at `from` + i is white space to a reader (also the two of a no-break space). kSpaces of
  /// them.
  std::uint64_t spaces(std::size_t from) const { return load(spaces_, from / 8) >> from % 8; }

  /// Words that were passed over in search of an answer, since build().
  std::uint64_t steps() const { return steps_; }
  /// A carriage return or a NUL anywhere: neither text nor values can be taken as they stand.
  bool has_special() const { return has_special_; }

 private:
  static std::uint64_t load(const std::uint64_t* map, std::size_t byte) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, reinterpret_cast<const char*>(map) + byte, sizeof bits);
    return bits;
  }
  std::size_t next(const std::uint64_t* map, std::size_t from) {
    static_assert(std::endian::native == std::endian::little, "byte i of a map holds the bits of 8 i and on");
    std::size_t byte = from / 8;
    const std::uint64_t bits = load(map, byte) >> from % 8;
    if (bits != 0) [[likely]]
      return from + static_cast<std::size_t>(std::countr_zero(bits));
    return next_word(map, byte + sizeof bits);
  }
  std::size_t next_word(const std::uint64_t* map, std::size_t byte);

  std::unique_ptr<std::uint64_t[]> maps_;
  std::size_t room_ = 0;  // words of each map
  std::uint64_t* less_ = nullptr;
  std::uint64_t* quotes_ = nullptr;
  std::uint64_t* name_ends_ = nullptr;
  std::uint64_t* spaces_ = nullptr;
  std::uint64_t steps_ = 0;
  bool has_special_ = false;
};

}  // namespace waybill::package
