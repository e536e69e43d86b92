#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "package/file_tree.h"
#include "package/json.h"

namespace waybill::package {

/// Finds where one JSON value ends in text that comes in pieces, by strings, escapes and brackets alone.
class JsonValueEnd {
 public:
  enum class Step { more, ended, mismatch };

  /// Up to `checked_depth` levels a bracket must be closed by its own kind; below that they are only counted.
  explicit JsonValueEnd(std::size_t checked_depth) : checked_depth_(checked_depth) {}
  void begin(char first);
  /// Takes in the next bytes of the value; `used` is how many of them belong to it (with mismatch: also the
  /// wrong bracket).
  Step feed(std::string_view bytes, std::size_t& used);
  /// At the end of the file: only a number or a word can end there.
  bool may_end() const { return kind_ == Kind::scalar; }

 private:
  enum class Kind { scalar, string, brackets };
  Step feed_scalar(std::string_view bytes, std::size_t& used) const;
  bool skip_string(std::string_view bytes, std::size_t& at);
  Step bracket(char c);

  std::size_t checked_depth_;
  Kind kind_ = Kind::scalar;
  bool in_string_ = false;
  bool escaped_ = false;
  std::string open_;          // the closing brackets that are due, at most checked_depth_
  std::uint64_t deeper_ = 0;  // levels beyond
};

/// Reads JSON in pieces and cuts values out of it, knowing line and column. Memory: a piece of the stream and
/// the text that is kept of one value. One thread.
class JsonScanner {
 public:
  struct Cut {
    std::string text;
    Position start;
    bool too_large = false;  // text holds only the first `keep_bytes`, or a few less
    bool broken = false;     // a bracket of the wrong kind or the end of the file came first
  };

  JsonScanner(std::unique_ptr<ByteStream> stream, std::uint64_t keep_bytes, int max_depth);

  /// Only at the very start of the file.
  Result<void> skip_byte_order_mark();
  /// To the next character that is not white space; '\0' at the end of the file.
  Result<char> peek();
  /// Over the character that peek() returned.
  void take() { ++at_; }
  bool at_end() const { return ended_ && at_ >= buffer_.size(); }
  Position position();
  /// The value that begins at the character which peek() returned; not for one of , : ] }.
  Result<Cut> cut();
  /// The next few bytes, for messages.
  Result<std::string_view> ahead();

 private:
  Result<bool> fill();  // false at the end of the file

  std::unique_ptr<ByteStream> stream_;
  std::uint64_t keep_bytes_;
  JsonValueEnd end_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t marked_ = 0;  // position_ is of this byte of buffer_
  Position position_;
  bool ended_ = false;
};

}  // namespace waybill::package
