// SPDX-License-Identifier: PostgreSQL
#include "fill/page_filler.h"

#include <algorithm>
#include <numeric>

#include "fill/row_description.h"
#include "lifecycle/retry.h"
#include "pg/memory.h"
#include "pg/server_error.h"

extern "C" {
#include "access/heapam.h"
#include "access/heaptoast.h"
#include "utils/rel.h"
}

namespace pgmigrate::fill {
namespace {

/// Times that a page is looked at anew in one visit because it changed meanwhile.
constexpr int kAttempts = 3;

/// A large table is read through a small ring of buffers, so that it does not push out what others use; as by a
/// sequential scan. Pages that we change leave the ring.
BufferAccessStrategy StrategyFor(std::int64_t blocks) {
    return blocks > NBuffers / 4 ? GetAccessStrategy(BAS_BULKREAD) : nullptr;
}

/// Tells PostgreSQL that an update finds no room on the page, which is the truth, so that it prunes the page even where
/// a good deal is free.
void HintThatPageIsFull(Buffer buffer) {
    if (PageIsFull(BufferGetPage(buffer))) return;
    LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
    PageSetFull(BufferGetPage(buffer));
    MarkBufferDirtyHint(buffer, true);
    LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
}

bool IsInUse(Buffer buffer) {
    if (!ConditionalLockBufferForCleanup(buffer)) return true;
    LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
    return false;
}

/// Puts a row of the copy into the slot. False if its values do not fill it exactly, so that none can be put behind
/// them, or do not begin where they should: a release before 12 wrote it to a table WITH OIDS.
bool TakeApart(TupleTableSlot *slot, HeapTuple tuple) {
    (void)ExecStoreHeapTuple(tuple, slot, false);
    slot_getallattrs(slot);
    return reinterpret_cast<HeapTupleTableSlot *>(slot)->off == tuple->t_len - tuple->t_data->t_hoff &&
           (tuple->t_data->t_infomask & HEAP_HASOID_OLD) == 0;
}

}  // namespace

PageFiller::PageFiller(const FillRequest &request, const PagePatience &patience)
    : request_(request),
      patience_(patience),
      rows_(request),
      columns_(RelationGetDescr(rows_.relation())),
      seen_(std::make_unique<PageSeen>()),
      image_(std::make_unique<PageImage>()) {
    pg::Call([this] {
        blocks_ = RelationGetNumberOfBlocks(rows_.relation());
        strategy_ = StrategyFor(blocks_);
        row_ = MakeSingleTupleTableSlot(columns_, &TTSOpsHeapTuple);
    });
}

void PageFiller::Close() {
    pg::Call([this] {
        ExecDropSingleTupleTableSlot(row_);
        if (strategy_ != nullptr) FreeAccessStrategy(strategy_);
    });
    rows_.Close();
}

void PageFiller::Visit(const PageLeft &page, PageFillResult &result) {
    block_ = page.block;
    buffer_ = pg::Call(::ReadBufferExtended, rows_.relation(), MAIN_FORKNUM, block_, RBM_NORMAL, strategy_);
    is_late_ = PageLeft::Clock::now() - page.since >= patience_.limit;
    TransactionId blocker = InvalidTransactionId;
    const Verdict verdict = Try(page, result, &blocker);
    if (verdict == Verdict::kByUpdate || (verdict == Verdict::kLeft && is_late_))
        UpdateRows(seen_->lacking, static_cast<std::size_t>(seen_->lacking_count), result);
    else if (verdict == Verdict::kLeft)
        result.left.push_back(
            {.block = page.block, .blocker = blocker, .visits = page.visits + 1, .since = page.since});
    pg::Call(::ReleaseBuffer, buffer_);
}

PageFiller::Verdict PageFiller::Try(const PageLeft &page, PageFillResult &result, TransactionId *blocker) {
    bool pruned = page.blocker != InvalidTransactionId;
    if (pruned) Prune();
    // A page that was in use is looked at before its rows are computed again; a late one is seen to in any case.
    if (page.visits > 0 && !pruned && !is_late_ && pg::Call(IsInUse, buffer_)) return Verdict::kLeft;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        pg::Call(SeePage, rows_.relation(), buffer_, int{rows_.last_target()}, seen_.get());
        if (seen_->lacking_count == 0) return Verdict::kFinished;
        Build();
        if (by_update_.size() == static_cast<std::size_t>(seen_->lacking_count)) return Verdict::kByUpdate;
        if (image_->Excess() > 0) {
            if (!std::exchange(pruned, true) && Prune()) continue;
            if (patience_.horizon_is_stuck || is_late_) return Verdict::kByUpdate;
            *blocker = MakeRoom(result);
            return Verdict::kLeft;
        }
        switch (pg::Call([this] { return image_->Install(rows_.relation(), buffer_); })) {
            case InstallOutcome::kInstalled:
                result.rows_filled += seen_->lacking_count - static_cast<std::int64_t>(by_update_.size());
                UpdateRows(by_update_.data(), by_update_.size(), result);
                return Verdict::kFinished;
            case InstallOutcome::kInUse:
                return Verdict::kLeft;
            case InstallOutcome::kChanged:
                break;
        }
    }
    return Verdict::kLeft;
}

