#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "storage/sql/query.h"

namespace waybill::storage::postgres {

/// The stems of words, as PostgreSQL's dictionaries say them: asked once for each word and kept, since an
/// article has few words that no article before it had. Any thread.
class WordForms {
 public:
  /// The stem of each word in the forms of a text search configuration; the word itself where it has none, or
  /// a longer one (which might not fit into a tsvector). `config` is the name that PostgreSQL gives it.
  Result<std::vector<std::string>> of(sql::Connection& connection, const std::string& config,
                                      const std::vector<std::string_view>& words);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Stems = std::unordered_map<std::string, std::string, Hash, std::equal_to<>>;

  /// Asks for those words. Empty: the configuration knows no word.
  static Result<Stems> ask(sql::Connection& connection, const std::string& config,
                           const std::vector<std::string_view>& words);

  std::mutex mutex_;
  std::unordered_map<std::string, Stems> known_;  // by configuration
};

}  // namespace waybill::storage::postgres
