// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/phases.h"

#include "core/sqlstates.h"
#include "pg/locks.h"
#include "pg/pause.h"
#include "pg/scopes.h"
#include "pg/spi_database.h"
#include "pg/transaction.h"
#include "worker/report.h"

extern "C" {
#include "catalog/namespace.h"
}

namespace pgmigrate::worker {
namespace {

constexpr std::chrono::milliseconds kBusyPause{200};

/// False if another command is changing the migrations of the schema just now.
bool LockSchema(const MigrationRecord &record) {
    const Oid schema = pg::Call(::get_namespace_oid, record.schema_name.c_str(), true);
    if (!OidIsValid(schema))
        throw Error(sqlstates::kObjectChanged,
                    {.message = fmt::format("schema \"{}\" does not exist any more", record.schema_name),
                     .hint = "Undo the migration with SELECT migrate_rollback()."});
    try {
        pg::LockTargetSchema(schema);
        return true;
    } catch (const Error &failure) {
        if (failure.state() == sqlstates::kInUse.code) return false;
        throw;
    }
}

void RunSteps(pg::SpiDatabase &state, const MigrationRecord &record) {
    StateStore store(state);
    pg::SpiDatabase as_starter({.user = Starter(record), .restricted = false, .search_path = pg::kSafeSearchPath});
    for (const StepRecord &step : store.Steps(record.id, Phase::kPublish)) {
        if (step.done) continue;
        as_starter.Execute(step.step.statement);
        store.MarkStepDone(record.id, step.position);
    }
}

}  // namespace

void Publish(const MigrationRecord &record) {
    bool is_busy = false;
    pg::InTransaction("publishing", [&] {
        is_busy = !LockSchema(record);
        if (is_busy) return;
        pg::SpiDatabase state = pg::StateDatabase();
        // The command that held the schema may have paused the migration.
        const std::optional<MigrationRecord> now = StateStore(state).FindById(record.id);
        if (!now || now->paused || now->state != State::kPublishing) return;
        RunSteps(state, *now);
        EnterState(state, *now, State::kReady);
    });
    if (is_busy) pg::Pause(kBusyPause);
}

}  // namespace pgmigrate::worker
