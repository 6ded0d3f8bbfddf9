// SPDX-License-Identifier: PostgreSQL
// Writes pgmigrate.pressure and pgmigrate.pace (src/schema/14_pressure.sql), in the current transaction of the Database
// it was given.
#pragma once

#include <cstdint>

#include "core/database.h"
#include "lifecycle/governor.h"

namespace pgmigrate {

/// What the worker of a migration is about.
struct PaceRecord {
    std::string waiting_for = {};  ///< empty: for nothing
    double seconds_waiting = 0;
    double factor = 1;
    int workers = 1;
    std::int64_t batch_blocks = 0;
    std::int64_t wal_per_block = 0;
};

/// Replaces what was there of the migration, but for the seconds lost, which are added: `lost` holds those of each
/// signal since the last call. One statement each.
void SavePressure(Database &database, std::int64_t migration_id, const Governor &governor,
                  const std::array<double, kSignalCount> &lost, SteadyTime now);
void SavePace(Database &database, std::int64_t migration_id, const PaceRecord &record);

}  // namespace pgmigrate
