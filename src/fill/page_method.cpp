// SPDX-License-Identifier: PostgreSQL
#include "fill/page_method.h"

#include <algorithm>

#include "fill/owner_scope.h"
#include "fill/page_filler.h"
#include "pg/compat.h"
#include "pg/lock_waiters.h"
#include "pg/pause.h"

extern "C" {
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_am.h"
#include "storage/procarray.h"
}

namespace pgmigrate::fill {
namespace {

class Limit {
  public:
    explicit Limit(const BatchLimits &limits) : limits_(limits) {}
    /// Rows that moved are locked until the transaction ends; in-place filling locks none.
    bool IsReached(PageFillResult &result) const {
        result.is_waited_for = result.rows_moved > 0 && pg::IsTransactionWaitedFor();
        return result.is_waited_for || result.rows_moved >= limits_.rows ||
               PageLeft::Clock::now() - start_ >= limits_.active;
    }

  private:
    const BatchLimits limits_;
    const PageLeft::Clock::time_point start_ = PageLeft::Clock::now();
};

/// Name of a column among the targets that an index uses; nullptr if there is none.
const char *FindIndexedTarget(Relation relation, const SyncSpec &spec) {
    const Bitmapset *const indexed = pg::IndexedColumns(relation);
    const bool whole_row = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, indexed);
    for (const SyncExpression &up : spec.up) {
        const AttrNumber number = get_attnum(RelationGetRelid(relation), up.target.c_str());
        if (whole_row || bms_is_member(number - FirstLowInvalidHeapAttributeNumber, indexed)) return up.target.c_str();
    }
    return nullptr;
}

}  // namespace

PageFillResult FillPages(const FillRequest &request, std::int64_t first, std::int64_t last, const BatchLimits &limits,
                         const PagePatience &patience) {
    PageFillResult result;
    result.next_block = last;
    if (request.spec.up.empty() || first >= last) return result;
    const Limit limit(limits);
    const OwnerScope owner(request.table.owner, request.spec.search_path);
    PageFiller filler(request, patience);
    const std::int64_t end = std::min(last, filler.blocks());
    for (std::int64_t block = first; block < end; ++block) {
        if (block > first && limit.IsReached(result)) {
            result.next_block = block;
            break;
        }
        pg::CheckForInterrupts();
        filler.Visit({.block = static_cast<std::uint32_t>(block)}, result);
    }
    filler.Close();
    return result;
}

PageFillResult FillSinglePages(const FillRequest &request, const std::vector<PageLeft> &pages,
                               const BatchLimits &limits, const PagePatience &patience) {
    PageFillResult result;
    const Limit limit(limits);
    const OwnerScope owner(request.table.owner, request.spec.search_path);
    PageFiller filler(request, patience);
    for (const PageLeft &page : pages) {
        if (page.block >= filler.blocks()) continue;  // cut off by VACUUM: nothing was in it
        if (&page != pages.data() && limit.IsReached(result)) {
            result.left.push_back(page);
            continue;
        }
        pg::CheckForInterrupts();
        filler.Visit(page, result);
    }
    filler.Close();
    return result;
}

void TakeTransactionId() { (void)pg::Call(::GetCurrentTransactionId); }

std::string IndexedTarget(const FillRequest &request) {
    const char *const column = pg::Call(
        [](Oid oid, const SyncSpec *spec) {
            Relation relation = table_open(oid, NoLock);
            const char *const found = FindIndexedTarget(relation, *spec);
            table_close(relation, NoLock);
            return found;
        },
        request.table.oid, &request.spec);
    return column ? column : "";
}

bool HorizonHasPassed(Oid relation, TransactionId transaction) {
    return pg::Call(
        [](Oid oid, TransactionId xid) {
            Relation table = table_open(oid, NoLock);
            const TransactionId oldest = GetOldestNonRemovableTransactionId(table);
            table_close(table, NoLock);
            return TransactionIdPrecedes(xid, oldest);
        },
        relation, transaction);
}

}  // namespace pgmigrate::fill
