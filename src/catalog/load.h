// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <string>
#include <vector>

#include "catalog/schema.h"
#include "core/database.h"

namespace pgmigrate {

/// Reads a schema and its tables (ordinary and partitioned; partitions are part of their parent). `database` must run
/// with only pg_catalog in search_path, so that PostgreSQL qualifies the names in the expressions it prints.
/// `version_schemas` are not looked at for dependent views. Takes no lock beyond those of reading the catalog.
/// Throws 3F000 if the schema does not exist. With `only`, other tables than those are left out.
CatalogSchema LoadSchema(Database &database, const std::string &name, const std::vector<std::string> &version_schemas,
                         const std::vector<std::int64_t> *only = nullptr);

/// The tables that were read, as an array of type oid[]: what the queries for their parts take.
std::string OidsOfTables(const CatalogSchema &schema);

}  // namespace pgmigrate
