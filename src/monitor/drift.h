// SPDX-License-Identifier: PostgreSQL
// What somebody changed in a schema outside of migrations: the definition kept by the latest migration compared with
// the one of now. Pure; both are what pgmigrate.read_schema() gives.
#pragma once

#include <string>
#include <vector>

namespace pgmigrate {

struct SchemaDifference {
    std::string kind;    ///< "table", "column", "index", "check constraint", "foreign key", …
    std::string table;   ///< name of the table
    std::string name;    ///< of the column, index or constraint; of the table itself for a table
    std::string change;  ///< "added", "dropped" or "changed"
    std::string detail;  ///< what it is (was), or what of it changed
};

/// Who wrote a stored definition: pgroll's has fewer facts, and lists partitions as tables.
enum class DefinitionBy { kPgmigrate, kPgroll };

/// What differs, in order of table, kind and name. A table that is added or dropped counts as one difference; so does a
/// unique or exclusion constraint with its index.
std::vector<SchemaDifference> CompareSchemas(const std::string &stored, const std::string &now,
                                             DefinitionBy stored_by = DefinitionBy::kPgmigrate);

/// Leaves out what concerns tables that one of the statements names, whatever it does to them.
void ExcludeMentioned(std::vector<SchemaDifference> &differences, const std::vector<std::string> &statements);

/// "column users.email was changed: type was integer, is bigint"
std::string Describe(const SchemaDifference &difference);

}  // namespace pgmigrate
