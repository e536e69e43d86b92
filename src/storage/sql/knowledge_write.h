#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "knowledge/model.h"
#include "storage/sql/query.h"
#include "storage/store.h"

namespace waybill::storage::sql {

/// Who writes a batch, and when.
struct Origin {
  const JobId& job;
  const Department& department;
  Time now;
};

/// The two numbers that grow by one within a transaction (the table `sequences`).
struct Sequences {
  std::int64_t id = 0, change = 0;
  bool operator==(const Sequences&) const = default;
};
Result<Sequences> load_sequences(Connection& writer);
Result<void> store_sequences(Connection& writer, const Sequences& before, const Sequences& after);

/// Applies changes in their order within the caller's transaction. An item that is there with the same
/// fingerprint is left alone; another content becomes a new revision, and the old one is kept. Nothing is
/// deleted. Returns the id of each item, in the same order. Errors: internal (an article's folder is not
/// there: the caller checks that first), and those of database_error; the caller then rolls back.
Result<std::vector<KnowledgeId>> write_changes(Connection& writer, const Origin& origin,
                                               std::span<const knowledge::Change> changes);

/// Keeps the checks of articles that stay as they are. Errors: those of database_error.
Result<void> write_checks(Connection& writer, const std::vector<Batch::BodyCheck>& checks);

}  // namespace waybill::storage::sql
