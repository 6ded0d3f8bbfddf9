// SPDX-License-Identifier: PostgreSQL
// Partitioned tables are filled leaf by leaf.
#pragma once

#include <cstdint>

#include "lifecycle/store.h"

namespace pgmigrate::worker {

/// Adds the leaves that were attached since, to be filled as well; returns how many. They count as rewritten: a row
/// that was in them before stores all attributes, perhaps, and is looked at nevertheless.
std::int64_t AddNewLeaves(Database &database, std::int64_t migration_id);

/// Leaves that were dropped or detached meanwhile are no work any more.
void ForgetGoneLeaves(Database &database, std::int64_t migration_id);

}  // namespace pgmigrate::worker
