#include "http/router.h"

#include <algorithm>

#include "base/text.h"

namespace waybill::http {

namespace {

/// Cuts "/a/b" into "a" and "/b".
std::string_view next_segment(std::string_view& rest) {
  rest.remove_prefix(1);
  const auto end = std::min(rest.find('/'), rest.size());
  const auto segment = rest.substr(0, end);
  rest.remove_prefix(end);
  return segment;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

void Router::add(Route route) {
  routes_.push_back(std::move(route));
  Node* node = &root_;
  for (std::string_view rest = routes_.back().path; !rest.empty();) {
    const auto segment = next_segment(rest);
    if (is_parameter(segment)) {
      if (!node->any) node->any = std::make_unique<Node>();
      node = node->any.get();
      continue;
    }
    auto& children = node->fixed;
    auto found = std::find_if(children.begin(), children.end(),
                              [&](const auto& child) { return child->segment == segment; });
    if (found == children.end()) {
      children.push_back(std::make_unique<Node>());
      children.back()->segment = segment;
      found = std::prev(children.end());
    }
    node = found->get();
  }
  node->routes.push_back(&routes_.back());
}

const Router::Node* Router::walk(const Node& node, std::string_view rest,
                                 std::vector<std::string_view>& values) {
  if (rest.empty()) return node.routes.empty() ? nullptr : &node;
  const auto segment = next_segment(rest);
  for (const auto& child : node.fixed) {
    if (child->segment != segment) continue;
    if (const Node* found = walk(*child, rest, values)) return found;
  }
  if (!node.any || segment.empty()) return nullptr;
  values.push_back(segment);
  if (const Node* found = walk(*node.any, rest, values)) return found;
  values.pop_back();
  return nullptr;
}

Router::Match Router::find(std::string_view method, std::string_view path,
                           std::vector<std::string>& values) const {
  std::vector<std::string_view> raw;
  const Node* node = walk(root_, path, raw);
  if (node == nullptr) return {};
  const Route* chosen = nullptr;
  for (const Route* route : node->routes) {
    if (route->method == method) chosen = route;
    if (route->method == "GET" && method == "HEAD" && chosen == nullptr) chosen = route;
  }
  Match match;
  match.route = chosen;
  if (match.route == nullptr) {
    for (const Route* route : node->routes) {
      match.allow += (match.allow.empty() ? "" : ", ") + route->method;
      if (route->method == "GET") match.allow += ", HEAD";
    }
    return match;
  }
  values.clear();
  for (const auto segment : raw) values.push_back(percent_decode(segment).value_or(std::string(segment)));
  return match;
}

}  // namespace waybill::http
