// SPDX-License-Identifier: PostgreSQL
// A plan is an ordered list of steps; each is an SQL statement with its undo. What migrate_plan shows is what runs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate {

/// When a step runs, in this order, and by whom.
enum class Phase {
    kExpand,    ///< migrate_start, in the caller's transaction, as the caller
    kFill,      ///< worker: rows that existed before the trigger get their shadow values, as the table's owner
    kIndex,     ///< worker: CREATE INDEX CONCURRENTLY, a top-level statement each
    kValidate,  ///< worker: VALIDATE CONSTRAINT, a transaction each, as the table's owner
    kVerify,    ///< worker: old against new
    kPublish,   ///< worker (or migrate_start when there is nothing to wait for): one transaction, as the starter
    kContract,  ///< migrate_complete, in the caller's transaction, as the caller
};

std::string_view PhaseName(Phase phase);     ///< "expand", "fill", …
Phase PhaseFromName(std::string_view name);  ///< throws Error XX000 for another name

struct Step {
    Phase phase = Phase::kExpand;
    std::string statement;  ///< SQL; for kFill and kVerify a description
    std::string undo;       ///< SQL that rollback runs, right also if the step never ran; empty: nothing to undo
    std::string
        table;         ///< qualified and quoted name of the table concerned, as it is called at that time; may be empty
    std::string lock;  ///< lock mode on that table, e.g. "ACCESS EXCLUSIVE"; empty: none
    std::string object;  ///< kIndex: qualified name of the index; kFill, kVerify: name of the sync trigger; kExpand,
                         ///< kValidate: the table that the statement's foreign key points to, if any
    std::string partition_of{};  ///< qualified name of the partitioned table: the step is left out if `table` is no
                                 ///< partition of it any more
    std::optional<std::size_t>
        operation{};            ///< of the migration that asks for it, while it is planned; empty: several or none
    bool as_extension = false;  ///< kExpand: run as the extension's owner (only CREATE TRIGGER of the sync trigger)
};

}  // namespace pgmigrate
