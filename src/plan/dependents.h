// SPDX-License-Identifier: PostgreSQL
// What stands in the way of dropping a column or table at completion. Used inside src/plan only.
#pragma once

#include <string>
#include <vector>

#include "plan/carried.h"
#include "plan/context.h"

namespace pgmigrate {

/// Throws 2BP01 if a generated column that stays is computed from a column that completion drops.
void RequireNoGeneratedColumns(const PlannedTable &table, const std::vector<std::string> &obsolete,
                               PlanContext &context);

/// What completion does to columns and tables that are in the catalog, as far as the caller may do it.
ColumnChanges ColumnChangesOf(const PlanContext &context);

/// What a trial at start does before it makes the dependents anew: drops them, and gives the replaced columns' names to
/// columns of the new types.
std::vector<std::string> StageOfTrial(const std::vector<Dependent> &dependents, PlanContext &context);

/// Foreign keys that this very migration adds must find what they refer to after completion too. Throws 2BP01.
void RequireReferencesKept(PlanContext &context);

}  // namespace pgmigrate
