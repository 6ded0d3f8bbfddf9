// SPDX-License-Identifier: PostgreSQL
// Every setting of pgmigrate (doc: doc/settings.md). Read through the functions below, never by name.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lifecycle/disk_need.h"
#include "lifecycle/fill_method.h"
#include "lifecycle/pressure_reader.h"

namespace pgmigrate::pg {

/// Defines the settings; called once, from _PG_init.
void DefineSettings();

int FillWorkers();                            ///< pgmigrate.fill_workers: most processes that fill; 0: automatic
std::chrono::milliseconds LockBudget();       ///< pgmigrate.lock_budget: longest queued wait for a lock, per attempt
std::chrono::milliseconds LockDeadline();     ///< pgmigrate.lock_deadline: how long to go on trying
FreeDiskFloor MinFreeDisk();                  ///< pgmigrate.min_free_disk: what migrate_start leaves free on disk
FillWish WishedFillMethod();                  ///< pgmigrate.fill_method
std::chrono::milliseconds FillPatience();     ///< pgmigrate.fill_patience: how long a page may stay unfinished
std::chrono::milliseconds ForceBlockerAge();  ///< pgmigrate.force_blocker_age: whom force may end
std::int64_t FillRateLimit();                 ///< pgmigrate.fill_rate_limit: heap bytes per second, 0: no limit
PressureSettings PressureLimitsSet();         ///< the limits of the signals, as they are set now
std::string PressureQuery();                  ///< pgmigrate.pressure_query; empty: none
std::string SessionVersion();                 ///< pgmigrate.version: version this session writes as; empty: not set

}  // namespace pgmigrate::pg
