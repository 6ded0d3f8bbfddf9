// SPDX-License-Identifier: PostgreSQL
// Fill method "page": rows that existed before the migration get their values in place. Each page is rebuilt with the
// longer rows and swapped for the old one. No dead row, no index entry, no trigger, nothing for logical decoding.
//
// WHY IT IS LEGAL. A value may be added to a row version because nobody can read it: the shadow column is shown by no
// view before the migration is ready, no index and no constraint that is checked uses it, and it is NULL for every
// reader of the base table who looks before or after. So it makes no difference to anyone which row version has it, and
// nothing of what says who sees the row (xmin, xmax, ctid, hint bits) changes. To the rest of PostgreSQL the swap is
// what pruning a page does: rows change their place within the page, under their line pointers.
//
// THE PROTOCOL, for a page (PageFiller::Visit, PageImage::Install):
//
//  1. Pin it, lock it SHARE. Choose the rows that store fewer attributes than the last shadow column's number and are
//     not dead. Copy the page and its LSN. Unlock; the pin stays.
//     - Such a row was inserted by a transaction that was over when migrate_start got its lock (update_method.h), so it
//       is live, or live unless a deletion in progress commits. A row that somebody is deleting gets its value too: its
//       deleter may abort. Whether he commits or aborts needs no second visit. A row whose deletion has committed gets
//       none: only snapshots older than that see it, as with method update.
//  2. Compute the values from the copy, without any lock: expressions may run code of users, which may take any time,
//     fail, or touch this very page. Lay out the new page beside it.
//     - A value that wants to be stored out of line goes by method update: one that is a toast pointer already belongs
//       to the column it was read from, whose next update deletes the chunks; one that makes the row longer than the
//       TOAST threshold would be toasted by PostgreSQL. Pointers in other columns stay where they are, in the same row
//       of the same relation, with one owner as before.
//     - The snapshot taken before step 1 keeps chunks that rows of the copy point to from being vacuumed.
//  3. ConditionalLockBufferForCleanup: exclusive lock, and nobody else has a pin. Whoever holds a pointer to a row on
//     the page holds a pin (a scan or cursor on its current row, a slot between reading and updating a row, a waiter
//     for a row lock), so no pointer dangles, and no statement computes a new row version from the one without the
//     value. Never the waiting variant: a second waiter on a buffer gets an ERROR. If it fails, the page is left for
//     later.
//  4. If the LSN differs from the copy's, somebody changed the page: begin again. On a permanent table every change but
//     to hints is logged and moves the LSN (not so on unlogged and temporary tables, which is why they are refused).
//     With data checksums a hint may move it too, which costs us one needless round.
//     - Hints that do not move the LSN (hint bits of rows; pd_prune_xid, PD_PAGE_FULL, PD_ALL_VISIBLE in the page
//       header) are taken from the page as it is now. All bits of HEAP_XACT_MASK and all of t_infomask2 but the number
//       of attributes are replaced, and t_choice (xmin, xmax, command or xvac) and t_ctid are copied.
//  5. In a critical section: copy the new page over the old one, mark the buffer dirty, log, set the LSN. Unlock.
//     - Dirty before the WAL insertion and both under the exclusive lock: a checkpoint that begins meanwhile either
//       comes with its redo pointer before the record or writes the page with it.
//     - The record is XLOG_HEAP2_PRUNE (17: _ON_ACCESS) with nothing pruned and a forced image (pg/compat.h,
//       LogPageImage; 15: heap_xlog_prune, 16: the same with isCatalogRel, 17 and 18: heap_xlog_prune_freeze with
//       XLHP_CLEANUP_LOCK). Redo restores the image under a cleanup lock, on a standby too, and cancels nobody's query
//       by snapshot conflict. The image is there whatever full_page_writes says, and replaces the page whole, so
//       neither a torn page nor the state before matters. wal_compression applies as to every image. Checksums are set
//       when the page is written, as always. Logical decoding passes the record by.
//
// WHAT ELSE COULD CARE.
//  - HOT chains: line pointers, redirects, t_ctid, HEAP_HOT_UPDATED and HEAP_ONLY_TUPLE stay. Members of a chain may
//    differ in the number of attributes they store, as after any ADD COLUMN.
//  - Indexes: no entry changes, for no indexed value does. A table with an index on a shadow column is refused
//    (whole-row references count), and asked anew in every transaction, after its ROW EXCLUSIVE lock: CREATE INDEX
//    conflicts with that lock; CREATE INDEX CONCURRENTLY makes the index known first and then waits for all
//    transactions that hold it, so what it builds from is what we left, and we see it in the next transaction. Indexes
//    built later see ordinary rows.
//  - Visibility map: all-visible and all-frozen stay true, for no xid changes. Free space map: told by nobody, as after
//    pruning; inserters correct it when they find less.
//  - VACUUM: its list of dead line pointers stays right. Freezing is logged and moves the LSN.
//  - Row locks, multixacts, SSI: in the header, or by TID and xmin; both stay.
//  - Concurrent updates: before the swap they change the page (step 4); after it they read the row with its value; in
//    between there is the cleanup lock. The new version goes through the trigger, whatever the old one stored.
//  - An aborted fill leaves values in place: the right ones, which a second visit takes as done. An expression that
//    writes would have lost what it wrote; tables with such a one (a VOLATILE function of a user) are filled by update.
//  - Logical decoding sees nothing: tables whose publication carries the column are filled by update. A subscription
//    that begins later copies the rows after waiting for all transactions that have an xid, so ours takes one before it
//    looks for publications.
//  - TRUNCATE, VACUUM FULL, CLUSTER, DROP TABLE and the truncation at the end of VACUUM take ACCESS EXCLUSIVE, which
//    waits for our transaction.
//
// ROOM. If the longer rows do not fit, dead rows are pruned; if they still do not fit, as many rows as needed are moved
// by method update, the longest first, and the page is left: once no snapshot sees the old versions, they are pruned
// and the page is finished. If the horizon does not move (horizon_is_stuck), or the page is late, the rest of its rows
// goes by update.
//
// Relied upon beyond what extensions commonly use: ConditionalLockBufferForCleanup, HeapTupleSatisfiesVacuumHorizon,
// heap_page_prune_opt, the layout of heap tuples (access/htup_details.h, fill_val() in heaptuple.c), xl_heap_prune. The
// versions for which all of it has been tested are listed in lifecycle/fill_method.cpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "fill/update_method.h"
#include "lifecycle/left_pages.h"

