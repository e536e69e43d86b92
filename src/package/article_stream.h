#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// A member of the top object that is not "articles": checked for syntax and passed over.
struct OtherMember {
  std::string name;
  Position position;  // of the name's opening quote
};

/// Cuts articles.json, of any size, into its articles with a few hundred KiB of memory. One thread.
/// Accepts {"articles": […]}, other members beside it being remarks of the caller's, and a bare array.
class ArticleStream {
 public:
  /// Errors: as FileTree::stream; limit_exceeded beyond Limits::json_file_bytes.
  static Result<std::unique_ptr<ArticleStream>> open(const FileTree& files, FileIndex file,
                                                     const Limits& limits, const Context& context);
  virtual ~ArticleStream() = default;
  /// The next article; nullopt at the end, or where the file's own structure is broken: then defect() says
  /// where. Articles are cut by their brackets and strings: whether one is a JSON object is for JsonReader to
  /// say. Errors: as ByteStream::next.
  virtual Result<std::optional<ArticleText>> next() = 0;
  /// What is wrong with the file outside its articles (json_syntax, json_encoding, articles_structure).
  virtual const std::optional<JsonDefect>& defect() const = 0;
  /// The members beside "articles", in the file's order, as far as they have been read: all at the end. At
  /// most kOtherMembers; a file with more has a defect.
  virtual const std::vector<OtherMember>& other_members() const = 0;
  static constexpr std::size_t kOtherMembers = 1'000;
  /// "/articles" or "": what stands before /{index} in pointers.
  virtual std::string_view pointer_prefix() const = 0;
};

}  // namespace waybill::package
