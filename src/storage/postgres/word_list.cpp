#include "storage/postgres/word_list.h"

namespace waybill::storage::postgres {

WordList::Number WordList::number_of(std::string_view word) {
  const auto found = numbers_.find(word);
  if (found != numbers_.end()) return found->second;
  const auto number = static_cast<Number>(words_.size());
  words_.emplace_back(kept_.emplace_back(word));
  numbers_.emplace(words_.back(), number);
  return number;
}

}  // namespace waybill::storage::postgres
