#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "knowledge/model.h"

namespace waybill::storage::sql {

/// What an article has beyond its identity, macro, body, text and links, as one JSON object for
/// article_revisions.metadata; empty members are left out.
std::string article_metadata(const knowledge::Article& article);

/// Fills `article` from such an object. Errors: corrupt.
Result<void> read_article_metadata(std::string_view json, knowledge::Article& article);

/// [["b.html","Folder","Name","en-US"], …], for article_revisions.packed_links.
std::string article_links(const std::vector<knowledge::ArticleLink>& links);
/// Errors: corrupt.
Result<std::vector<knowledge::ArticleLink>> read_article_links(std::string_view json);
/// Of metadata that was written before links were kept apart. Errors: corrupt.
Result<std::vector<knowledge::ArticleLink>> links_in_metadata(std::string_view json);

/// What the search index has of such an object beside name and text: keywords, summary and description, a
/// line each. Reads only these, since links may be many. Errors: corrupt.
Result<std::string> article_search_words(std::string_view json);

/// ["a","b"]
std::string text_list(const std::vector<std::string>& texts);
/// Errors: corrupt.
Result<std::vector<std::string>> read_text_list(std::string_view json);

/// "Folder/Sub/Name" → {"Folder/Sub", "Name"}; an article's name has no '/'. No '/' at all: the folder is
/// empty.
std::pair<std::string_view, std::string_view> split_path(std::string_view path);

/// Article paths as [["Folder/Sub","Name"], …], so that SQL finds folder and name apart.
std::string article_path_list(const std::vector<std::string>& paths);
/// Errors: corrupt.
Result<std::vector<std::string>> read_article_path_list(std::string_view json);

}  // namespace waybill::storage::sql
