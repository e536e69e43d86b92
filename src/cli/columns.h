#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace waybill::cli {

/// How many columns of a terminal a text takes: characters of East Asian scripts and emoji take two,
/// combining ones none (Unicode Standard Annex 11, its wide and full-width ranges). `text` is UTF-8; what is
/// not counts a column a byte. Pure.
std::size_t columns_of(std::string_view text);

/// The beginning of a text that takes at most so many columns, cut between characters, with "…" at its end
/// where something was cut off; control characters are left out. Pure.
std::string cut_to_columns(std::string_view text, std::size_t columns);

/// The same with spaces up to that many columns.
std::string padded_to_columns(std::string_view text, std::size_t columns);

}  // namespace waybill::cli
