// SPDX-License-Identifier: PostgreSQL
#include "api/raw_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/rehearsal.h"
#include "catalog/created_objects.h"
#include "core/sqlstates.h"
#include "pg/transaction.h"

namespace pgmigrate::api {
namespace {

const RawSql *SqlAtStart(const Operation &operation) {
    const auto *const sql = std::get_if<RawSql>(&operation);
    return sql != nullptr && !sql->on_complete ? sql : nullptr;
}

/// Without a `down` of its own, its undo is to drop what it has created in the target schema.
Step Run(Session &session, const RawSql &sql, Database &as_caller) {
    Step step{.phase = Phase::kExpand,
              .statement = sql.up,
              .undo = sql.down.value_or(""),
              .table = {},
              .lock = {},
              .object = "sql"};
    const std::set<SchemaObject> before = ListObjects(session.catalog(), session.schema_name());
    as_caller.Execute(step.statement);
    if (step.undo.empty()) step.undo = DropCreated(before, ListObjects(session.catalog(), session.schema_name()));
    return step;
}

void RequireFinalNames(const Prepared &prepared, std::size_t position) {
    if (!prepared.plan.has_provisional_names) return;
    throw Error(sqlstates::kFeatureNotSupported,
                {.message = "raw SQL cannot follow the creation of a table whose name is still in use",
                 .detail = fmt::format("It is in {}. A table or key that an operation before it creates "
                                       "gets its name at completion, when the old one of this name is gone.",
                                       PlaceOf(prepared.migration, position)),
                 .hint = "Set \"onComplete\" to true, or make it a migration of its own."});
}

}  // namespace

bool HasOperationsBehindRawSql(const Migration &migration) {
    const auto is_sql = [](const Operation &operation) { return SqlAtStart(operation) != nullptr; };
    const auto first = std::ranges::find_if(migration.operations, is_sql);
    return std::find_if_not(first, migration.operations.end(), is_sql) != migration.operations.end();
}

std::vector<Step> RunRawSql(Session &session, Prepared &prepared) {
    pg::SpiDatabase as_caller({.user = InvalidOid, .restricted = false, .search_path = prepared.request.search_path});
    std::vector<Step> run;
    for (std::size_t i = 0; i < prepared.migration.operations.size(); ++i) {
        const RawSql *const sql = SqlAtStart(prepared.migration.operations[i]);
        if (sql == nullptr) continue;
        prepared.request.until = i;
        PlanAgain(session, prepared);
        RequireFinalNames(prepared, i);
        const Plan &before = prepared.plan;
        if (!before.direct_steps.empty()) LockByName(session, before.locks);
        for (const Step &step : before.direct_steps) {
            as_caller.Execute(step.statement);
            run.push_back(step);
        }
        prepared.request.executed.insert(before.direct_operations.begin(), before.direct_operations.end());
        run.push_back(Run(session, *sql, as_caller));
        prepared.request.executed.insert(i);
    }
    if (run.empty()) return run;
    prepared.request.until.reset();
    PlanAgain(session, prepared);
    Rehearse(prepared);
    return run;
}

void TryRawSql(Session &session, Prepared &prepared) {
    pg::Subtransaction trial;
    const std::vector<Step> run = RunRawSql(session, prepared);
    prepared.plan.steps.insert(prepared.plan.steps.begin(), run.begin(), run.end());
}

}  // namespace pgmigrate::api
