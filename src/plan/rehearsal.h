// SPDX-License-Identifier: PostgreSQL
// What expansion and the worker's index builds do, told for empty copies of the tables in a schema of their own: run
// there and undone, it shows what PostgreSQL refuses before anything is locked, filled or waited for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace pgmigrate {

struct RehearsedStatement {
    std::string statement;
    std::optional<std::size_t>
        operation;  ///< of the migration that asks for it; empty: it follows from a replaced column
};

struct Rehearsal {
    std::vector<std::string> stage;  ///< makes the schema and the copies
    std::vector<RehearsedStatement> statements;
    std::vector<OwnerQuery> owner_queries;  ///< to be explained behind them
};

/// `plan` is the plan of this migration for this catalog, `stage` the name of a schema that does not exist. Raw SQL,
/// the sync trigger and foreign keys to tables of other schemas are left out. Partitioned tables take part as ordinary
/// ones. No statements if there is nothing to rehearse.
Rehearsal PlanRehearsal(const Migration &migration, const PlanRequest &request, const CatalogSchema &catalog,
                        const Plan &plan, const std::string &stage, ExpressionBinder &binder);

/// The words of an error without the stage: its name becomes that of the target schema.
ErrorText WithoutStage(ErrorText text, const std::string &stage, const std::string &schema_name);

/// An error of a rehearsed statement, as the migration's author needs it: names of the stage are those of the target
/// schema again.
ErrorText OfRehearsal(const Migration &migration, const RehearsedStatement &failed, ErrorText text,
                      const std::string &stage, const std::string &schema_name);

}  // namespace pgmigrate
