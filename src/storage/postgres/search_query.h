#pragma once

#include <string>
#include <string_view>

namespace waybill::storage::postgres {

/// What a person typed as texts for to_tsquery, valid whatever it holds: words apart by white space, each a
/// phrase of its own (so `std::vector` is "std" followed by "vector"), "…" kept together, all of them needed.
/// The last word may be the beginning of one, as it is still being typed.
struct AskedWords {
  std::string head;         // all but a last word that may be unfinished
  std::string last_phrase;  // that word, or the phrase that it ends; empty: there is none
  std::string last_word;    // that word alone, to be looked for as it stands; empty: it ends a phrase
  bool empty() const { return head.empty() && last_phrase.empty(); }
};
AskedWords asked_words(std::string_view typed);

/// A snippet of `text` of about 32 words with the first word that was found near its beginning. `marked` is
/// the same text, code point for code point, with U+E000 and U+E001 around what was found, and perhaps
/// another letter in place of each. Cut ends have "…".
std::string snippet(std::string_view text, std::string_view marked);

}  // namespace waybill::storage::postgres
