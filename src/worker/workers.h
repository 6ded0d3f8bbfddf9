// SPDX-License-Identifier: PostgreSQL
// Starting, finding and stopping the background worker of a migration, and its helpers.
#pragma once

#include <cstdint>
#include <vector>

namespace pgmigrate::worker {

/// Registers a worker for the migration. It waits for the current transaction to end and exits if the migration is not
/// there then. Throws Error 53400 when max_worker_processes leaves no slot.
void StartWorker(std::int64_t migration_id);

/// Registers a helper that fills with the migration's worker. False when max_worker_processes leaves no slot. Needs a
/// transaction.
bool StartFillHelper(std::int64_t migration_id, int slot);

/// True while a worker process holds this migration.
bool IsWorkerRunning(std::int64_t migration_id);

/// Ends the migration's worker and its helpers, if any, and keeps others from beginning work until the current
/// transaction ends. Throws Error 55006 if it does not end within the lock deadline.
void StopWorker(std::int64_t migration_id);

/// Registers a worker for every unfinished migration of this database that has none (after a restart without preload).
/// A missing slot is a WARNING here. Returns the migrations that are left without a worker because of that.
/// `migrate_*` functions call it first.
std::vector<std::int64_t> StartMissingWorkers();

}  // namespace pgmigrate::worker
