// SPDX-License-Identifier: PostgreSQL
// migrate_pause(schema_name name) and migrate_resume(schema_name name): both return the state and are idempotent.
#include "api/session.h"
#include "pg/boundary.h"
#include "worker/workers.h"

namespace pgmigrate::api {
namespace {

std::string PauseMigration(const std::string &schema_name) {
    Session session(schema_name);
    session.Lock();
    const MigrationRecord record = session.RequireActive();
    session.RequireStarter(record);
    if (IsWorkerPhase(record.state) && !record.paused) {
        session.store().SetPaused(record.id, true);
        session.store().RecordEvent(record, "paused");
    }
    return IsWorkerPhase(record.state) ? "paused" : std::string(StateName(record.state));
}

std::string ResumeMigration(const std::string &schema_name) {
    Session session(schema_name);
    session.Lock();
    const MigrationRecord record = session.RequireActive();
    session.RequireStarter(record);
    const bool was_stopped = record.state == State::kFailed || record.paused;
    if (was_stopped) {
        session.store().SetPaused(record.id, false);
        session.store().SetPhase(record.id, record.phase);
        session.store().RecordEvent(record, "resumed");
    }
    // After a pause the old worker may be just about to end: it looks once more when it has let go, so whichever of the
    // two comes last does the work.
    if (IsWorkerPhase(record.phase) && (was_stopped || !worker::IsWorkerRunning(record.id)))
        worker::StartWorker(record.id);
    return std::string(StateName(record.phase));
}

Datum Pause(pg::Arguments arguments) {
    return pg::Arguments::Return(PauseMigration(arguments.RequiredName(0, "schema_name")));
}

Datum Resume(pg::Arguments arguments) {
    return pg::Arguments::Return(ResumeMigration(arguments.RequiredName(0, "schema_name")));
}

}  // namespace
}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_pause, pgmigrate::api::Pause)
PGMIGRATE_FUNCTION(migrate_resume, pgmigrate::api::Resume)
