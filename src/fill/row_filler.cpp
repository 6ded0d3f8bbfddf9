// SPDX-License-Identifier: PostgreSQL
#include "fill/row_filler.h"

#include "core/sqlstates.h"
#include "fill/row_description.h"
#include "lifecycle/retry.h"
#include "pg/compat.h"
#include "pg/memory.h"
#include "pg/server_error.h"

extern "C" {
#include "access/htup_details.h"
#include "access/multixact.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "storage/bufmgr.h"
#include "storage/procarray.h"
#include "utils/rel.h"
}

namespace pgmigrate::fill {
namespace {

/// heap_update() without waiting is what we want, but it asserts that the row is free (its authors knew no such
/// caller): a server built with assertions locks every row first, which costs a WAL record more.
#ifdef USE_ASSERT_CHECKING
constexpr bool kLockFirst = true;
#else
constexpr bool kLockFirst = false;
#endif

/// The table for the executor's index functions. It is in no range table (index 0), as in ExecGetTriggerResultRel():
/// what the executor would look up there are the columns assigned, which is a hint to the index that the key stays, and
/// none means exactly that. Whether an update is HOT and which lock it takes, heap_update() finds out from the values.
ResultRelInfo *OpenIndexes(Relation relation, EState *state) {
    const MemoryContext caller = MemoryContextSwitchTo(state->es_query_cxt);
    ResultRelInfo *const result = makeNode(ResultRelInfo);
    InitResultRelInfo(result, relation, 0, nullptr, 0);
    ExecOpenIndices(result, false);
    MemoryContextSwitchTo(caller);
    return result;
}

/// The lock that an update of the targets takes: the stronger one if a foreign key could refer to one of them.
LockTupleMode LockModeFor(Relation relation, const MissingValues *missing) {
    const Bitmapset *const keys = RelationGetIndexAttrBitmap(relation, INDEX_ATTR_BITMAP_KEY);
    for (std::size_t i = 0; i < missing->size(); ++i)
        if (bms_is_member(missing->target(i) - FirstLowInvalidHeapAttributeNumber, keys)) return LockTupleExclusive;
    return LockTupleNoKeyExclusive;
}

/// Whoever of a multixact's members is still running and in the way.
TransactionId RunningMember(MultiXactId multixact, bool only_locked) {
    MultiXactMember *members = nullptr;
    const int count = GetMultiXactIdMembers(multixact, &members, false, only_locked);
    for (int i = 0; i < count; ++i)
        if (members[i].status != MultiXactStatusForKeyShare && !TransactionIdIsCurrentTransactionId(members[i].xid) &&
            TransactionIdIsInProgress(members[i].xid))
            return members[i].xid;
    return InvalidTransactionId;
}

/// Reads xmax under the buffer's lock, for others write it. The slot's pin keeps the tuple where it is.
TransactionId BlockerOf(TupleTableSlot *row) {
    if (!TTS_IS_BUFFERTUPLE(row)) return InvalidTransactionId;
    const auto *const stored = reinterpret_cast<BufferHeapTupleTableSlot *>(row);
    if (!BufferIsValid(stored->buffer)) return InvalidTransactionId;
    LockBuffer(stored->buffer, BUFFER_LOCK_SHARE);
    const uint16 flags = stored->base.tuple->t_data->t_infomask;
    const TransactionId xmax = HeapTupleHeaderGetRawXmax(stored->base.tuple->t_data);
    LockBuffer(stored->buffer, BUFFER_LOCK_UNLOCK);
    if (flags & HEAP_XMAX_INVALID) return InvalidTransactionId;
    return flags & HEAP_XMAX_IS_MULTI ? RunningMember(xmax, HEAP_XMAX_IS_LOCKED_ONLY(flags)) : xmax;
}

}  // namespace

RowFiller::RowFiller(const FillRequest &request)
    : request_(request), relation_(pg::Call(::table_open, request.table.oid, NoLock)), missing_(relation_, request) {
    lock_mode_ = pg::Call(LockModeFor, relation_, static_cast<const MissingValues *>(&missing_));
    pg::Call([this] {
        blocks_ = RelationGetNumberOfBlocks(relation_);
        state_ = CreateExecutorState();
        result_relation_ = OpenIndexes(relation_, state_);
        old_row_ = table_slot_create(relation_, nullptr);
        locked_row_ = table_slot_create(relation_, nullptr);
        new_row_ = MakeSingleTupleTableSlot(RelationGetDescr(relation_), &TTSOpsVirtual);
        PushActiveSnapshot(GetTransactionSnapshot());  // after the table was locked
        command_ = GetCurrentCommandId(true);          // the snapshot does not see what this command writes
    });
}

void RowFiller::Close() {
    pg::Call([this] {
        PopActiveSnapshot();
        for (TupleTableSlot *const slot : {old_row_, locked_row_, new_row_}) ExecDropSingleTupleTableSlot(slot);
        ExecCloseIndices(result_relation_);
        FreeExecutorState(state_);
        table_close(relation_, NoLock);
        CommandCounterIncrement();
    });
}

RowOutcome RowFiller::Fill(TupleTableSlot *row, bool wait) {
    if (missing_.empty() || missing_.IsComplete(StoredAttributes(row))) return RowOutcome::kComplete;
    const RowLocation location{.relation = request_.table.oid,
                               .block = ItemPointerGetBlockNumberNoCheck(&row->tts_tid),
                               .offset = ItemPointerGetOffsetNumberNoCheck(&row->tts_tid)};
    try {
        const pg::ContextSwitch per_row(pg::Call([this] {
            ResetPerTupleExprContext(state_);
            return GetPerTupleMemoryContext(state_);
        }));
        return ComputeMissing(row) ? Store(row, wait) : RowOutcome::kComplete;
    } catch (const pg::ServerError &failure) {
        if (IsTransient(failure.state())) throw;
        throw RowFailure(failure.state(), failure.text(), location, DescribeLocation(location, request_.table.name));
    }
}

/// Makes the new version of the row. False if it would be the same as the old one.
bool RowFiller::ComputeMissing(TupleTableSlot *row) {
    pg::Call(::slot_getallattrs, row);
    pg::Call(::ExecClearTuple, new_row_);
    const auto columns = static_cast<std::size_t>(new_row_->tts_tupleDescriptor->natts);
    std::memcpy(new_row_->tts_values, row->tts_values, columns * sizeof(Datum));
    std::memcpy(new_row_->tts_isnull, row->tts_isnull, columns * sizeof(bool));
    const bool differs = missing_.Compute(StoredAttributes(row), new_row_->tts_values, new_row_->tts_isnull);
    pg::Call(::ExecStoreVirtualTuple, new_row_);
    new_row_->tts_tableOid = request_.table.oid;
    return differs;
}

RowOutcome RowFiller::Store(TupleTableSlot *row, bool wait) {
    TM_Result result = kLockFirst || wait ? TM_BeingModified : Update(row, false);
    if (result == TM_BeingModified) {
        result = Lock(row, wait);
        // Whoever else still holds a lock on the row (FOR KEY SHARE) does not conflict with ours: this cannot wait.
        if (result == TM_Ok) result = Update(row, true);
    }
    switch (result) {
        case TM_Ok:
            return RowOutcome::kFilled;
        case TM_Updated:
        case TM_Deleted:
        case TM_SelfModified:  // by the expression itself; its statement went through the trigger
            return RowOutcome::kGone;
        case TM_BeingModified:
        case TM_WouldBlock:
            return RowOutcome::kBusy;
        case TM_Invisible:
            break;
    }
    throw Error(sqlstates::kInternal, {.message = "row to fill is invisible to its own scan"});
}

TM_Result RowFiller::Update(TupleTableSlot *row, bool wait) {
    return pg::Call([this, row, wait] {
        TM_FailureData failure;
        LockTupleMode mode = LockTupleNoKeyExclusive;
        pg::IndexesToUpdate indexes{};
        const TM_Result result = table_tuple_update(relation_, &row->tts_tid, new_row_, command_, GetActiveSnapshot(),
                                                    InvalidSnapshot, wait, &failure, &mode, &indexes);
        if (result == TM_Ok) pg::InsertUpdatedIndexEntries(result_relation_, new_row_, state_, indexes);
        return result;
    });
}

TM_Result RowFiller::Lock(TupleTableSlot *row, bool wait) {
    return pg::Call([this, row, wait] {
        TM_FailureData failure;
        const TM_Result result = table_tuple_lock(relation_, &row->tts_tid, GetActiveSnapshot(), locked_row_, command_,
                                                  lock_mode_, wait ? LockWaitBlock : LockWaitSkip, 0, &failure);
        ExecClearTuple(locked_row_);
        return result;
    });
}

bool RowFiller::Fetch(const RowLocation &location) {
    if (location.block >= blocks_) return false;
    return pg::Call(
        [](Relation relation, TupleTableSlot *slot, BlockNumber block, OffsetNumber offset) {
            ItemPointerData tid;
            ItemPointerSet(&tid, block, offset);
            return table_tuple_fetch_row_version(relation, &tid, GetActiveSnapshot(), slot);
        },
        relation_, old_row_, location.block, location.offset);
}

TransactionId RowFiller::FindBlocker(TupleTableSlot *row) const { return pg::Call(BlockerOf, row); }

}  // namespace pgmigrate::fill
