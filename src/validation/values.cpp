#include "validation/values.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"
#include "validation/checks.h"
#include "validation/members.h"

namespace waybill::validation {

namespace {

/// The code point at `i`, which moves past it. Only of valid UTF-8.
char32_t next_code_point(std::string_view text, std::size_t& i) {
  const auto lead = static_cast<unsigned char>(text[i++]);
  if (lead < 0x80) return lead;
  char32_t value = lead & (lead >= 0xF0 ? 0x07U : lead >= 0xE0 ? 0x0FU : 0x1FU);
  while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) {
    value = value << 6 | (static_cast<unsigned char>(text[i++]) & 0x3FU);
  }
  return value;
}

/// The property White_Space of Unicode 15 (PropList.txt).
bool is_white_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

std::string write_instead(std::string_view value) {
  return value.empty() ? std::string() : "Write " + quoted(value) + ".";
}

bool is_outside_macro(char32_t c) {
  constexpr std::string_view kRefused = "<>`,.?;&\"'!/+";
  return is_white_space(c) || (c < 0x80 && kRefused.find(static_cast<char>(c)) != std::string_view::npos);
}

}  // namespace

std::optional<Problem> macro_problem(std::string_view macro) {
  const auto refused_from = [&](std::size_t from) {
    std::size_t at = from;
    for (std::size_t i = from; i < macro.size(); at = i) {
      if (is_outside_macro(next_code_point(macro, i))) return at;
    }
    return std::string_view::npos;
  };
  const std::size_t first = refused_from(0);
  if (first != std::string_view::npos) {
    std::string fixed;
    for (std::size_t i = 0; i < macro.size();) {
      const std::size_t start = i;
      const bool refused = is_outside_macro(next_code_point(macro, i));
      fixed += refused ? std::string_view("_") : macro.substr(start, i - start);
    }
    std::size_t end = first;
    next_code_point(macro, end);
    return Problem{"The macro " + quoted(macro) + " has the character " +
                       quoted(macro.substr(first, end - first)) + " at place " +
                       std::to_string(utf8_length(macro.substr(0, first)) + 1) +
                       ", which a macro must not have.",
                   utf8_length(fixed) <= Limits::kMacro ? "For example: " + quoted(fixed) + "." : ""};
  }
  if (macro.size() > Limits::kMacro && utf8_length(macro) > Limits::kMacro) {
    return Problem{"The macro has " + std::to_string(utf8_length(macro)) + " characters, at most " +
                       std::to_string(Limits::kMacro) + " are allowed.",
                   {}};
  }
  return std::nullopt;
}

namespace {

/// What stands in a URL between "//" and the next '/', '?' or '#', without user and port; empty where it is
/// not well-formed (RFC 3986, 3.2, with any non-ASCII character taken as part of a name).
std::string_view host_of(std::string_view after_slashes) {
  std::string_view host = after_slashes.substr(0, after_slashes.find_first_of("/?#"));
  if (const auto at = host.find('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  if (host.find('@') != std::string_view::npos) return {};
  std::string_view port;
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    if (end == std::string_view::npos || end == 1) return {};
    if (host.substr(1, end - 1).find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos)
      return {};
    port = host.substr(end + 1);
    host = host.substr(0, end + 1);
  } else {
    const auto colon = host.find(':');
    port = colon == std::string_view::npos ? std::string_view() : host.substr(colon);
    host = host.substr(0, colon);
    if (host.find_first_of("[]") != std::string_view::npos) return {};
  }
  if (port.empty()) return host;
  const bool digits =
      port.front() == ':' && port.find_first_not_of("0123456789", 1) == std::string_view::npos;
  return digits ? host : std::string_view();
}

}  // namespace

std::optional<Problem> image_url_problem(std::string_view url) {
  if (url.size() > Limits::kImageUrl && utf8_length(url) > Limits::kImageUrl) {
    return Problem{"The image address has " + std::to_string(utf8_length(url)) + " characters, at most " +
                       std::to_string(Limits::kImageUrl) + " are allowed.",
                   {}};
  }
  const auto refused = std::find_if(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '<' || c == '>' || c == '"' ||
           c == '\\';
  });
  if (refused != url.end()) {
    return Problem{"The image address " + quoted(url) + " has the character " + quoted({&*refused, 1}) +
                       ", which a URL must not have.",
                   "Percent-encode it: \"" + percent_encode({&*refused, 1}) + "\"."};
  }
  const auto colon = url.find("://");
  const auto scheme = url.substr(0, colon == std::string_view::npos ? 0 : colon);
  if (!iequals(scheme, "http") && !iequals(scheme, "https")) {
    std::string advice;
    if (url.starts_with("//")) advice = write_instead("https:" + std::string(url));
    if (url.starts_with("www.")) advice = write_instead("https://" + std::string(url));
    return Problem{"The image address " + quoted(url) + " is not an http or https URL.", std::move(advice)};
  }
  if (host_of(url.substr(colon + 3)).empty()) {
    return Problem{"The image address " + quoted(url) + " has no host, or one that is not well-formed.", {}};
  }
  return std::nullopt;
}

