#include "storage/sqlite/search_query.h"

#include "storage/sql/search_words.h"

namespace waybill::storage::sqlite {

std::string match_expression(std::string_view typed) {
  const std::vector<sql::Phrase> phrases = sql::phrases_of(typed);
  std::string expression;
  for (const sql::Phrase& phrase : phrases) {
    if (!expression.empty()) expression += ' ';
    expression += '"';
    // No quote is left in a phrase; a zero byte can be, between quotes.
    for (const char c : phrase.text) expression += c == '\0' ? ' ' : c;
    expression += '"';
  }
  if (sql::may_be_unfinished(phrases)) expression += '*';
  return expression;
}

}  // namespace waybill::storage::sqlite
