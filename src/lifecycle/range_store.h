// SPDX-License-Identifier: PostgreSQL
// Reads and writes the ranges of pgmigrate.fill_range and the progress in pgmigrate.fill, as StateStore does with the
// rest. Of the two rows that belong to a range, the one of pgmigrate.fill is always locked first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/database.h"
#include "lifecycle/ranges.h"
#include "lifecycle/store.h"

namespace pgmigrate {

/// One row of pgmigrate.fill_range with what its table's row says.
struct RangeRecord {
    std::int64_t id = 0;
    std::int64_t first_block = 0;
    std::int64_t end_block = 0;
    std::int64_t next_block = 0;
    FillRecord table;

    bool IsFinished() const { return next_block >= end_block; }
};

/// What one batch of a range has led to.
struct RangeProgress {
    std::int64_t next_block = 0;
    std::int64_t rows = 0;
    double active_seconds = 0;
};

class RangeStore {
  public:
    explicit RangeStore(Database &database) : database_(database) {}

    /// The first unfinished ranges of a migration, in the order in which they are to be worked on.
    std::vector<RangeRecord> FindUnfinished(std::int64_t migration_id, int most);
    /// Nothing if the range is not there any more: the table was rewritten, or is no partition any more.
    std::optional<RangeRecord> Find(std::int64_t range_id);
    FillLoad Load(std::int64_t migration_id);

    /// Divides the table anew: nothing of it is filled. `fill` says its file and size.
    void Divide(std::int64_t migration_id, const FillRecord &fill);
    /// Locks the table's row of pgmigrate.fill and returns the file that its progress belongs to, 0 without such a row.
    std::int64_t LockFile(std::int64_t migration_id, std::int64_t relation);
    void Save(std::int64_t migration_id, const RangeRecord &range, const RangeProgress &progress);

    /// A table all of whose ranges are finished, and that nobody has marked as filled.
    std::optional<FillRecord> FindFinishedTable(std::int64_t migration_id);
    /// Unless it was divided anew meanwhile.
    void MarkFilled(std::int64_t migration_id, const FillRecord &fill);

  private:
    Database &database_;
};

}  // namespace pgmigrate
