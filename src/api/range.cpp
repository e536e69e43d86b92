#include "api/range.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace waybill::api {

namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

RangeChoice choose_range(std::optional<std::string_view> header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header || !iequals(header->substr(0, kUnit.size()), kUnit)) return {};
  const auto spec = trim(header->substr(kUnit.size()));
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return {};
  const auto first = number(trim(spec.substr(0, dash)));
  const auto last_text = trim(spec.substr(dash + 1));
  const auto last = number(last_text);
  using Kind = RangeChoice::Kind;
  if (dash == 0) {
    if (!last) return {};
    const std::uint64_t length = std::min(*last, size);
    if (length == 0) return {Kind::unsatisfiable, {}};
    return {Kind::part, {size - length, length}};
  }
  if (!first || (!last && !last_text.empty()) || (last && *last < *first)) return {};
  if (*first >= size) return {Kind::unsatisfiable, {}};
  const std::uint64_t end = last ? std::min(*last, size - 1) : size - 1;
  return {Kind::part, {*first, end - *first + 1}};
}

}  // namespace waybill::api