namespace pgmigrate::fill {

struct PageFillResult : FillResult {
    std::int64_t rows_moved = 0;  ///< of rows_filled: by method update
    std::vector<PageLeft> left;   ///< pages to visit again, in another transaction
};

/// When to stop trying.
struct PagePatience {
    std::chrono::milliseconds limit = std::chrono::seconds(2);  ///< rows of a page left for longer go by update
    bool horizon_is_stuck = false;                              ///< rows of a page that lacks room go by update at once
};

/// Fills blocks [first, last), in the current transaction, which holds no pin on them. Stops early after a page that
/// reaches a limit (`limits.rows` counts moved rows). Every page before next_block is filled but for result.left and
/// result.busy. Runs `up` as the table's owner in a restricted operation. Throws RowFailure.
///
/// The caller has found out that the method may be used (lifecycle/fill_method.h) in the same transaction, after it had
/// locked the table and taken an xid.
PageFillResult FillPages(const FillRequest &request, std::int64_t first, std::int64_t last, const BatchLimits &limits,
                         const PagePatience &patience);

/// Fills pages that were left, in a new transaction. Each is either finished or in result.left again, those too that a
/// limit kept from being visited.
PageFillResult FillSinglePages(const FillRequest &request, const std::vector<PageLeft> &pages,
                               const BatchLimits &limits, const PagePatience &patience);

/// Gives the current transaction an xid. The method's caller does so before it looks whether a publication carries a
/// column.
void TakeTransactionId();

/// A shadow column that an index of any state uses; empty if there is none. The table is locked.
std::string IndexedTarget(const FillRequest &request);

/// True if every snapshot of this database that could see the transaction's deletions as undone is gone.
bool HorizonHasPassed(Oid relation, TransactionId transaction);

}  // namespace pgmigrate::fill