/// Prunes the page if there is something to prune and nobody uses it. True if it changed.
bool PageFiller::Prune() {
    return pg::Call([this] {
        if (!TransactionIdIsValid(reinterpret_cast<PageHeader>(BufferGetPage(buffer_))->pd_prune_xid)) return false;
        HintThatPageIsFull(buffer_);
        const XLogRecPtr before = BufferGetLSNAtomic(buffer_);
        heap_page_prune_opt(rows_.relation(), buffer_);
        return BufferGetLSNAtomic(buffer_) != before;
    });
}

/// Builds the page that is to replace the one seen, or at least finds out how long its rows become.
void PageFiller::Build() {
    const pg::ScratchContext values;
    image_->Begin(seen_.get());
    by_update_.clear();
    lengths_.clear();
    const OffsetNumber last = PageGetMaxOffsetNumber(seen_->page());
    int next = 0;
    for (OffsetNumber offset = FirstOffsetNumber; offset <= last; offset = OffsetNumberNext(offset)) {
        if (!ItemIdIsNormal(PageGetItemId(seen_->page(), offset))) continue;
        if (next < seen_->lacking_count && seen_->lacking[next] == offset) {
            BuildRow(offset);
            ++next;
        } else {
            image_->Keep(offset);
        }
    }
}

void PageFiller::BuildRow(OffsetNumber offset) {
    tuple_ = seen_->Tuple(offset);
    const int stored = HeapTupleHeaderGetNatts(tuple_.t_data);
    bool in_place = false;
    try {
        in_place = pg::Call(TakeApart, row_, &tuple_);
        (void)rows_.missing().Compute(stored, row_->tts_values, row_->tts_isnull);
    } catch (const pg::ServerError &failure) {
        if (IsTransient(failure.state())) throw;
        const RowLocation location{.relation = request_.table.oid, .block = block_, .offset = offset};
        throw RowFailure(failure.state(), failure.text(), location, DescribeLocation(location, request_.table.name));
    }
    Size length = tuple_.t_len;
    if (in_place && CanBeStoredInPlace(offset, stored)) {
        length = image_->Lengthen(offset, columns_, rows_.last_target(), row_->tts_values, row_->tts_isnull);
    } else {
        by_update_.push_back(offset);
        image_->Keep(offset);
    }
    lengths_.push_back(MAXALIGN(length));
}

/// Is none of the new values to be toasted? By the rule of heap_update(), but that a value of fixed length, which
/// cannot be toasted itself, is no reason to toast others.
bool PageFiller::CanBeStoredInPlace(OffsetNumber offset, int stored) const noexcept {
    const int wanted = rows_.last_target();
    bool may_be_toasted = false;
    for (int i = stored; i < wanted; ++i) {
        if (row_->tts_isnull[i] || TupleDescAttr(columns_, i)->attlen != -1) continue;
        may_be_toasted = true;
        if (VARATT_IS_EXTERNAL(DatumGetPointer(row_->tts_values[i]))) return false;
    }
    return !may_be_toasted || !OidIsValid(rows_.relation()->rd_rel->reltoastrelid) ||
           image_->LongerLength(offset, columns_, wanted, row_->tts_values, row_->tts_isnull) <= TOAST_TUPLE_THRESHOLD;
}

/// Moves rows elsewhere until the others will fit, once the versions left behind are gone. Returns the transaction
/// after whose end they go.
TransactionId PageFiller::MakeRoom(PageFillResult &result) {
    std::int64_t excess = image_->Excess() - static_cast<std::int64_t>(seen_->dying_bytes);
    TransactionId blocker = seen_->last_deleter;
    std::vector<std::size_t> order(lengths_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto must_go = [this](std::size_t i) { return std::ranges::count(by_update_, seen_->lacking[i]) > 0; };
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        return std::pair(must_go(a), lengths_[a]) > std::pair(must_go(b), lengths_[b]);
    });
    for (const std::size_t i : order) {
        if (excess <= 0 && !must_go(i)) break;
        const RowOutcome outcome = UpdateRow(seen_->lacking[i], result, false);
        if (outcome == RowOutcome::kFilled) blocker = pg::Call(::GetCurrentTransactionId);
        // A new version on the same page (HOT) takes what the longer row would have taken.
        const bool leaves =
            outcome == RowOutcome::kGone || (outcome == RowOutcome::kFilled && rows_.new_block() != block_);
        if (leaves) excess -= static_cast<std::int64_t>(lengths_[i]);
    }
    return blocker;
}

/// Fills the row by method update. A busy one is remembered if the page is not going to be visited again.
RowOutcome PageFiller::UpdateRow(OffsetNumber offset, PageFillResult &result, bool remember_busy) {
    if (!rows_.Fetch({.relation = request_.table.oid, .block = block_, .offset = offset})) return RowOutcome::kGone;
    const RowOutcome outcome = rows_.Fill(rows_.slot());
    if (remember_busy || outcome != RowOutcome::kBusy) Record(result, outcome, rows_, 0);
    if (outcome == RowOutcome::kFilled) ++result.rows_moved;
    pg::Call(::ExecClearTuple, rows_.slot());  // its pin
    return outcome;
}

void PageFiller::UpdateRows(const OffsetNumber *offsets, std::size_t count, PageFillResult &result) {
    for (std::size_t i = 0; i < count; ++i) (void)UpdateRow(offsets[i], result, true);
}

}  // namespace pgmigrate::fill