std::optional<Problem> language_problem(std::string_view code) {
  const auto& known = languages();
  if (std::find(known.begin(), known.end(), code) != known.end()) return std::nullopt;
  if (language_of_older_spelling(code)) return std::nullopt;
  std::string advice = did_you_mean(code, known);
  if (advice.empty()) {
    advice = "Use one of:";
    for (const auto one : known) advice += " " + std::string(one);
    advice += ".";
  }
  return Problem{"The language " + quoted(code) + " is not known.", std::move(advice)};
}

namespace {

/// "0" stands for a digit, everything else for itself.
bool has_form(std::string_view text, std::string_view form) {
  return std::equal(text.begin(), text.end(), form.begin(), form.end(), [](char c, char expected) {
    return expected == '0' ? c >= '0' && c <= '9' : c == expected;
  });
}

constexpr std::string_view kSeconds = "0000-00-00T00:00:00Z";
constexpr std::string_view kMilliseconds = "0000-00-00T00:00:00.000Z";

/// The digits at a place of a text that has one of the forms.
int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int value = 0;
  for (const char c : text.substr(at, digits)) value = value * 10 + (c - '0');
  return value;
}

/// What is impossible about a date of the right form.
std::string impossible(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                     "May",       "June",     "July",     "August",
                                                     "September", "October",  "November", "December"};
  const int month = number_at(text, 5, 2);
  const int day = number_at(text, 8, 2);
  if (month < 1 || month > 12) return "there is no month " + std::string(text.substr(5, 2));
  const std::chrono::year_month_day date{std::chrono::year{number_at(text, 0, 4)},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) {
    std::string fault = "there is no " + std::to_string(day) + " ";
    fault += kMonths.at(static_cast<std::size_t>(month - 1));
    return fault + " " + std::string(text.substr(0, 4));
  }
  if (number_at(text, 11, 2) > 23) return "hours go from 00 to 23";
  if (number_at(text, 14, 2) > 59) return "minutes go from 00 to 59";
  return "seconds go from 00 to 59";
}

}  // namespace

std::optional<Time> strict_date(std::string_view text) {
  if (!has_form(text, kSeconds) && !has_form(text, kMilliseconds)) return std::nullopt;
  return parse_time(text);
}

Problem date_problem(std::string_view text) {
  if (has_form(text, kSeconds) || has_form(text, kMilliseconds)) {
    return {"The date " + quoted(text) + " does not exist: " + impossible(text) + ".", {}};
  }
  Problem problem{"Expected a date as YYYY-MM-DDThh:mm:ss.mmmZ, found " + quoted(text) + ".", {}};
  // Other forms of RFC 3339, a date alone, and a time without a zone can be put right.
  for (const std::string_view rest : {"", "T00:00:00Z", "Z"}) {
    std::string whole(text);
    if (whole.size() > 10 && whole[10] == ' ') whole[10] = 'T';
    const auto time = parse_time(whole.append(rest));
    if (!time) continue;
    problem.advice =
        (rest == "Z" ? "If it is meant in UTC, write \"" : "Write \"") + format_time(*time) + "\".";
    break;
  }
  return problem;
}

}  // namespace waybill::validation
