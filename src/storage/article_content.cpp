#include "storage/article_content.h"

#include <utility>

#include "storage/packed.h"
#include "storage/sql/article_json.h"

namespace waybill::storage {

knowledge::ArticleContent content_of(const knowledge::Article& article, knowledge::Packed body) {
  knowledge::ArticleContent content{sql::article_metadata(article), {}, std::move(body)};
  if (!article.links.empty()) content.links = pack(sql::article_links(article.links));
  return content;
}

}  // namespace waybill::storage
