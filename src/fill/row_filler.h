// SPDX-License-Identifier: PostgreSQL
// Fills one row by an update of it through the table access method: no user trigger fires and no constraint is checked
// (the constraints of the new version are NOT VALID as yet and are validated after the fill; no other one can be
// concerned).
//
// Never waits while it holds row locks, unless told to: a row that somebody else has locked is reported as busy. A
// batch that waited would make the application wait for all the rows it has locked before, and two such waiters are a
// deadlock.
#pragma once

#include "fill/missing_values.h"
#include "fill/row_failure.h"

extern "C" {
#include "access/tableam.h"
#include "executor/tuptable.h"
#include "nodes/execnodes.h"
}

namespace pgmigrate::fill {

enum class RowOutcome {
    kFilled,
    kComplete,  ///< nothing was missing
    kGone,      ///< deleted, or replaced by a version that went through the trigger
    kBusy,      ///< locked or being changed by another transaction, which may yet abort: look again when it has ended
};

/// What PostgreSQL holds for it ends with the transaction when an exception skips Close(): a destructor could not
/// release it in a transaction that is broken already.
class RowFiller {
  public:
    /// Opens the table and takes a fresh snapshot, which is active until Close().
    explicit RowFiller(const FillRequest &request);
    RowFiller(const RowFiller &) = delete;
    RowFiller &operator=(const RowFiller &) = delete;
    void Close();

    /// Fills the row in the slot, which the snapshot sees. With `wait`, waits for who has locked it; the transaction
    /// must not hold row locks then. Throws RowFailure for an error that belongs to the row, ServerError for one that
    /// is likely to go away by itself.
    RowOutcome Fill(TupleTableSlot *row, bool wait = false);

    /// A transaction that keeps the busy row in the slot; invalid if none does any more.
    TransactionId FindBlocker(TupleTableSlot *row) const;

    /// Puts the row at the place into slot(), if the snapshot sees it there. VACUUM may have cut the block off
    /// meanwhile, when nothing was in it.
    bool Fetch(const RowLocation &location);

    Relation relation() const noexcept { return relation_; }
    TupleTableSlot *slot() const noexcept { return old_row_; }  ///< for the caller's scan
    MissingValues &missing() noexcept { return missing_; }
    AttrNumber last_target() const noexcept { return missing_.last_target(); }
    /// Where the row that was filled last is now.
    BlockNumber new_block() const noexcept { return ItemPointerGetBlockNumberNoCheck(&new_row_->tts_tid); }

  private:
    bool ComputeMissing(TupleTableSlot *row);
    RowOutcome Store(TupleTableSlot *row, bool wait);
    TM_Result Update(TupleTableSlot *row, bool wait);
    TM_Result Lock(TupleTableSlot *row, bool wait);

    const FillRequest &request_;
    Relation relation_;
    MissingValues missing_;
    LockTupleMode lock_mode_ = LockTupleNoKeyExclusive;
    BlockNumber blocks_ = 0;  ///< that it cannot lose while we lock the table
    EState *state_ = nullptr;
    ResultRelInfo *result_relation_ = nullptr;
    TupleTableSlot *old_row_ = nullptr;
    TupleTableSlot *new_row_ = nullptr;
    TupleTableSlot *locked_row_ = nullptr;
    CommandId command_ = InvalidCommandId;
};

}  // namespace pgmigrate::fill
