#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::storage::sql {

/// A word as it was typed, or what stood between quotes.
struct Phrase {
  std::string_view text;
  bool quoted = false;
};

/// What is looked for: at most 32 phrases of the first 1024 bytes. A zero byte separates words; between
/// quotes it is left in. The views are of `typed`.
std::vector<Phrase> phrases_of(std::string_view typed);

/// Whether the last word may be unfinished: "std::" asks for the word std, not for all that begin with it.
bool may_be_unfinished(const std::vector<Phrase>& phrases);

/// For comparing with a name: lower case (ASCII), trimmed, without the quotes around all of it.
std::string folded(std::string_view text);

/// What comes after all that begin with `name`, compared by bytes.
std::string beyond(std::string_view name);

/// A tier of names (exactly what was typed 0 … 3 the rest) is worth more than any rank within it, so that
/// scores fall down the list.
double score_of(std::int64_t tier, double rank);

}  // namespace waybill::storage::sql
