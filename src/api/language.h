#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::api {

/// The languages that answers can be asked for in (contract, section 1), the first being the default.
const std::vector<std::string_view>& answer_languages();

/// How a header of preferences was understood.
enum class Negotiation { chosen, none_fits, malformed };
struct Chosen {
  Negotiation result = Negotiation::chosen;
  std::string_view value = {};  // of the candidates
};

/// The best of answer_languages() for an Accept-Language (RFC 9110, 12.5.4): by q-value, then by order; "*",
/// and a bare language ("fr") matches its first region. Absent or empty: the default.
Chosen choose_language(std::optional<std::string_view> accept_language);

/// The best of `offered` (best first) for an Accept (RFC 9110, 12.5.1). Absent or empty: the first.
Chosen choose_media_type(std::optional<std::string_view> accept,
                         const std::vector<std::string_view>& offered);

}  // namespace waybill::api
