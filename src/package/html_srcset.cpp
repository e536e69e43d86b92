#include "package/html_srcset.h"

#include "package/html_tokenizer.h"

namespace waybill::package {

namespace {

/// Behind the comma that ends the descriptors; commas in parentheses do not.
std::size_t skip_descriptors(std::string_view value, std::size_t at) {
  bool in_parentheses = false;
  for (; at < value.size(); ++at) {
    const char c = value[at];
    if (c == '(') in_parentheses = true;
    if (c == ')') in_parentheses = false;
    if (c == ',' && !in_parentheses) return at + 1;
  }
  return at;
}

}  // namespace

std::vector<UrlRange> split_srcset(std::string_view value) {
  std::vector<UrlRange> urls;
  for (std::size_t at = 0;;) {
    while (at < value.size() && (is_html_space(value[at]) || value[at] == ',')) ++at;
    if (at == value.size()) return urls;
    const std::size_t begin = at;
    while (at < value.size() && !is_html_space(value[at])) ++at;
    std::size_t end = at;
    while (value[end - 1] == ',') --end;
    urls.push_back({begin, end});
    if (end == at) at = skip_descriptors(value, at);
  }
}

}  // namespace waybill::package
