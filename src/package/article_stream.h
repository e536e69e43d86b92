#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/cancel.h"
#include "base/result.h"
#include "package/file_tree.h"
#include "package/json.h"

namespace waybill::package {

/// One element of articles.json as it stands there: the bytes between the commas, not parsed yet.
struct ArticleText {
  std::uint64_t index = 0;  // in the array, from 0: the JSON pointer is /articles/{index}
  std::string text;
  Position start;
  bool too_large = false;  // longer than Limits::article_json_bytes: text holds its beginning only
};

/// Cuts articles.json, of any size, into its articles with a few hundred KiB of memory. One thread.
/// Accepts {"articles": […]}, other members beside it being remarks of the caller's, and a bare array.
class ArticleStream {
 public:
  /// Errors: as FileTree::stream.
  static Result<std::unique_ptr<ArticleStream>> open(const FileTree& files, FileIndex file,
                                                     const Limits& limits, const Context& context);
  virtual ~ArticleStream() = default;
  /// The next article; nullopt at the end, or where the file's own structure is broken: then defect() says
  /// where.
  virtual Result<std::optional<ArticleText>> next() = 0;
  /// What is wrong with the file outside its articles (json_syntax, json_encoding, articles_structure).
  virtual const std::optional<JsonDefect>& defect() const = 0;
  /// "/articles" or "": what stands before /{index} in pointers.
  virtual std::string_view pointer_prefix() const = 0;
};

}  // namespace waybill::package
