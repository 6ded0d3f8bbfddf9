// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "catalog/schema.h"
#include "core/database.h"

namespace pgmigrate {

/// Reads the partitions of the schema's partitioned tables, at every level.
/// `database` as for LoadSchema, which calls it.
void LoadPartitions(Database &database, CatalogSchema &schema);

}  // namespace pgmigrate
