#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "package/file_tree.h"

namespace waybill::package {

/// A package that is a single file in memory: for tests, fuzzing and measurements. `bytes` outlives it; a
/// stream brings them `piece` at a time.
class OneFile final : public FileTree {
 public:
  static constexpr std::size_t kPiece = 256U << 10;

  OneFile(std::string path, std::string_view bytes, std::size_t piece = kPiece)
      : path_(std::move(path)), bytes_(bytes), piece_(piece) {}

  std::size_t count() const override { return 1; }
  std::string_view path(FileIndex /*file*/) const override { return path_; }
  std::uint64_t size(FileIndex /*file*/) const override { return bytes_.size(); }
  std::optional<FileIndex> find(std::string_view path) const override {
    return path == path_ ? std::optional<FileIndex>(0) : std::nullopt;
  }
  Result<void> read(FileIndex /*file*/, std::uint64_t /*max_bytes*/, std::string& into,
                    const Context& /*context*/) const override {
    into = bytes_;
    return {};
  }
  Result<std::unique_ptr<ByteStream>> stream(FileIndex /*file*/, const Context& /*context*/) const override {
    return std::unique_ptr<ByteStream>(std::make_unique<Pieces>(bytes_, piece_));
  }
  std::string version() const override { return "1"; }

 private:
  class Pieces final : public ByteStream {
   public:
    Pieces(std::string_view bytes, std::size_t piece) : left_(bytes), piece_(piece) {}
    Result<bool> next(std::string& into) override {
      into.append(left_.substr(0, piece_));
      left_.remove_prefix(std::min(piece_, left_.size()));
      return !left_.empty();
    }

   private:
    std::string_view left_;
    const std::size_t piece_;
  };

  const std::string path_;
  const std::string_view bytes_;
  const std::size_t piece_;
};

}  // namespace waybill::package
