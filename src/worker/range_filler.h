// SPDX-License-Identifier: PostgreSQL
// What one process does to fill: claims a range of blocks, fills it a batch per transaction, and claims the next. The
// worker of a migration and each of its helpers has one.
//
// pgmigrate.fill_range.next_block promises that every row of the range below it is filled. Rows that others hold are
// remembered here and visited again after the range, while its saved next_block stays at the block of the first such
// row; a range is finished when none is left. If their transactions still run then, the process keeps the range and
// goes on with another one, and waits only when nothing else can be done. After a crash the blocks from next_block on
// are merely read again: their filled rows need nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fill/update_method.h"
#include "lifecycle/pace.h"
#include "lifecycle/range_store.h"
#include "worker/range_lock.h"

namespace pgmigrate::worker {

class RangeFiller {
  public:
    /// One unit of work: a batch, a claim, or a wait for a transaction that holds rows. True if no range was left to
    /// claim and all claimed ones are finished.
    bool RunUnit(const MigrationRecord &record);

    /// True between two ranges, when nothing is left to scan in the last one.
    bool IsBetweenRanges() const;

    /// Waits for a range that another process works on, and claims it if it was left unfinished. Nothing if there is
    /// none.
    void WaitForOthers(const MigrationRecord &record);

  private:
    struct Claim {
        RangeRecord range;
        RangeLock lock;
        std::int64_t position = 0;        ///< blocks before it were visited
        std::vector<fill::BusyRow> busy;  ///< rows in them to be visited again
    };
    struct Batch;

    bool ClaimNext(const MigrationRecord &record);
    bool TryClaim(RangeStore &store, std::int64_t range_id);
    bool Add(RangeStore &store, std::int64_t range_id, const RangeLock &lock);
    bool Holds(std::int64_t range_id) const;
    void Release(std::size_t index);

    bool VisitAgain(const MigrationRecord &record);
    void WaitForBlocker();

    std::int64_t BlocksOfNextBatch(const Claim &claim) const;
    void RunBatch(const MigrationRecord &record, std::size_t index, Batch &batch);
    void FillInTransaction(const MigrationRecord &record, Batch &batch);
    void Fill(Batch &batch, const fill::FillRequest &request) const;
    bool IsStillWanted(const MigrationRecord &record, std::int64_t range_id) const;

    std::size_t BusyRows() const;

    std::vector<Claim> claims_;  ///< the last one is being scanned, the others have busy rows only
    std::int64_t batch_blocks_ = kFirstBatchBlocks;
    std::int64_t paced_table_ = 0;  ///< the table that batch_blocks_ was learned from
};

}  // namespace pgmigrate::worker
