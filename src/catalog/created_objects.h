// SPDX-License-Identifier: PostgreSQL
// What raw SQL without `down` has created, so that rollback can drop it.
#pragma once

#include <set>
#include <string>

#include "core/database.h"

namespace pgmigrate {

/// An object that DROP can name.
struct SchemaObject {
    int order = 0;         ///< position of its kind in the order of dropping
    std::string kind;      ///< as DROP calls it: TABLE, TYPE, …
    std::string identity;  ///< qualified; with argument types for a function
    friend auto operator<=>(const SchemaObject &, const SchemaObject &) = default;
};

/// The tables, views, sequences, types and functions of a schema. `database` must run with only pg_catalog in
/// search_path.
std::set<SchemaObject> ListObjects(Database &database, const std::string &schema_name);

/// Statements that drop what is in `after` and not in `before`; empty if there is nothing. What depends on others comes
/// first, and objects of one kind go together; nothing is dropped that somebody else has made depend on them meanwhile.
std::string DropCreated(const std::set<SchemaObject> &before, const std::set<SchemaObject> &after);

}  // namespace pgmigrate
