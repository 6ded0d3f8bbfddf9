// SPDX-License-Identifier: PostgreSQL
#include "fill/update_method.h"

#include <chrono>

#include "fill/block_scan.h"
#include "fill/owner_scope.h"

extern "C" {
#include "storage/bufmgr.h"
#include "utils/rel.h"
}

namespace pgmigrate::fill {
namespace {

void Record(FillResult &result, RowOutcome outcome, const RowFiller &filler, int attempts) {
    if (outcome == RowOutcome::kFilled) ++result.rows_filled;
    if (outcome != RowOutcome::kBusy) return;
    TupleTableSlot *const row = filler.slot();
    result.busy.push_back({.location = {.relation = RelationGetRelid(filler.relation()),
                                        .block = ItemPointerGetBlockNumberNoCheck(&row->tts_tid),
                                        .offset = ItemPointerGetOffsetNumberNoCheck(&row->tts_tid)},
                           .blocker = filler.FindBlocker(row),
                           .attempts = attempts + 1});
}

/// The row at the place, if the snapshot sees it there. VACUUM may have cut the block off meanwhile, when nothing was
/// in it.
bool Fetch(const RowFiller &filler, const RowLocation &location) {
    return pg::Call(
        [](Relation relation, TupleTableSlot *slot, BlockNumber block, OffsetNumber offset) {
            if (block >= RelationGetNumberOfBlocks(relation)) return false;
            ItemPointerData tid;
            ItemPointerSet(&tid, block, offset);
            return table_tuple_fetch_row_version(relation, &tid, GetActiveSnapshot(), slot);
        },
        filler.relation(), filler.slot(), location.block, location.offset);
}

}  // namespace

FillResult FillBlocks(const FillRequest &request, std::int64_t first, std::int64_t last, const BatchLimits &limits) {
    FillResult result{.rows_filled = 0, .next_block = last, .busy = {}};
    if (request.spec.up.empty() || first >= last) return result;
    const auto start = std::chrono::steady_clock::now();
    const OwnerScope owner(request.table.owner, request.spec.search_path);
    RowFiller filler(request);
    BlockScan scan(filler.relation(), first, last);
    std::int64_t current = first;
    while (scan.Next(filler.slot())) {
        const std::int64_t block = ItemPointerGetBlockNumberNoCheck(&filler.slot()->tts_tid);
        const std::int64_t rows = result.rows_filled + static_cast<std::int64_t>(result.busy.size());
        if (block > current && (rows >= limits.rows || std::chrono::steady_clock::now() - start >= limits.active)) {
            result.next_block = block;
            break;
        }
        current = block;
        Record(result, filler.Fill(filler.slot()), filler, 0);
    }
    scan.End();
    filler.Close();
    return result;
}

FillResult FillRows(const FillRequest &request, const std::vector<BusyRow> &rows, bool wait) {
    FillResult result;
    const OwnerScope owner(request.table.owner, request.spec.search_path);
    RowFiller filler(request);
    for (const BusyRow &row : rows)
        if (Fetch(filler, row.location)) Record(result, filler.Fill(filler.slot(), wait), filler, row.attempts);
    filler.Close();
    return result;
}

}  // namespace pgmigrate::fill
