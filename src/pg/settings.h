// SPDX-License-Identifier: PostgreSQL
// Every setting of pgmigrate (doc: README, "Settings"). Read through the functions below, never by name.
#pragma once

#include <chrono>
#include <string>

#include "lifecycle/disk_need.h"

namespace pgmigrate::pg {

/// Defines the settings; called once, from _PG_init.
void DefineSettings();

int FillWorkers();                         ///< pgmigrate.fill_workers: most processes that fill; 0: automatic
std::chrono::milliseconds LockBudget();    ///< pgmigrate.lock_budget: longest queued wait for a lock, per attempt
std::chrono::milliseconds LockDeadline();  ///< pgmigrate.lock_deadline: how long to go on trying
FreeDiskFloor MinFreeDisk();               ///< pgmigrate.min_free_disk: what migrate_start leaves free on disk
std::string SessionVersion();              ///< pgmigrate.version: version this session writes as; empty: not set

}  // namespace pgmigrate::pg
