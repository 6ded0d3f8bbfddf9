// SPDX-License-Identifier: PostgreSQL
// What is on and around the tables of a schema beyond what planning reads (catalog/schema.h): sizes, triggers, rules,
// policies, publications, inheritance.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/database.h"

namespace pgmigrate {

struct TriggerFact {
    std::string name;
    std::string event;  ///< "BEFORE ROW", "AFTER STATEMENT", …
    bool before_row = false;
    bool enabled = true;
};

struct PublicationFact {
    std::string name;
    bool all_columns = true;
    bool row_filter = false;
};

struct IndexSize {
    std::int64_t bytes = 0;
    std::int64_t tablespace = 0;  ///< OID; 0: the database's own
};

/// Numbers of a partitioned table are those of all its partitions.
struct TableFacts {
    std::int64_t oid = 0;
    std::string name;
    double rows = 0;              ///< estimate; negative: never analysed
    std::int64_t heap_bytes = 0;  ///< with TOAST
    std::int64_t index_bytes = 0;
    std::int64_t tablespace = 0;  ///< OID; 0: the database's own
    bool row_security = false;
    std::vector<std::string> policies;
    std::vector<std::string> rules;
    std::vector<TriggerFact> triggers;
    std::vector<PublicationFact> publications;
    std::vector<std::string> children;             ///< qualified; inheritance, not partitions
    std::vector<std::string> parents;              ///< qualified
    std::vector<std::string> inherited_columns;    ///< plain
    std::map<std::string, int> widths;             ///< average bytes of a value, by column; where they are known
    std::map<std::string, IndexSize> index_sizes;  ///< by name
};

/// Reads the named tables of a schema, or all of them when `names` is null. `database` must run with only pg_catalog in
/// search_path.
std::vector<TableFacts> LoadTableFacts(Database &database, const std::string &schema_name,
                                       const std::vector<std::string> *names);

/// Bytes a value of each type takes; 0 for a type whose values differ in length or that is not known.
std::map<std::string, int> LoadTypeLengths(Database &database, const std::vector<std::string> &types);

/// A foreign key as an edge between tables.
struct ForeignKeyEdge {
    std::string name;
    std::string from;  ///< qualified
    std::string to;    ///< qualified
};

/// All foreign keys of the database.
std::vector<ForeignKeyEdge> LoadForeignKeys(Database &database);

}  // namespace pgmigrate
