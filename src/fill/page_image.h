// SPDX-License-Identifier: PostgreSQL
// A heap page as it was seen, and the page that is to replace it: the same rows at the same line pointers, some of them
// with more attributes. page_method.h says what both are for and why each step is safe; here is only what touches
// bytes.
//
// The functions may raise a PostgreSQL ERROR unless they are noexcept, so they belong inside pg::Call.
#pragma once

#include "pg/guard.h"

extern "C" {
#include "access/htup_details.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "utils/relcache.h"
}

namespace pgmigrate::fill {

/// A page as it was under its share lock. Plain data.
struct PageSeen {
    PGAlignedBlock copy;
    XLogRecPtr lsn;
    OffsetNumber lacking[MaxHeapTuplesPerPage];  ///< rows that want a value, in the order of their line pointers
    int lacking_count;
    /// Bytes of rows that are dead to every snapshot that begins from now on.
    Size dying_bytes;
    TransactionId last_deleter;  ///< of those rows, the newest that some snapshot may still not see as over

    Page page() noexcept { return copy.data; }
    HeapTupleData Tuple(OffsetNumber offset) noexcept;
    Size LengthOf(OffsetNumber offset) noexcept { return ItemIdGetLength(PageGetItemId(page(), offset)); }
};

/// Looks at a pinned page under its share lock: which rows store fewer than `wanted` attributes and live, or may come
/// back to life when a deletion in progress is rolled back. Sets hint bits, as every reader does. Nothing is copied
/// when no row lacks anything.
void SeePage(Relation relation, Buffer buffer, int wanted, PageSeen *seen);

enum class InstallOutcome {
    kInstalled,
    kInUse,    ///< somebody has a pin on the page, or its lock
    kChanged,  ///< it is not the page any more that was seen
};

/// The page that replaces a page seen, built without any lock. Plain data.
class PageImage {
  public:
    /// Begins with the line pointers of the page.
    void Begin(PageSeen *seen) noexcept;
    /// Adds a row as it is.
    void Keep(OffsetNumber offset) noexcept;
    /// Adds a row with attributes stored + 1 to `wanted` behind those that it has. None of the values is toasted out of
    /// line. Returns the length of the row.
    Size Lengthen(OffsetNumber offset, TupleDesc columns, int wanted, const Datum *values, const bool *nulls) noexcept;
    /// Length that the row would have.
    Size LongerLength(OffsetNumber offset, TupleDesc columns, int wanted, const Datum *values,
                      const bool *nulls) noexcept;

    /// Bytes that the rows added so far take beyond what a page has: at most 0 if they fit.
    std::int64_t Excess() const noexcept { return needed_ - capacity_; }

    /// Puts the image in place of the page, in a critical section, and logs it. Waits for nobody. The buffer is pinned
    /// once, by us; afterwards it is still pinned and not locked.
    InstallOutcome Install(Relation relation, Buffer buffer);

  private:
    char *Reserve(OffsetNumber offset, Size length) noexcept;
    bool IsStillSeen(Page page) noexcept;
    void TakeOverHeaders(Page page) noexcept;

    PageSeen *seen_;
    std::int64_t needed_;
    std::int64_t capacity_;
    PGAlignedBlock image_;
};

}  // namespace pgmigrate::fill
