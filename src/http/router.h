#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.h"

namespace waybill::http {

/// Finds the route of a path, a segment at a time; a fixed segment goes before "{name}". Filled before the
/// server starts, then read by any thread.
class Router {
 public:
  struct Match {
    const Route* route = nullptr;  // null: no route for the method, or for the path
    std::string allow;             // where the path has routes of other methods: "GET, HEAD"
  };

  void add(Route route);
  /// `path` has single slashes and good percent-encoding. `values` gets the decoded values of a match. HEAD
  /// finds a GET route where it has none of its own.
  Match find(std::string_view method, std::string_view path, std::vector<std::string>& values) const;
  const std::deque<Route>& routes() const { return routes_; }

 private:
  struct Node {
    std::string segment;
    std::vector<std::unique_ptr<Node>> fixed;
    std::unique_ptr<Node> any;
    std::vector<const Route*> routes;  // one a method
  };

  static const Node* walk(const Node& node, std::string_view rest, std::vector<std::string_view>& values);

  std::deque<Route> routes_;  // a deque: nodes point into it
  Node root_;
};

}  // namespace waybill::http
