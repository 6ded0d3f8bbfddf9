// SPDX-License-Identifier: PostgreSQL
// Partitioned tables are filled leaf by leaf.
#pragma once

#include <cstdint>

#include "lifecycle/store.h"

namespace pgmigrate::worker {

/// Replaces the row of a partitioned table by one per leaf. Nobody noted the leaves' files when the migration started,
/// so they count as rewritten: a row that stores all attributes is looked at too.
void ReplaceByLeaves(Database &database, std::int64_t migration_id, const FillRecord &parent);

/// Adds the leaves that were attached since, to be filled as well; returns how many.
std::int64_t AddNewLeaves(Database &database, std::int64_t migration_id);

/// Leaves that were dropped or detached meanwhile are no work any more.
void ForgetGoneLeaves(Database &database, std::int64_t migration_id);

}  // namespace pgmigrate::worker
