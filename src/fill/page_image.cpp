// SPDX-License-Identifier: PostgreSQL
#include "fill/page_image.h"

#include "pg/compat.h"

extern "C" {
#include "access/heapam.h"
#include "access/tupmacs.h"
#include "access/xloginsert.h"
#include "utils/rel.h"
}

namespace pgmigrate::fill {
namespace {

/// Is the row dead, or will it be when every snapshot of now is gone? Sets hint bits.
bool IsDying(HeapTuple tuple, Buffer buffer, PageSeen *seen) {
    TransactionId deleter = InvalidTransactionId;
    switch (HeapTupleSatisfiesVacuumHorizon(tuple, buffer, &deleter)) {
        case HEAPTUPLE_DEAD:
            return true;
        case HEAPTUPLE_RECENTLY_DEAD:
            if (!TransactionIdIsValid(seen->last_deleter) || TransactionIdPrecedes(seen->last_deleter, deleter))
                seen->last_deleter = deleter;
            return true;
        case HEAPTUPLE_LIVE:
        case HEAPTUPLE_DELETE_IN_PROGRESS:
        case HEAPTUPLE_INSERT_IN_PROGRESS:  // a row that lacks a value cannot be one; a value in it does no harm
            break;
    }
    return false;
}

HeapTupleHeader HeaderAt(Page page, OffsetNumber offset) noexcept {
    return reinterpret_cast<HeapTupleHeader>(PageGetItem(page, PageGetItemId(page, offset)));
}

/// Bytes behind `end` at which a value is put, and how it is: as fill_val() of heaptuple.c does it.
struct Placed {
    Size start;
    Size length;
    bool shorten;  ///< a varlena that gets a header of one byte
};

Placed PlaceValue(Size end, Form_pg_attribute column, Datum value) noexcept {
    if (column->attbyval) return {att_align_nominal(end, column->attalign), static_cast<Size>(column->attlen), false};
    const char *const bytes = DatumGetPointer(value);
    if (column->attlen == -1) {
        if (VARATT_IS_SHORT(bytes)) return {end, VARSIZE_SHORT(bytes), false};
        if (column->attstorage != TYPSTORAGE_PLAIN && VARATT_CAN_MAKE_SHORT(bytes))
            return {end, VARATT_CONVERTED_SHORT_SIZE(bytes), true};
        return {att_align_nominal(end, column->attalign), VARSIZE(bytes), false};
    }
    if (column->attlen == -2) return {end, std::strlen(bytes) + 1, false};
    return {att_align_nominal(end, column->attalign), static_cast<Size>(column->attlen), false};
}

void StoreValue(char *target, const Placed &placed, Form_pg_attribute column, Datum value) noexcept {
    if (column->attbyval) {
        store_att_byval(target, value, column->attlen);
        return;
    }
    const char *const bytes = DatumGetPointer(value);
    if (!placed.shorten) {
        std::memcpy(target, bytes, placed.length);
        return;
    }
    SET_VARSIZE_SHORT(target, placed.length);
    std::memcpy(target + 1, VARDATA(bytes), placed.length - 1);
}

/// Where the parts of a lengthened row are.
struct Layout {
    int stored;
    bool has_nulls;
    Size old_data;  ///< bytes of the values that it has
    Size header;    ///< bytes before the values
    Size length;
};

Layout LayOut(const HeapTupleData &tuple, TupleDesc columns, int wanted, const Datum *values,
              const bool *nulls) noexcept {
    const HeapTupleHeader header = tuple.t_data;
    Layout layout{};
    layout.stored = HeapTupleHeaderGetNatts(header);
    layout.has_nulls = (header->t_infomask & HEAP_HASNULL) != 0;
    layout.old_data = tuple.t_len - header->t_hoff;
    Size end = layout.old_data;
    for (int i = layout.stored; i < wanted; ++i) {
        layout.has_nulls = layout.has_nulls || nulls[i];
        if (nulls[i]) continue;
        const Placed placed = PlaceValue(end, TupleDescAttr(columns, i), values[i]);
        end = placed.start + placed.length;
    }
    layout.header = MAXALIGN(SizeofHeapTupleHeader + (layout.has_nulls ? BITMAPLEN(wanted) : 0));
    layout.length = layout.header + end;
    return layout;
}

/// One bit for each attribute, 1 where there is a value. The target is zero before.
void WriteNullBitmap(bits8 *target, HeapTupleHeader old, int stored, int wanted, const bool *nulls) noexcept {
    const bool had_nulls = (old->t_infomask & HEAP_HASNULL) != 0;
    for (int i = 0; i < wanted; ++i) {
        const bool is_null = i < stored ? had_nulls && att_isnull(i, old->t_bits) : nulls[i];
        if (!is_null) target[i >> 3] = static_cast<bits8>(target[i >> 3] | (1 << (i & 7)));
    }
}

}  // namespace

HeapTupleData PageSeen::Tuple(OffsetNumber offset) noexcept {
    HeapTupleData tuple{};
    tuple.t_len = static_cast<uint32>(LengthOf(offset));
    tuple.t_data = HeaderAt(page(), offset);
    tuple.t_tableOid = InvalidOid;
    ItemPointerSetInvalid(&tuple.t_self);
    return tuple;
}

void SeePage(Relation relation, Buffer buffer, int wanted, PageSeen *seen) {
    seen->lacking_count = 0;
    seen->dying_bytes = 0;
    seen->last_deleter = InvalidTransactionId;
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    Page page = BufferGetPage(buffer);
    const OffsetNumber last = PageIsNew(page) ? InvalidOffsetNumber : PageGetMaxOffsetNumber(page);
    for (OffsetNumber offset = FirstOffsetNumber; offset <= last; offset = OffsetNumberNext(offset)) {
        const ItemId item = PageGetItemId(page, offset);
        if (!ItemIdIsNormal(item)) continue;
        HeapTupleData tuple;
        tuple.t_tableOid = RelationGetRelid(relation);
        tuple.t_data = HeaderAt(page, offset);
        tuple.t_len = ItemIdGetLength(item);
        ItemPointerSet(&tuple.t_self, BufferGetBlockNumber(buffer), offset);
        // On a page that is all visible no row is dead; the bit is set and cleared under the lock that we hold.
        if (!PageIsAllVisible(page) && IsDying(&tuple, buffer, seen))
            seen->dying_bytes += MAXALIGN(tuple.t_len);
        else if (HeapTupleHeaderGetNatts(tuple.t_data) < wanted)
            seen->lacking[seen->lacking_count++] = offset;
    }
    if (seen->lacking_count > 0) {
        std::memcpy(seen->copy.data, page, BLCKSZ);
        seen->lsn = BufferGetLSNAtomic(buffer);
    }
    LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
}

void PageImage::Begin(PageSeen *seen) noexcept {
    seen_ = seen;
    needed_ = 0;
    const auto *const header = reinterpret_cast<PageHeader>(seen->page());
    capacity_ = static_cast<std::int64_t>(header->pd_special) - header->pd_lower;
    std::memset(image_.data, 0, BLCKSZ);
    std::memcpy(image_.data, seen->copy.data, header->pd_lower);
    std::memcpy(image_.data + header->pd_special, seen->copy.data + header->pd_special,
                static_cast<Size>(BLCKSZ - header->pd_special));
}

/// Room for a row, from the end of the page downwards as PostgreSQL does; nullptr once the page is full.
char *PageImage::Reserve(OffsetNumber offset, Size length) noexcept {
    needed_ += static_cast<std::int64_t>(MAXALIGN(length));
    if (needed_ > capacity_) return nullptr;
    const auto *const header = reinterpret_cast<PageHeader>(seen_->page());
    const auto start = static_cast<unsigned>(header->pd_special - needed_);
    ItemIdSetNormal(PageGetItemId(image_.data, offset), start, static_cast<unsigned>(length));
    return image_.data + start;
}

void PageImage::Keep(OffsetNumber offset) noexcept {
    const Size length = seen_->LengthOf(offset);
    if (char *const target = Reserve(offset, length)) std::memcpy(target, HeaderAt(seen_->page(), offset), length);
}

Size PageImage::LongerLength(OffsetNumber offset, TupleDesc columns, int wanted, const Datum *values,
                             const bool *nulls) noexcept {
    return LayOut(seen_->Tuple(offset), columns, wanted, values, nulls).length;
}

Size PageImage::Lengthen(OffsetNumber offset, TupleDesc columns, int wanted, const Datum *values,
                         const bool *nulls) noexcept {
    const HeapTupleData tuple = seen_->Tuple(offset);
    const HeapTupleHeader old = tuple.t_data;
    const Layout layout = LayOut(tuple, columns, wanted, values, nulls);
    char *const target = Reserve(offset, layout.length);
    if (target == nullptr) return layout.length;
    // Alignment counts from the first value, and all of it stays: the values that were there are copied as they are.
    auto *const header = reinterpret_cast<HeapTupleHeader>(target);
    std::memcpy(header, old, SizeofHeapTupleHeader);
    header->t_hoff = static_cast<uint8>(layout.header);
    HeapTupleHeaderSetNatts(header, wanted);
    header->t_infomask = static_cast<uint16>(header->t_infomask & ~HEAP_HASNULL);
    if (layout.has_nulls) {
        header->t_infomask |= HEAP_HASNULL;
        WriteNullBitmap(header->t_bits, old, layout.stored, wanted, nulls);
    }
    char *const data = target + layout.header;
    std::memcpy(data, reinterpret_cast<const char *>(old) + old->t_hoff, layout.old_data);
    Size end = layout.old_data;
    for (int i = layout.stored; i < wanted; ++i) {
        if (nulls[i]) continue;
        const Form_pg_attribute column = TupleDescAttr(columns, i);
        const Placed placed = PlaceValue(end, column, values[i]);
        StoreValue(data + placed.start, placed, column, values[i]);
        if (column->attlen < 0) header->t_infomask |= HEAP_HASVARWIDTH;
        end = placed.start + placed.length;
    }
    return layout.length;
}

/// Every change of a page of a permanent table but to hints is logged and moves its LSN. The line pointers are compared
/// nevertheless: they cost nothing, and what we write stands or falls with them.
bool PageImage::IsStillSeen(Page page) noexcept {
    const auto *const now = reinterpret_cast<PageHeader>(page);
    const auto *const then = reinterpret_cast<PageHeader>(seen_->page());
    return PageGetLSN(page) == seen_->lsn && now->pd_lower == then->pd_lower && now->pd_upper == then->pd_upper &&
           now->pd_special == then->pd_special &&
           std::memcmp(page + SizeOfPageHeaderData, seen_->page() + SizeOfPageHeaderData,
                       now->pd_lower - SizeOfPageHeaderData) == 0;
}

/// What hints may have changed since the page was seen is taken from the page of now: the page header, and of each row
/// everything that says who made, deleted or locked it. The bits are replaced, never added: what was in their place is
/// meaningless.
void PageImage::TakeOverHeaders(Page page) noexcept {
    auto *const header = reinterpret_cast<PageHeader>(image_.data);
    std::memcpy(header, page, SizeOfPageHeaderData);
    header->pd_upper = static_cast<LocationIndex>(header->pd_special - needed_);
    const OffsetNumber last = PageGetMaxOffsetNumber(page);
    for (OffsetNumber offset = FirstOffsetNumber; offset <= last; offset = OffsetNumberNext(offset)) {
        if (!ItemIdIsNormal(PageGetItemId(page, offset))) continue;
        const HeapTupleHeader now = HeaderAt(page, offset);
        const HeapTupleHeader ours = HeaderAt(image_.data, offset);
        ours->t_choice = now->t_choice;
        ours->t_ctid = now->t_ctid;
        ours->t_infomask =
            static_cast<uint16>((ours->t_infomask & ~HEAP_XACT_MASK) | (now->t_infomask & HEAP_XACT_MASK));
        ours->t_infomask2 =
            static_cast<uint16>((ours->t_infomask2 & HEAP_NATTS_MASK) | (now->t_infomask2 & ~HEAP_NATTS_MASK));
    }
}

InstallOutcome PageImage::Install(Relation relation, Buffer buffer) {
    if (!ConditionalLockBufferForCleanup(buffer)) return InstallOutcome::kInUse;
    Page page = BufferGetPage(buffer);
    if (!IsStillSeen(page)) {
        LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
        return InstallOutcome::kChanged;
    }
    TakeOverHeaders(page);
    START_CRIT_SECTION();
    std::memcpy(page, image_.data, BLCKSZ);
    MarkBufferDirty(buffer);
    const XLogRecPtr end = pg::LogPageImage(relation, buffer);
    PageSetLSN(page, end);
    END_CRIT_SECTION();
    LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
    return InstallOutcome::kInstalled;
}

}  // namespace pgmigrate::fill
