// SPDX-License-Identifier: PostgreSQL
// migrate_rollback(force boolean, schema_name name) → text: the journal undone backwards, in the caller's transaction.
#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "api/author.h"
#include "core/sqlstates.h"
#include "pg/boundary.h"
#include "pg/scopes.h"
#include "worker/workers.h"

namespace pgmigrate::api {
namespace {

/// Tables that the foreign keys of a table point to.
std::vector<std::string> ReferencedBy(Database &catalog, const std::string &table) {
    const Rows rows = catalog.Query(
        "SELECT DISTINCT k.confrelid::regclass::text AS referenced FROM pg_constraint k"
        " WHERE k.contype = 'f' AND k.conrelid = to_regclass($1)",
        {table});
    std::vector<std::string> referenced;
    for (std::size_t row = 0; row < rows.size(); ++row) referenced.push_back(rows.Text(row, "referenced"));
    return referenced;
}

/// Every table that an undo changes. To drop a foreign key, alone or with its table, PostgreSQL locks the table that it
/// points to as well.
std::vector<NeededLock> LocksFor(Session &session, const std::vector<StepRecord> &steps) {
    std::vector<NeededLock> locks;
    const auto add = [&](const std::string &table) {
        const NeededLock lock{.table = table, .exclusive = true};
        if (!table.empty() && std::ranges::find(locks, lock) == locks.end()) locks.push_back(lock);
    };
    for (const StepRecord &record : steps) {
        const Step &step = record.step;
        if (step.undo.empty() || step.object == "sql") continue;
        add(step.table);
        if (step.phase == Phase::kExpand || step.phase == Phase::kValidate) add(step.object);
        if (step.phase != Phase::kExpand || !step.statement.starts_with("CREATE TABLE ")) continue;
        for (const std::string &table : ReferencedBy(session.catalog(), step.table)) add(table);
    }
    return locks;
}

void Warn(const std::string &message) {
    const char *const text = message.c_str();
    pg::Call([text] { ereport(WARNING, (errmsg("%s", text))); });
}

/// Whatever evaluates what the migration's author wrote runs as the author. With force the caller's own rights undo the
/// rest, for an author who lost his; and without an author his SQL is left out.
void Undo(const MigrationRecord &record, const Step &step, bool force) {
    const bool is_authors_sql = step.object == "sql";
    if (force && is_authors_sql && !HasAuthor(record))
        return Warn("the SQL that undoes a step of the migration is not run, because the role that started it is gone");
    // A foreign object in the way (a view on a version view) is the user's: only force drops it.
    const bool drops_view = step.phase == Phase::kPublish;
    pg::SpiDatabase database = force && !is_authors_sql ? AsCaller(record) : AsAuthor(record);
    database.Execute(step.undo + (force && drops_view ? " CASCADE" : ""));
}

/// An undo knows its table by name, and passes over one that was renamed or moved: what would be left there is looked
/// for.
void RequireNothingLeft(Session &session, const MigrationRecord &record, bool force) {
    const Rows left = session.state().Query(
        "SELECT f.relation::text AS name FROM pgmigrate.fill f JOIN pg_trigger t ON t.tgrelid = f.relation"
        " AND t.tgname = f.trigger_name WHERE f.migration_id = $1::bigint ORDER BY 1 LIMIT 1",
        {std::to_string(record.id)});
    if (left.empty()) return;
    const ErrorText text{
        .message =
            fmt::format("table {} keeps what migration \"{}\" has added to it", left.Text(0, "name"), record.name),
        .detail = "It was renamed or moved since the migration began, or the table that it is a partition of was.",
        .hint = "Give it its old name and schema back and try again; then rename it anew."};
    if (!force) throw Error(sqlstates::kObjectChanged, text);
    Warn(text.message);
}

/// Every undo is written so that it is right whether or not its step ran, and also when an object is gone by now.
std::string RollBack(bool force, const std::string &schema_name) {
    Session session(schema_name);
    session.Lock();
    const MigrationRecord record = session.RequireActive();
    session.RequireStarter(record);
    worker::StopWorker(record.id);
    const std::vector<StepRecord> steps = session.store().Steps(record.id);
    LockByName(session, LocksFor(session, steps), force);
    pg::SettingsScope quiet;
    quiet.Set("client_min_messages", "warning");  // no NOTICE for each object that was never made
    for (const StepRecord &step : std::views::reverse(steps))
        if (!step.step.undo.empty()) Undo(record, step.step, force);
    RequireNothingLeft(session, record, force);
    session.store().Delete(record.id);
    session.store().RecordEvent(record, "rolled back");
    return record.version_schema;
}

Datum Rollback(pg::Arguments arguments) {
    return pg::Arguments::Return(
        RollBack(arguments.Required<bool>(0, "force"), arguments.RequiredName(1, "schema_name")));
}

}  // namespace
}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_rollback, pgmigrate::api::Rollback)
