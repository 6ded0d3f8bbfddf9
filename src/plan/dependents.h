// SPDX-License-Identifier: PostgreSQL
// What stands in the way of dropping a column or table at completion. Used inside src/plan only.
#pragma once

#include <string>
#include <vector>

#include "plan/context.h"

namespace pgmigrate {

/// Throws 2BP01, with the list, if something that planning cannot carry over depends on the columns that completion
/// drops.
void RequireNothingDependsOn(const PlannedTable &table, const std::vector<std::string> &obsolete, PlanContext &context);

/// The same for a table that completion drops.
void RequireNothingDependsOn(const CatalogTable &dropped, PlanContext &context);

/// Foreign keys that this very migration adds must find what they refer to after completion too. Throws 2BP01.
void RequireReferencesKept(PlanContext &context);

/// CREATE INDEX CONCURRENTLY cannot be run on a partitioned table. Throws 0A000.
void RequireNoIndexOnPartitioned(const CatalogTable &table, const std::string &name, const Plan &plan);

}  // namespace pgmigrate
