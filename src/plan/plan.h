// SPDX-License-Identifier: PostgreSQL
// Planning: from what was asked and what exists to ordered steps. Pure: nothing is changed, everything it needs is
// passed in.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "catalog/schema.h"
#include "core/expressions.h"
#include "migration/operation.h"
#include "plan/model.h"
#include "plan/step.h"
#include "plan/table_change.h"

namespace pgmigrate {

/// A table whose existing rows get shadow values.
struct TableToFill {
    std::int64_t oid = 0;
    std::string trigger_name;
    std::int64_t filenode = 0;
    std::vector<std::string> columns{};    ///< shadow columns
    std::vector<std::string> may_write{};  ///< those of them whose expression may write
};

/// A lock that expansion needs, on a table that exists already.
struct NeededLock {
    std::string table;      ///< qualified and quoted
    bool exclusive = true;  ///< ACCESS EXCLUSIVE; else SHARE ROW EXCLUSIVE (a referenced table)
    friend bool operator==(const NeededLock &, const NeededLock &) = default;
};

/// A query that runs an expression of the sync trigger as the trigger will: by the table's owner.
struct OwnerQuery {
    std::string owner;
    std::string query;
};

/// What completion makes anew, such as a view on a replaced column, made once at start and undone, to see that it can
/// be.
struct Trial {
    struct Object {
        std::string identity;  ///< for messages
        std::vector<std::string> statements;
    };
    std::vector<std::string> stage;  ///< before all of them
    std::vector<Object> objects;
};

struct Plan {
    std::vector<Step> steps;  ///< in order of phase
    std::vector<TableToFill> fills;
    std::vector<NeededLock> locks;
    std::vector<std::string> changed_tables;   ///< names in the catalog of tables whose owner the caller must be
    std::set<std::string> touched_tables{};    ///< names in the catalog of tables that operations name
    std::vector<TableChange> table_changes{};  ///< what becomes of existing tables that stay
    Trial trial;
    std::vector<OwnerQuery> owner_queries;  ///< to be explained, never run
    std::vector<std::string> warnings;
    std::vector<std::size_t> direct_operations;  ///< those that direct_steps carry out whole
    std::vector<Step> direct_steps;      ///< of expansion, on tables that this migration creates; in `steps` too
    bool has_provisional_names = false;  ///< a table or key it creates waits until completion for its name

    /// True if something has to be done between expansion and publishing.
    bool NeedsWorker() const;
};

/// Plans the migration against the catalog. Applies the operations in order, each to the schema its predecessors left.
/// Throws Error with the SQLSTATE of the rule that is broken, and DatabaseError for SQL that PostgreSQL does not
/// understand.
Plan PlanMigration(const Migration &migration, const PlanRequest &request, const CatalogSchema &catalog,
                   ExpressionBinder &binder);

/// The steps that make the views of a version schema anew from the catalog (after raw SQL changed the tables).
std::vector<Step> PlanViewsAgain(const std::string &version_schema, const CatalogSchema &catalog,
                                 ExpressionBinder &binder);

}  // namespace pgmigrate
