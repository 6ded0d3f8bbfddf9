// SPDX-License-Identifier: PostgreSQL
// What the sync trigger of a table does. Made by planning, carried as JSON in the trigger's own argument
// (pg_trigger.tgargs): the catalog row that makes the trigger fire also says what it does, so both change and become
// visible together, and a dump, a standby or a prepared plan can never see one without the other. The fill reads the
// same argument.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate {

/// One assignment: target := expression(parameters). Columns are physical names of the table.
struct SyncExpression {
    std::string target;                   ///< column assigned
    std::string expression;               ///< bound text (core/expressions.h): $1, $2, … stand for the parameters
    std::vector<std::string> parameters;  ///< columns whose values are $1, $2, …
    bool is_immutable = false;            ///< recomputing it must give the same value: verification compares it
    bool may_write = false;               ///< a value of it may belong to a row of the same transaction elsewhere

    friend bool operator==(const SyncExpression &, const SyncExpression &) = default;
};

/// `up` entries assign shadow columns from what an old-version statement wrote, in order: a later entry may read the
/// target of an earlier one. `down` entries assign old columns from what a new-version statement wrote, in order.
struct SyncSpec {
    std::string new_version;  ///< name of the version schema being made
    std::string old_version;  ///< name of the one before; empty if there is none
    std::string search_path;  ///< of the caller of migrate_start; in force while an expression runs
    std::vector<SyncExpression> up;
    std::vector<SyncExpression> down;
    /// Targets of `up` that have no default of their own because the column they replace has a volatile one (a
    /// sequence): when a new-version INSERT omits such a column, its value is `up` of the old column's default.
    std::vector<std::string> default_from_source;

    friend bool operator==(const SyncSpec &, const SyncSpec &) = default;
};

std::string EncodeSyncSpec(const SyncSpec &spec);

/// Throws Error (XX000) if the text is not what EncodeSyncSpec writes.
SyncSpec DecodeSyncSpec(std::string_view json);

}  // namespace pgmigrate
