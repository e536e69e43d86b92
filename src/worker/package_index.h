#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "knowledge/model.h"
#include "validation/checks.h"

namespace waybill::worker {

/// SipHash of 128 bits under a key that only this process knows: nobody makes two names with the same one.
using NameKey = std::array<std::uint64_t, 2>;
NameKey name_key(std::string_view a, std::string_view b = {}, std::string_view c = {});

/// The names of a package, in about 100 bytes an article: who is in it, twice or once, and whose a content
/// file is. Filled by one thread, then finish(); after that read by any.
class PackageIndex {
 public:
  void add_folder(std::string path);
  void add_topic(std::string path);
  /// In the order of the file: the first has number 0. One that is not acceptable counts for duplicates, and
  /// is nothing that a topic can refer to.
  void add_article(const knowledge::Article& article, bool acceptable);
  /// An article of which nothing is known.
  void add_unknown_article() { ++articles_; }
  void finish();

  bool has_folder(std::string_view path) const;
  bool has_topic(std::string_view path) const;
  bool has_article(std::string_view path) const;
  /// Names directly below a folder; empty: the top.
  std::vector<std::string> folder_names(std::string_view parent, std::size_t at_most) const;
  std::optional<validation::Known::Identity> article_of_content(std::string_view path) const;
  /// The same for two packages: then article_of_content() gives the same answers.
  const Sha256& contents_digest() const { return contents_digest_; }

  /// The earlier article with this identity, or with this macro and another identity.
  std::optional<std::uint32_t> duplicate_of(std::uint32_t article) const;
  std::optional<std::uint32_t> macro_taken_by(std::uint32_t article) const;
  /// True where no earlier article has this type: it is the one that makes it.
  bool first_of_type(std::string_view type_name, std::uint32_t article) const;

 private:
  using Entry = std::pair<NameKey, std::uint32_t>;
  using Pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // later → earlier, sorted
  struct MacroEntry {
    NameKey macro;
    std::uint32_t article;
    NameKey identity;
  };
  struct Name {  // of an article that has a content file
    std::uint32_t folder = 0;
    std::uint32_t language = 0;
    std::uint32_t begin = 0;  // in names_
    std::uint32_t size = 0;
  };
  class Texts {  // equal texts once
   public:
    std::uint32_t number(const std::string& text);
    const std::string& text(std::uint32_t number) const { return *texts_[number]; }

   private:
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::vector<const std::string*> texts_;  // keys of numbers_, which do not move
  };

  void find_duplicates();
  void find_macro_duplicates();

  std::vector<std::string> folders_, topics_;  // sorted by finish()
  std::uint32_t articles_ = 0;
  std::vector<NameKey> paths_;
  std::vector<std::pair<NameKey, Name>> contents_;
  Sha256Stream contents_hash_;  // until finish()
  Sha256 contents_digest_{};
  Texts article_folders_, languages_;
  std::string names_;
  std::unordered_map<std::string, std::uint32_t> types_;  // → first article
  std::vector<Entry> identities_;                         // until finish()
  std::vector<MacroEntry> macros_;                        // until finish()
  Pairs duplicates_, macro_duplicates_;
};

}  // namespace waybill::worker
