// SPDX-License-Identifier: PostgreSQL
// migrate_start(name text, migration text, schema_name name) → text: expansion, in the caller's transaction.
#include <algorithm>

#include "api/drift.h"
#include "api/fills.h"
#include "api/preflight.h"
#include "api/raw_sql.h"
#include "api/rehearsal.h"
#include "api/session.h"
#include "api/trial.h"
#include "core/sqlstates.h"
#include "migration/parse.h"
#include "pg/boundary.h"
#include "pg/scopes.h"
#include "worker/workers.h"

extern "C" {
#include "utils/acl.h"
}

namespace pgmigrate::api {
namespace {

std::string CurrentUserName() {
    const char *const name = pg::Call(::GetUserNameFromId, GetUserId(), false);
    return name;
}

std::vector<std::int64_t> OidsOf(const std::vector<std::string> &tables, const CatalogSchema &catalog) {
    std::vector<std::int64_t> oids;
    for (const CatalogTable &table : catalog.tables)
        if (std::ranges::count(tables, table.name) > 0) oids.push_back(table.oid);
    return oids;
}

/// Locks what expansion changes. What was read before the locks may have changed while we waited: then it is planned
/// again. Under the locks only the tables that are changed are read, however many the schema has.
void LockAndConfirm(Session &session, Prepared &prepared) {
    LockByName(session, prepared.plan.locks);
    if (prepared.plan.changed_tables.empty()) return;
    const std::vector<std::int64_t> changed = OidsOf(prepared.plan.changed_tables, prepared.catalog);
    const CatalogSchema now = ReadCatalog(session, prepared.request.previous_version, &changed);
    const bool same = std::ranges::all_of(prepared.plan.changed_tables, [&](const std::string &name) {
        const auto before = std::ranges::find(prepared.catalog.tables, name, &CatalogTable::name);
        const auto after = std::ranges::find(now.tables, name, &CatalogTable::name);
        return after != now.tables.end() && SameDefinition(*before, *after);
    });
    if (same) return;
    PlanAgain(session, prepared);
    LockByName(session, prepared.plan.locks);
}

void RunSteps(Session &session, const Plan &plan, Phase phase, const std::string &search_path) {
    pg::SpiDatabase as_caller({.user = InvalidOid, .restricted = false, .search_path = search_path});
    for (const Step &step : plan.steps) {
        if (step.phase != phase) continue;
        (step.as_extension ? session.state() : as_caller).Execute(step.statement);
    }
}

MigrationRecord Record(Session &session, const Prepared &prepared, const std::string &text,
                       const std::vector<FillRecord> &fills) {
    const State phase = prepared.plan.NeedsWorker() ? State::kFilling : State::kReady;
    MigrationRecord record{.id = 0,
                           .schema_name = session.schema_name(),
                           .name = prepared.request.name,
                           .version_schema = prepared.request.version_schema,
                           .previous_version = prepared.request.previous_version,
                           .definition = NormalizeToJson(text),
                           .state = phase,
                           .phase = phase,
                           .paused = false,
                           .started_by = CurrentUserName(),
                           .search_path = prepared.request.search_path};
    record.id = session.store().Insert(record);
    session.store().InsertSteps(record.id, prepared.plan.steps);
    for (const FillRecord &fill : fills) session.store().InsertFill(record.id, fill);
    session.store().MarkPhaseDone(record.id, Phase::kExpand);
    if (phase == State::kReady) session.store().MarkPhaseDone(record.id, Phase::kPublish);
    session.store().RecordEvent(record, "started");
    if (phase == State::kReady) session.store().SetPhase(record.id, State::kReady);
    return record;
}

std::string StartMigration(const std::string &name, const std::string &text, const std::string &schema_name) {
    Session session(schema_name);
    session.Lock();
    if (const std::optional<MigrationRecord> active = session.store().FindActive(schema_name))
        throw Error(sqlstates::kInUse,
                    {.message = "migration \"" + active->name + "\" is active in schema \"" + schema_name + "\"",
                     .detail = "There can be one active migration per schema; this one is " +
                               std::string(StateName(active->state)) + ".",
                     .hint = "End it with migrate_complete() or migrate_rollback() first."});
    Prepared prepared = Prepare(session, name, text);
    const std::vector<SchemaDifference> drift = FindDrift(session);
    const bool known = !HasOperationsBehindRawSql(prepared.migration);
    if (known) RequireNoErrors(session, prepared);
    const std::vector<Step> run = RunRawSql(session, prepared);
    if (!known) RequireNoErrors(session, prepared);
    LockAndConfirm(session, prepared);
    Warn(prepared.plan.warnings);
    const std::vector<FillRecord> fills = PrepareFills(session, prepared.plan);
    RunSteps(session, prepared.plan, Phase::kExpand, prepared.request.search_path);
    TryDependentsAgain(session.catalog(), prepared.plan.trial);
    RequireOwnersRights(prepared.plan.owner_queries, prepared.request.search_path);
    prepared.plan.steps.insert(prepared.plan.steps.begin(), run.begin(), run.end());
    const bool needs_worker = prepared.plan.NeedsWorker();
    if (!needs_worker) RunSteps(session, prepared.plan, Phase::kPublish, prepared.request.search_path);
    const MigrationRecord record = Record(session, prepared, text, fills);
    ReportDrift(session, record, drift);
    if (needs_worker) worker::StartWorker(record.id);
    return record.version_schema;
}

Datum Start(pg::Arguments arguments) {
    return pg::Arguments::Return(StartMigration(arguments.Required<std::string>(0, "name"),
                                                arguments.Required<std::string>(1, "migration"),
                                                arguments.RequiredName(2, "schema_name")));
}

}  // namespace
}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_start, pgmigrate::api::Start)
