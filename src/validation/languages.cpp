#include <algorithm>
#include <array>
#include <utility>

#include "validation/checks.h"

namespace waybill::validation {

namespace {

constexpr auto kOlderSpellings = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"da-DA", "da-DK"},
    {"ja-JA", "ja-JP"},
    {"ko-KO", "ko-KR"},
    {"no-NB", "nb-NO"},
    {"no-NN", "nn-NO"},
    {"el-EL", "el-GR"},
    {"cs-CS", "cs-CZ"},
    {"sr-SR", "sr-RS"},
});

}  // namespace

const std::vector<std::string_view>& languages() {
  static const std::vector<std::string_view> codes{
      "en-US", "fr-FR", "en-GB", "es-ES", "it-IT", "nl-NL", "da-DK", "sv-SE", "pt-PT", "fi-FI",
      "nb-NO", "nn-NO", "ja-JP", "de-DE", "pt-BR", "zh-CN", "zh-TW", "ko-KR", "ru-RU", "el-GR",
      "tr-TR", "pl-PL", "cs-CZ", "sk-SK", "hu-HU", "sr-RS", "ar-SA", "hr-HR", "ro-RO", "th-TH"};
  return codes;
}

std::optional<std::string_view> language_of_older_spelling(std::string_view code) {
  const auto* const at = std::find_if(kOlderSpellings.begin(), kOlderSpellings.end(),
                                      [&](const auto& row) { return row.first == code; });
  if (at == kOlderSpellings.end()) return std::nullopt;
  return at->second;
}

}  // namespace waybill::validation
