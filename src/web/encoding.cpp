#include "web/encoding.h"

#include <cstdlib>
#include <optional>
#include <string>

#include "base/text.h"

namespace waybill::web {

namespace {

/// The q-value of "gzip;q=0.5"; 1 where none is given, 0 where it cannot be read.
double quality_of(std::string_view parameters) {
  for (const auto part : split(parameters, ';')) {
    const auto text = trim(part);
    if (text.size() < 3 || !iequals(text.substr(0, 2), "q=")) continue;
    const std::string number(text.substr(2));
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    return end == number.c_str() || value < 0 || value > 1 ? 0 : value;
  }
  return 1;
}

/// The weight of a coding in the header; nullopt where the header says nothing of it.
std::optional<double> weight(std::string_view header, std::string_view coding) {
  std::optional<double> any;
  for (const auto part : split(header, ',')) {
    const auto element = trim(part);
    const auto end = std::min(element.find(';'), element.size());
    const auto name = trim(element.substr(0, end));
    const auto rest = element.substr(end);
    if (iequals(name, coding)) return quality_of(rest);
    if (name == "*") any = quality_of(rest);
  }
  return any;
}

}  // namespace

Encoding choose_encoding(std::string_view accept_encoding, bool has_gzip, bool has_brotli) {
  const double brotli = has_brotli ? weight(accept_encoding, "br").value_or(0) : 0;
  const double gzip = has_gzip ? weight(accept_encoding, "gzip").value_or(0) : 0;
  if (brotli > 0 && brotli >= gzip) return Encoding::brotli;
  return gzip > 0 ? Encoding::gzip : Encoding::identity;
}

std::string_view to_string(Encoding encoding) {
  switch (encoding) {
    case Encoding::identity:
      return "";
    case Encoding::gzip:
      return "gzip";
    case Encoding::brotli:
      return "br";
  }
  return "";
}

}  // namespace waybill::web
