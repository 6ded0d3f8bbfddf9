// SPDX-License-Identifier: PostgreSQL
// Fill method "update": rows that existed before the migration get their values by an update of each.
//
// Which rows can lack a value? migrate_start held ACCESS EXCLUSIVE on the table while it added the columns and the
// trigger, so every transaction that had written to the table before has ended, prepared ones too, and the starting
// transaction itself has committed before the worker begins. A row without the value was therefore inserted by a
// transaction that is over: no row that is invisible because its inserter still runs can lack it. What can be in
// progress is the deletion, update or locking of such a row. If that transaction commits, the row is gone or has a
// version that went through the trigger; if it aborts, the row is as it was. So a busy row must be looked at again when
// the transaction has ended, and may be forgotten only then.
#pragma once

#include <cstdint>
#include <vector>

#include "fill/row_failure.h"
#include "fill/row_filler.h"
#include "lifecycle/pace.h"

namespace pgmigrate::fill {

/// A row that another transaction was working on.
struct BusyRow {
    RowLocation location;
    TransactionId blocker = InvalidTransactionId;  ///< invalid: it had ended already when we looked
    int attempts = 0;
};

struct FillResult {
    std::int64_t rows_filled = 0;
    std::int64_t next_block = 0;  ///< the blocks before it were visited
    std::vector<BusyRow> busy;    ///< rows in them that must be visited again
    bool is_waited_for = false;   ///< ended early, because somebody waits for rows that this transaction has locked
};

/// Fills the rows in blocks [first, last), in the current transaction. Stops early at the end of a block that reaches a
/// limit. Runs `up` as the table's owner in a restricted operation. Throws RowFailure.
FillResult FillBlocks(const FillRequest &request, std::int64_t first, std::int64_t last, const BatchLimits &limits);

/// Fills rows that were busy, in a new transaction. Those still busy come back with one attempt more. With `wait`,
/// waits for the locks of each row, which only makes sense for a single one.
FillResult FillRows(const FillRequest &request, const std::vector<BusyRow> &rows, bool wait);

/// Adds to the result what became of the row in the filler's slot.
void Record(FillResult &result, RowOutcome outcome, const RowFiller &filler, int attempts);

}  // namespace pgmigrate::fill
