// SPDX-License-Identifier: PostgreSQL
// Rows of a range of blocks.
#pragma once

#include <cstdint>

#include "pg/guard.h"

extern "C" {
#include "access/tableam.h"
#include "executor/tuptable.h"
#include "utils/relcache.h"
}

namespace pgmigrate::fill {

/// Scans the rows in blocks [first, last) that the active snapshot sees. What PostgreSQL holds for it ends with the
/// transaction when an exception skips End(). Throws 0A000 for a table whose access method does not know blocks.
class BlockScan {
  public:
    BlockScan(Relation relation, std::int64_t first, std::int64_t last);

    /// Puts the next row into the slot; false at the end.
    bool Next(TupleTableSlot *slot) {
        return pg::Call(::table_scan_getnextslot_tidrange, scan_, ForwardScanDirection, slot);
    }
    void End() { pg::Call(::table_endscan, scan_); }

  private:
    TableScanDesc scan_;
};

}  // namespace pgmigrate::fill
