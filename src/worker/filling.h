// SPDX-License-Identifier: PostgreSQL
// Phase filling: rows that existed before the migration get their values, a batch of blocks per transaction.
//
// pgmigrate.fill.next_block promises that every row below it is filled. Rows that others hold are therefore remembered
// here and visited again when those transactions have ended, while the batches go on; the saved next_block stays at the
// block of the first such row meanwhile. After a crash the blocks from there on are merely read again: their filled
// rows need nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "fill/update_method.h"
#include "lifecycle/pace.h"
#include "lifecycle/store.h"

namespace pgmigrate::worker {

class Filling {
  public:
    /// One unit of work: a batch, or a wait for a transaction that holds the last rows. True if there was nothing left
    /// to do.
    bool RunUnit(const MigrationRecord &record);

  private:
    /// How far this process is with one table, of which the saved progress is a lower bound.
    struct Progress {
        std::int64_t position = 0;
        std::int64_t batch_blocks = kFirstBatchBlocks;
        std::vector<fill::BusyRow> busy;
    };
    struct Batch;

    void Measure(const MigrationRecord &record, FillRecord fill);
    void FillSome(const MigrationRecord &record, const FillRecord &fill);
    void FillInTransaction(const MigrationRecord &record, Batch &batch);
    void Work(Batch &batch, const fill::FillRequest &request);

    std::map<std::int64_t, Progress> progress_;  ///< by OID of the table
};

}  // namespace pgmigrate::worker
