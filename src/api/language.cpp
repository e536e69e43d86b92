#include "api/language.h"

#include <algorithm>

#include "base/text.h"

namespace waybill::api {

namespace {

struct Range {
  std::string_view name;
  int quality = 1000;  // thousandths
};

/// "1", "0.5", "0.125" (RFC 9110, 12.4.2) in thousandths.
std::optional<int> parse_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int value = (text[0] - '0') * 1000;
  if (text.size() == 1) return value;
  if (text[1] != '.') return std::nullopt;
  int unit = 100;
  for (const char c : text.substr(2)) {
    if (c < '0' || c > '9') return std::nullopt;
    value += (c - '0') * unit;
    unit /= 10;
  }
  return value <= 1000 ? std::optional(value) : std::nullopt;
}

/// The members of a list with their q-values; other parameters stay out of account. nullopt: malformed.
std::optional<std::vector<Range>> parse_ranges(std::string_view header) {
  std::vector<Range> ranges;
  for (const auto element : split(header, ',')) {
    if (trim(element).empty()) continue;  // RFC 9110, 5.6.1.2: empty elements are ignored
    const auto parts = split(element, ';');
    Range range{trim(parts[0])};
    if (range.name.empty()) return std::nullopt;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const auto part = trim(parts[i]);
      const auto equals = part.find('=');
      if (equals == std::string_view::npos) return std::nullopt;
      if (!iequals(trim(part.substr(0, equals)), "q")) continue;
      const auto quality = parse_quality(trim(part.substr(equals + 1)));
      if (!quality) return std::nullopt;
      range.quality = *quality;
    }
    ranges.push_back(range);
  }
  return ranges;
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// RFC 4647, 2.1: subtags of one to eight letters or digits, or "*".
bool is_language_range(std::string_view text) {
  if (text == "*") return true;
  const auto parts = split(text, '-');
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return !part.empty() && part.size() <= 8 &&
           (part == "*" || std::all_of(part.begin(), part.end(), is_alphanumeric));
  });
}

bool is_media_range(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() != 2) return false;
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    static constexpr std::string_view kToken = "!#$%&'*+-.^_`|~";
    return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
      return is_alphanumeric(c) || kToken.find(c) != std::string_view::npos;
    });
  });
}

/// How exactly a range names a candidate: 0 not at all, 1 by "*", 2 by its first half, 3 whole.
int closeness(std::string_view range, std::string_view candidate, char separator) {
  if (range == "*" || range == "*/*") return 1;
  if (iequals(range, candidate)) return 3;
  const auto half = candidate.substr(0, candidate.find(separator));
  const std::string wild = std::string(half) + "/*";
  return iequals(range, separator == '/' ? std::string_view(wild) : half) ? 2 : 0;
}

Chosen choose(const std::vector<Range>& ranges, const std::vector<std::string_view>& candidates,
              char separator) {
  Chosen best{Negotiation::none_fits};
  int best_quality = 0;
  std::size_t best_place = 0;  // among ranges: of equal q-values the first named wins
  for (const auto candidate : candidates) {
    int close = 0;
    int quality = 0;
    std::size_t place = 0;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const int here = closeness(ranges[i].name, candidate, separator);
      if (here <= close) continue;
      close = here;
      quality = ranges[i].quality;
      place = i;
    }
    if (quality > best_quality || (quality > 0 && quality == best_quality && place < best_place)) {
      best = {Negotiation::chosen, candidate};
      best_quality = quality;
      best_place = place;
    }
  }
  return best;
}

}  // namespace

const std::vector<std::string_view>& answer_languages() {
  static const std::vector<std::string_view> languages{"en-US", "es-ES", "fr-FR", "it-IT", "de-DE",
                                                       "nl-NL", "pt-BR", "pt-PT", "da-DK", "ru-RU",
                                                       "fr-CA", "zh-CN", "ja-JP", "ko-KR", "sv-SE"};
  return languages;
}

Chosen choose_language(std::optional<std::string_view> accept_language) {
  if (!accept_language) return {Negotiation::chosen, answer_languages().front()};
  const auto ranges = parse_ranges(*accept_language);
  if (!ranges) return {Negotiation::malformed};
  if (ranges->empty()) return {Negotiation::chosen, answer_languages().front()};
  for (const auto& range : *ranges) {
    if (!is_language_range(range.name)) return {Negotiation::malformed};
  }
  return choose(*ranges, answer_languages(), '-');
}

Chosen choose_media_type(std::optional<std::string_view> accept,
                         const std::vector<std::string_view>& offered) {
  if (!accept) return {Negotiation::chosen, offered.front()};
  const auto ranges = parse_ranges(*accept);
  if (!ranges) return {Negotiation::malformed};
  if (ranges->empty()) return {Negotiation::chosen, offered.front()};
  for (const auto& range : *ranges) {
    if (!is_media_range(range.name)) return {Negotiation::malformed};
  }
  return choose(*ranges, offered, '/');
}

}  // namespace waybill::api
