// SPDX-License-Identifier: PostgreSQL
// What reads the columns of a table and would vanish, or keep completion from dropping them, if it were left alone.
#pragma once

#include <string>
#include <vector>

#include "catalog/schema.h"
#include "core/database.h"

namespace pgmigrate {

/// Adds to each table of the schema what depends on it, with the statements that make it anew. Views in
/// `version_schemas` are left out. `database` as for LoadSchema.
void LoadDependents(Database &database, const std::vector<std::string> &version_schemas, CatalogSchema &schema);

}  // namespace pgmigrate
