// SPDX-License-Identifier: PostgreSQL
#include "fill/block_scan.h"

#include "core/error.h"
#include "core/sqlstates.h"

extern "C" {
#include "utils/rel.h"
}

namespace pgmigrate::fill {
namespace {

TableScanDesc Begin(Relation relation, std::int64_t first, std::int64_t last) {
    if (relation->rd_tableam->scan_set_tidrange == nullptr) return nullptr;
    ItemPointerData low, high;
    ItemPointerSet(&low, static_cast<BlockNumber>(first), 1);
    ItemPointerSet(&high, static_cast<BlockNumber>(last - 1), MaxOffsetNumber);
    return table_beginscan_tidrange(relation, GetActiveSnapshot(), &low, &high);
}

}  // namespace

BlockScan::BlockScan(Relation relation, std::int64_t first, std::int64_t last)
    : scan_(pg::Call(Begin, relation, first, last)) {
    if (scan_ != nullptr) return;
    throw Error(
        sqlstates::kFeatureNotSupported,
        {.message = "access method of the table cannot be scanned by blocks",
         .hint = "Undo the migration with SELECT migrate_rollback(); move the table to access method heap first."});
}

}  // namespace pgmigrate::fill
