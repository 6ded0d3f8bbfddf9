// SPDX-License-Identifier: PostgreSQL
// Phase filling, as the migration's worker sees it: it measures the tables and divides them in ranges, starts helpers,
// fills ranges itself as they do, and analyzes each table that is filled.
#pragma once

#include <chrono>
#include <optional>

#include "lifecycle/store.h"
#include "worker/range_filler.h"

namespace pgmigrate::worker {

class Filling {
  public:
    /// One unit of work. True if there was nothing left to do, by whomever.
    bool RunUnit(const MigrationRecord &record);

  private:
    bool PrepareTable(const MigrationRecord &record);
    void StartHelpers(const MigrationRecord &record);

    RangeFiller ranges_;
    std::optional<std::chrono::steady_clock::time_point> helpers_started_;
};

}  // namespace pgmigrate::worker
