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

/// An article as a validation would have written it; its body is packed (packed.h), and left out of
/// `article`.
struct WouldBe {
  std::int64_t number = 0;
  knowledge::Article article;
  std::string packed_body;
  std::uint64_t body_bytes = 0;
};

/// One step of an undo. Applied in order; what it finds was looked up before (ItemStore::standing).
struct Reversal {
  enum class Action : std::uint8_t { remove, restore, recreate };
  Action action = Action::remove;
  report::ItemKind kind = report::ItemKind::folder;
  KnowledgeId id;
  std::string path, language;  // recreate
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

/// How an item stands that a job has written.
struct Standing {
  bool there = false;
  std::optional<JobId> last_writer;  // where it is there
  bool used_by_others = false;       // folder, topic: something below it was written by another job
  bool has_previous = false;         // a revision before the last writer's is kept
  std::string previous_macro;        // articles: of the kept one
};

/// An article before a job and after it.
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

  virtual Result<Standing> standing(const Department& department, const ItemRecord& item) = 0;
  /// What the knowledge base holds under the identity of an item that was removed.
  virtual Result<std::optional<KnowledgeId>> taken(const Department& department, const ItemRecord& item) = 0;
  /// The job that last wrote an article that has this macro; nullopt where none but `but` has it.
  virtual Result<std::optional<JobId>> macro_holder(const Department& department, std::string_view macro,
                                                    KnowledgeId but) = 0;

  /// Of a validation: as the article is now, and as it would be. Of other jobs: as it was, and as the job
  /// left it. Errors: not_found (not kept any longer).
  virtual Result<Versions> versions(const JobId& job, bool validation, const ItemRecord& item) = 0;
  /// Newest first. Errors: not_found.
  virtual Result<std::vector<Revision>> history(const Department& department, KnowledgeId article) = 0;
};

}  // namespace waybill::storage
