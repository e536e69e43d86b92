#pragma once

#include <string>
#include <string_view>

namespace waybill::storage::sqlite {

/// What a person typed, made into a valid expression of FTS5 whatever it holds: words apart by white space,
/// each a phrase of its own (so `std::vector` is "std" followed by "vector"), "…" kept together, all of them
/// needed. The last word may be the beginning of one, as it is still being typed. Operators of FTS5 are plain
/// words. Empty where there is no word.
std::string match_expression(std::string_view typed);

}  // namespace waybill::storage::sqlite
