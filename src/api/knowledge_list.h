#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>
#include <vector>

#include "api/answers.h"
#include "api/knowledge_json.h"

namespace waybill::api {

/// One page of a list of the knowledge base: `read` asks for one row more than is wanted, which tells whether
/// there is a next page.
template <typename Row>
Outcome<http::Response> knowledge_page(
    const Services& services, const Call& call, std::string_view member, std::string_view parent_parameter,
    Result<std::vector<Row>> (knowledge::KnowledgeBase::*read)(const knowledge::ListFilter&),
    boost::json::object (*write)(const Row&)) {
  auto filter = read_list_filter(call, parent_parameter);
  if (!filter.ok()) return std::move(filter.error());
  const std::size_t limit = filter->limit++;
  const auto rows = (services.knowledge.*read)(*filter);
  if (!rows) return fault(services, call.request, rows.error());
  boost::json::array array;
  for (std::size_t i = 0; i < std::min(limit, rows->size()); ++i) array.push_back(write((*rows)[i]));
  boost::json::object body{{member, std::move(array)}};
  if (rows->size() > limit) body["next"] = to_string((*rows)[limit - 1].id);
  return json_answer(200, body);
}

}  // namespace waybill::api
