// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/workers.h"

#include <chrono>
#include <csignal>

#include "core/sqlstates.h"
#include "lifecycle/store.h"
#include "pg/pause.h"
#include "pg/settings.h"
#include "pg/spi_database.h"
#include "worker/arguments.h"
#include "worker/worker_lock.h"

extern "C" {
#include "access/xlog.h"
}

namespace pgmigrate::worker {
namespace {

constexpr int kRestartSeconds = 5;

/// "public.02_email", for the process list; cut to what fits there.
std::string MigrationName(std::int64_t migration_id) {
    pg::SpiDatabase state = pg::StateDatabase();
    const std::optional<MigrationRecord> record = StateStore(state).FindById(migration_id);
    return record ? record->schema_name + '.' + record->name : std::to_string(migration_id);
}

void SetNames(BackgroundWorker &worker, const char *type, std::int64_t migration_id) {
    strlcpy(worker.bgw_type, type, sizeof(worker.bgw_type));
    strlcpy(worker.bgw_name, (type + (" for " + MigrationName(migration_id))).c_str(), sizeof(worker.bgw_name));
}

bool RegisterProcess(BackgroundWorker &worker) {
    return pg::Call(::RegisterDynamicBackgroundWorker, &worker, static_cast<BackgroundWorkerHandle **>(nullptr));
}

/// False when every slot of max_worker_processes is taken.
bool Register(std::int64_t migration_id) {
    WorkerArguments arguments{
        .migration_id = migration_id, .starter = 0, .database = MyDatabaseId, .database_path = {}};
    arguments.starter = U64FromFullTransactionId(GetTopFullTransactionIdIfAny());
    strlcpy(arguments.database_path, DatabasePath, sizeof(arguments.database_path));
    BackgroundWorker worker = NewWorker("pgmigrate_worker_main", arguments);
    // Comes back after a crash or a termination; ends for good with exit code 0.
    worker.bgw_restart_time = kRestartSeconds;
    SetNames(worker, "pgmigrate worker", migration_id);
    return RegisterProcess(worker);
}

void WarnOfMissingSlot(const std::string &migration) {
    const char *const name = migration.c_str();
    pg::Call([name] {
        ereport(WARNING,
                (errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
                 errmsg("no background worker slot is free for migration \"%s\"", name),
                 errhint("Increase max_worker_processes, or wait for other workers to end; any migrate_* function then"
                         " starts it.")));
    });
}

}  // namespace

void StartWorker(std::int64_t migration_id) {
    if (Register(migration_id)) return;
    throw Error(sqlstates::kNoWorkerSlot,
                {.message = "no background worker slot is free",
                 .detail = "A migration's work is done by a background worker.",
                 .hint = "Increase max_worker_processes and restart the server, or wait for other"
                         " workers to end, and try again."});
}

bool StartFillHelper(std::int64_t migration_id, int slot) {
    HelperArguments arguments{
        .migration_id = migration_id, .database = MyDatabaseId, .slot = slot, .database_path = {}};
    strlcpy(arguments.database_path, DatabasePath, sizeof(arguments.database_path));
    BackgroundWorker worker = NewWorker("pgmigrate_fill_helper_main", arguments);
    worker.bgw_restart_time = BGW_NEVER_RESTART;  // the migration's worker sees to it
    SetNames(worker, "pgmigrate fill helper", migration_id);
    return RegisterProcess(worker);
}

bool IsWorkerRunning(std::int64_t migration_id) {
    const int holder = WorkerLock(migration_id).FindHolder();
    return holder != 0 && holder != MyProcPid;
}

void StopWorker(std::int64_t migration_id) {
    const WorkerLock lock(migration_id);
    const auto deadline = std::chrono::steady_clock::now() + pg::LockDeadline();
    // Whoever is behind the gate works for the migration, or is another command that stops it: that one is not ours to
    // end.
    while (!lock.TryCloseGate()) {
        for (const int pid : lock.FindAtWork()) (void)kill(pid, SIGTERM);
        if (std::chrono::steady_clock::now() >= deadline)
            throw Error(sqlstates::kInUse,
                        {.message = "worker of the migration did not end in time",
                         .hint = "Try again; pgmigrate.lock_deadline sets how long to wait for it."});
        pg::Pause(std::chrono::milliseconds(10));
    }
}

std::vector<std::int64_t> StartMissingWorkers() {
    std::vector<std::int64_t> missing;
    if (RecoveryInProgress()) return missing;  // a standby: whoever promotes it starts them
    pg::SpiDatabase state = pg::StateDatabase();
    for (const MigrationRecord &record : StateStore(state).FindWaitingForWorker()) {
        if (IsWorkerRunning(record.id) || Register(record.id)) continue;
        WarnOfMissingSlot(record.name);
        missing.push_back(record.id);
    }
    return missing;
}

}  // namespace pgmigrate::worker
