#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/gate.h"
#include "api/operation.h"
#include "knowledge/knowledge_base.h"

namespace boost::json {
class object;
}

namespace waybill::api {

// How things of the knowledge base look in answers. Members that are empty are left out.

boost::json::object folder_object(const knowledge::FolderRow& row);
boost::json::object article_object(const knowledge::ArticleRow& row);
/// What describes an article, without id, identity and revision.
boost::json::object article_members(const knowledge::Article& article);
boost::json::object topic_object(const knowledge::TopicRow& row);
boost::json::object portal_object(const knowledge::PortalRow& row);

/// "Child" of "Parent/Child".
std::string_view last_name(std::string_view path);

/// At most so many rows in one answer.
inline constexpr std::size_t kMaxRows = 500;

/// The filter of a list: `parent_parameter` (may be empty: none), `limit`, `after`, in the caller's
/// department.
Outcome<knowledge::ListFilter> read_list_filter(const Call& call, std::string_view parent_parameter);

/// The id that the first {…} of the path names; 404-100 where it is none.
Outcome<KnowledgeId> read_knowledge_id(const Call& call, std::string_view what);

/// GET /{name}: `list` answers it.
Operation reading(std::string_view id, const std::string& path,
                  Outcome<http::Response> (*handle)(const Services&, const Call&));

}  // namespace waybill::api
