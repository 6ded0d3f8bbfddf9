// SPDX-License-Identifier: PostgreSQL
// The order in which clients see a table's columns.
#pragma once

#include <string>

#include "catalog/schema.h"
#include "core/database.h"

namespace pgmigrate {

/// Puts the columns of each table in the order of the view of the same name in this version schema; those that the view
/// does not have come last. A column that was replaced is physically the last of its table, but clients knew it
/// elsewhere. Tables without such a view stay as they are.
void OrderColumnsAsInViews(Database &database, const std::string &version_schema, CatalogSchema &schema);

}  // namespace pgmigrate
