// SPDX-License-Identifier: PostgreSQL
// Reads what the rules of migrate_check look at. Used inside src/api only.
#pragma once

#include <vector>

#include "api/session.h"
#include "lifecycle/finding.h"

namespace pgmigrate::api {

/// Findings about a planned migration, or about the whole schema when `plan` is null. Changes and locks nothing.
std::vector<Finding> FindObstacles(Session &session, const CatalogSchema &catalog, const Plan *plan);

/// Throws the first error that migrate_check would show of this migration.
void RequireNoErrors(Session &session, const Prepared &prepared);

}  // namespace pgmigrate::api
