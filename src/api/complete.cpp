// SPDX-License-Identifier: PostgreSQL
// migrate_complete(schema_name name) → text: contraction, in the caller's transaction.
#include "api/complete.h"

#include <algorithm>

#include "api/author.h"
#include "api/drift.h"
#include "api/session.h"
#include "catalog/partitions.h"
#include "catalog/view_rights.h"
#include "core/identifier.h"
#include "core/sqlstates.h"
#include "pg/boundary.h"
#include "pg/scopes.h"
#include "plan/carried.h"
#include "sync/expression.h"

namespace pgmigrate::api {
namespace {

void RequireReady(const MigrationRecord &record) {
    if (record.state == State::kReady) return;
    const std::string state(StateName(record.state));
    throw Error(
        sqlstates::kWrongState,
        {.message = "migration \"" + record.name + "\" is not ready to be completed",
         .detail = record.state == State::kFailed ? "It failed while " + std::string(StateName(record.phase)) + "."
                   : record.paused                ? "It is paused while " + state + "."
                                                  : "It is " + state + ".",
         .hint = record.state == State::kFailed ? "See SELECT * FROM migrate_status(); mend the cause and run "
                                                  "migrate_resume(), or undo with migrate_rollback()."
                 : record.paused                ? "Run migrate_resume(), then CALL migrate_wait()."
                                                : "Run CALL migrate_wait() first."});
}

/// The steps as recorded, with views, triggers, … on replaced columns as they are by now.
std::vector<Step> CurrentSteps(Session &session, const MigrationRecord &record) {
    std::vector<Step> steps;
    for (StepRecord &step : session.store().Steps(record.id, Phase::kContract)) steps.push_back(std::move(step.step));
    return WithDependentsOf(ReadCatalog(session), std::move(steps));
}

bool RunsRawSql(const std::vector<Step> &steps) { return std::ranges::count(steps, "sql", &Step::object) > 0; }

/// Every table and view that completion changes: the tables of the steps, the views of the old version, and those of
/// the new one if they are to be made anew, so that no statement of ours waits in a queue later.
std::vector<NeededLock> LocksFor(Session &session, const std::vector<Step> &steps, const MigrationRecord &record) {
    std::vector<NeededLock> locks;
    const auto add = [&](const std::string &table) {
        const NeededLock lock{.table = table, .exclusive = true};
        if (!table.empty() && std::ranges::find(locks, lock) == locks.end()) locks.push_back(lock);
    };
    for (const Step &step : steps) add(step.table);
    std::vector<std::string> versions{record.previous_version};
    if (RunsRawSql(steps)) versions.push_back(record.version_schema);
    for (const std::string &version : versions) {
        const Rows views = session.catalog().Query(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND "
            "c.relkind = 'v'",
            {version});
        for (std::size_t row = 0; row < views.size(); ++row) add(QualifiedName(version, views.Text(row, "relname")));
    }
    return locks;
}

/// Raw SQL at completion may have changed any table: the version schema's views are made anew.
void RemakeViews(Session &session, const MigrationRecord &record, Database &as_author) {
    const CatalogSchema catalog = ReadCatalog(session, record.version_schema);
    const Rows views = session.catalog().Query(
        "SELECT c.oid::regclass::text AS view FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = $1 AND c.relkind = 'v'",
        {record.version_schema});
    for (std::size_t row = 0; row < views.size(); ++row) as_author.Execute("DROP VIEW " + views.Text(row, "view"));
    sync::ServerExpressionBinder binder;
    for (const Step &step : PlanViewsAgain(record.version_schema, catalog, binder)) as_author.Execute(step.statement);
}

/// The old version's schema belongs to whoever started the migration before this one: the caller may be the owner of
/// both.
bool DropsOldVersion(const Step &step) { return step.object != "sql" && step.statement.starts_with("DROP SCHEMA "); }

void RunStep(Session &session, const MigrationRecord &record, const Step &step) {
    if (step.object == kPartitionNamesStep) return NamePartitionObjects(session.catalog(), step.table);
    if (!step.partition_of.empty() && !IsPartitionOf(session.catalog(), step.table, step.partition_of)) return;
    if (CarriesDependent(step)) return (void)session.catalog().Execute(step.statement);
    (DropsOldVersion(step) ? AsCaller(record) : AsAuthor(record)).Execute(step.statement);
}

Datum Complete(pg::Arguments arguments) {
    return pg::Arguments::Return(CompleteMigration(arguments.RequiredName(0, "schema_name")));
}

}  // namespace

std::string CompleteMigration(const std::string &schema_name) {
    Session session(schema_name);
    session.Lock();
    const MigrationRecord record = session.RequireActive();
    session.RequireStarter(record);
    RequireReady(record);
    LockByName(session, LocksFor(session, CurrentSteps(session, record), record));
    const std::vector<Step> steps = CurrentSteps(session, record);  // nobody can change what is locked now
    pg::SpiDatabase as_author = AsAuthor(record);
    pg::SettingsScope quiet;
    quiet.Set("client_min_messages", "warning");  // ADD CONSTRAINT USING INDEX announces each renamed index
    // Views that are made anew below would lose what was granted on them since they were published.
    const std::vector<ViewRight> rights = ReadViewRights(session.catalog(), record.version_schema);
    const std::vector<SchemaDifference> drift = FindDrift(session);
    for (const Step &step : steps) RunStep(session, record, step);
    if (RunsRawSql(steps)) RemakeViews(session, record, as_author);
    for (const std::string &right : OfRemadeViews(session.catalog(), rights)) as_author.Execute(right);
    session.store().MarkPhaseDone(record.id, Phase::kContract);
    session.store().SetPhase(record.id, State::kCompleted);
    session.store().SaveResultingSchema(record.id);
    ReportDrift(session, record, drift);
    session.store().RecordEvent(record, "completed");
    return record.version_schema;
}

}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_complete, pgmigrate::api::Complete)
