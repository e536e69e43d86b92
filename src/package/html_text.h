#pragma once

#include <string>
#include <string_view>

namespace waybill::package {

/// Puts text together as a reader sees it: white space (also no-break spaces) collapsed to one space, none at
/// the ends, a newline between blocks.
class HtmlText {
 public:
  explicit HtmlText(std::string& out) : out_(out) {}
  void add(std::string_view text);
  void separate(char by);  // ' ' or '\n', which is the stronger

 private:
  std::string& out_;
  char pending_ = '\0';
};

}  // namespace waybill::package
