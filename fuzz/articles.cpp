#include "package/article_stream.h"

#include <string>

#include "base/time.h"
#include "package/one_file.h"
#include "targets.h"
#include "validation/checks.h"

namespace waybill::fuzz {

void articles(std::string_view bytes) {
  constexpr std::size_t kPiece = 61;  // so that pieces end anywhere
  const package::OneFile files("articles.json", bytes, kPiece);
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
