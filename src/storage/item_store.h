#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "knowledge/model.h"
#include "report/finding.h"

namespace waybill::storage {

/// What became of one item of a job, or would.
struct ItemRecord {
  std::int64_t number = 0;  // place in the job's fixed order, from 1
  report::ItemKind kind = report::ItemKind::folder;
  knowledge::Outcome outcome = knowledge::Outcome::refused;
  std::string path;               // as findings name it
  std::string language;           // articles, where it is known
  std::optional<KnowledgeId> id;  // where the knowledge base has it, or had
};

/// An article as a validation would have written it.
struct WouldBe {
  std::int64_t number = 0;
  std::string macro;
  knowledge::ArticleContent content;  // without links
};

/// One step of an undo. Applied in order; what it finds was looked up before (ItemStore::standing).
struct Reversal {
  enum class Action : std::uint8_t { remove, restore, recreate, leave };
  Action action = Action::remove;  // leave: nothing is to be done, an earlier undo has done it
  report::ItemKind kind = report::ItemKind::folder;
  KnowledgeId id;
  std::string path, language;  // recreate
  std::int64_t content = 0;    // restore, recreate: the version to bring back (Standing::before)
};

struct ItemFilter {
  std::optional<knowledge::Outcome> outcome;
  std::optional<report::ItemKind> kind;
  std::string text;                   // in the path; ASCII letters in either case
  std::optional<std::int64_t> after;  // number of the last one seen
  bool newest_first = false;
  std::size_t limit = 100;
};

struct OutcomeCount {
  report::ItemKind kind = report::ItemKind::folder;
  knowledge::Outcome outcome = knowledge::Outcome::refused;
  std::int64_t items = 0;
};

/// How an item stands that a job has written. What an undo has brought back counts as written by the job that
/// it was copied from as well, and what it has taken back does not count any longer.
struct Standing {
  /// Of what the job wrote: it is how the item is now; something newer lies above it; it was taken back.
  enum class Place : std::uint8_t { top, below, none };
  bool there = false;
  Place place = Place::none;
  std::optional<JobId> writer;  // where it is there: the job that first wrote what it is now
  bool used_by_others = false;  // a folder or topic that the job made: something in it is another job's
  // The kept version that it was before the job, or, where it is gone, before it went.
  std::optional<std::int64_t> before;
  std::string macro_before;  // articles: of that version
};

/// An article before a job and after it, without its links.
struct Versions {
  std::optional<knowledge::Article> before, after;
};

/// One content that an article has had.
struct Revision {
  std::int64_t revision = 0;
  JobId job;
  std::optional<Time> time;
  bool removed = false;
};

/// Reads what became of a job's items, and what they were. Written only with a batch (store.h). Any thread.
/// Errors: io, unavailable, corrupt.
class ItemStore {
 public:
  virtual ~ItemStore() = default;
  virtual Result<std::vector<ItemRecord>> list(const JobId& job, const ItemFilter& filter) = 0;
  /// Errors: not_found.
  virtual Result<ItemRecord> get(const JobId& job, std::int64_t number) = 0;
  virtual Result<std::vector<OutcomeCount>> counts(const JobId& job) = 0;

  /// How an item stands that `job` has a record of.
  virtual Result<Standing> standing(const Department& department, const ItemRecord& item,
                                    const JobId& job) = 0;
  /// What the knowledge base holds under the identity of an item that was removed.
  virtual Result<std::optional<KnowledgeId>> taken(const Department& department, const ItemRecord& item) = 0;
  /// Whether no article has this macro but `but`, and those that are as `job` has written them.
  virtual Result<bool> macro_is_free(const Department& department, std::string_view macro, KnowledgeId but,
                                     const JobId& job) = 0;

  /// Of a validation: as the article is now, and as it would be. Of other jobs: as it was, and as the job
  /// left it. Errors: not_found (not kept any longer).
  virtual Result<Versions> versions(const JobId& job, bool validation, const ItemRecord& item) = 0;
  /// Newest first. Errors: not_found.
  virtual Result<std::vector<Revision>> history(const Department& department, KnowledgeId article) = 0;
};

}  // namespace waybill::storage
