// SPDX-License-Identifier: PostgreSQL
#include "api/rehearsal.h"

#include <fmt/format.h>

#include "api/trial.h"
#include "core/sqlstates.h"
#include "pg/scopes.h"
#include "plan/rehearsal.h"

extern "C" {
#include "access/xact.h"
#include "miscadmin.h"
#include "utils/acl.h"
}

namespace pgmigrate::api {
namespace {

void Run(Database &database, const Prepared &prepared, const Rehearsal &rehearsal, const std::string &stage) {
    for (const std::string &statement : rehearsal.stage) database.Execute(statement);
    for (const RehearsedStatement &rehearsed : rehearsal.statements) {
        try {
            database.Execute(rehearsed.statement);
        } catch (const DatabaseError &error) {
            throw Error(error.state(),
                        OfRehearsal(prepared.migration, rehearsed, error.text(), stage, prepared.request.schema_name));
        }
    }
}

}  // namespace

void RequireOwnersRights(const std::vector<OwnerQuery> &queries, const std::string &search_path) {
    for (const OwnerQuery &check : queries) {
        const char *const owner = check.owner.c_str();
        pg::SpiDatabase as_owner(
            {.user = pg::Call(::get_role_oid, owner, false), .restricted = true, .search_path = search_path});
        try {
            as_owner.InSubtransaction([&] { as_owner.Query("EXPLAIN " + check.query); });
        } catch (const DatabaseError &error) {
            if (!(error.state() == "42501")) throw;
            throw Error(sqlstates::kNotOwner,
                        {.message = error.text().message,
                         .detail = "Expressions of a migration run as the table's owner, role \"" + check.owner +
                                   "\": " + check.query,
                         .hint = "Grant the right to that role."});
        }
    }
}

void Rehearse(const Prepared &prepared) {
    if (XactReadOnly) return;
    const std::string stage = fmt::format("_pgmigrate_rehearsal_{}", MyProcPid);  // no other session waits for it
    const std::unique_ptr<ExpressionBinder> binder = MakeBinder(prepared.request.search_path);
    const Rehearsal rehearsal =
        PlanRehearsal(prepared.migration, prepared.request, prepared.catalog, prepared.plan, stage, *binder);
    if (rehearsal.statements.empty() && rehearsal.owner_queries.empty()) return;
    pg::SettingsScope quiet;
    quiet.Set("client_min_messages", "error");
    pg::SpiDatabase as_caller({.user = InvalidOid, .restricted = false, .search_path = prepared.request.search_path});
    TryAndUndo(as_caller, [&] {
        Run(as_caller, prepared, rehearsal, stage);
        try {
            RequireOwnersRights(rehearsal.owner_queries, prepared.request.search_path);
        } catch (const Error &error) {
            throw Error(error.state(), WithoutStage(error.text(), stage, prepared.request.schema_name));
        }
    });
}

}  // namespace pgmigrate::api
