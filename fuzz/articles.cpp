#include "package/article_stream.h"

#include <string>

#include "base/time.h"
#include "targets.h"
#include "validation/checks.h"

namespace waybill::fuzz {

namespace {

/// A package of one file.
class OneFile final : public package::FileTree {
 public:
  explicit OneFile(std::string_view bytes) : bytes_(bytes) {}
  std::size_t count() const override { return 1; }
  std::string_view path(package::FileIndex) const override { return "articles.json"; }
  std::uint64_t size(package::FileIndex) const override { return bytes_.size(); }
  std::optional<package::FileIndex> find(std::string_view) const override { return 0; }
  Result<void> read(package::FileIndex, std::uint64_t, std::string& into, const Context&) const override {
    into = bytes_;
    return {};
  }
  Result<std::unique_ptr<package::ByteStream>> stream(package::FileIndex, const Context&) const override {
    return std::unique_ptr<package::ByteStream>(new Pieces(bytes_));
  }
  std::string version() const override { return "1"; }

 private:
  class Pieces final : public package::ByteStream {
   public:
    explicit Pieces(std::string_view bytes) : left_(bytes) {}
    Result<bool> next(std::string& into) override {
      constexpr std::size_t kPiece = 61;  // so that pieces end anywhere
      into += left_.substr(0, kPiece);
      left_.remove_prefix(std::min(kPiece, left_.size()));
      return !left_.empty();
    }

   private:
    std::string_view left_;
  };

  std::string_view bytes_;
};

}  // namespace

void articles(std::string_view bytes) {
  const OneFile files(bytes);
  package::Limits limits;
  limits.article_json_bytes = 4'096;
  const Context context(system_clock());
  const auto stream = package::ArticleStream::open(files, 0, limits, context);
  if (!stream) return;
  package::JsonReader reader;
  for (;;) {
    auto article = (*stream)->next();
    if (!article || !*article) return;
    const std::string pointer = std::string((*stream)->pointer_prefix()) + "/0";
    const auto outcome = reader.read(std::move((*article)->text), (*article)->start, limits.json_depth);
    if (outcome.document) {
      (void)validation::check_article(*outcome.document, "articles.json", pointer, "en-US");
    } else {
      (void)validation::defective_article(outcome.defect, "articles.json", pointer);
    }
  }
}

}  // namespace waybill::fuzz
