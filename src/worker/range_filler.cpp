// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/range_filler.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "core/sqlstates.h"
#include "pg/pause.h"
#include "pg/settings.h"
#include "pg/spi_database.h"
#include "worker/fill_choice.h"
#include "worker/partitions.h"
#include "worker/session.h"

extern "C" {
#include "executor/instrument.h"
#include "storage/procarray.h"
}

namespace pgmigrate::worker {
namespace {

using Clock = std::chrono::steady_clock;

/// Rows and pages remembered at most before they are waited for, and ranges with such rows: each is a lock of the
/// session.
constexpr std::size_t kMostBusyRows = 10'000;
constexpr std::size_t kMostClaims = 8;
/// Whatever the others have claimed, one of so many is free.
constexpr int kRangesToLookAt = kMostFillers * static_cast<int>(kMostClaims) + 1;
/// Visits to a busy row before we queue for it: a row that is locked all the time would never be found free.
constexpr int kPatience = 8;

bool HasEnded(const fill::BusyRow &row) {
    return !TransactionIdIsValid(row.blocker) || !pg::Call(::TransactionIdIsInProgress, row.blocker);
}

/// Takes out the busy rows whose transactions have ended; of those that need queueing for, one alone.
std::vector<fill::BusyRow> TakeEnded(std::vector<fill::BusyRow> &busy) {
    const auto ended =
        std::stable_partition(busy.begin(), busy.end(), [](const fill::BusyRow &row) { return !HasEnded(row); });
    auto taken =
        std::ranges::find_if(ended, busy.end(), [](const fill::BusyRow &row) { return row.attempts >= kPatience; });
    std::vector<fill::BusyRow> rows;
    if (taken != busy.end()) {
        rows.push_back(*taken);
        busy.erase(taken);
    } else {
        rows.assign(ended, busy.end());
        busy.erase(ended, busy.end());
    }
    return rows;
}

/// How long to rest when nothing is to be done but to look again whether pages are free.
constexpr std::chrono::milliseconds kPagePause{5};

/// Divides a rewritten table anew: no row is where it was. The first process that notices does it for all, and the
/// others find their ranges gone. The table is locked, so it cannot be rewritten again meanwhile.
void DivideAnew(pg::SpiDatabase &state, const MigrationRecord &record, FillRecord fill, const fill::Table &table) {
    RangeStore store(state);
    if (store.LockFile(record.id, fill.relation_oid) != fill.filenode) return;
    fill.filenode = table.filenode;
    fill.blocks = table.blocks;
    store.Divide(record.id, fill);
    StateStore(state).RecordEvent(record, "fill restarted", "table " + table.name + " was rewritten");
}

}  // namespace

/// What one transaction starts from and what it leaves.
struct RangeFiller::Batch {
    Claim claim;
    std::vector<PageLeft> pages = {};       ///< to visit; if none:
    std::vector<fill::BusyRow> again = {};  ///< rows to visit; if none: blocks from claim.position on
    std::int64_t blocks = 0;                ///< how many of them at most
    std::int64_t visited = 0;
    std::int64_t rows = 0;
    bool is_waited_for = false;  ///< it ended early for those who wait for its rows
    bool is_gone = false;        ///< the range is not to be filled any more

    void Add(const fill::FillResult &result) {
        rows += result.rows_filled;
        is_waited_for = is_waited_for || result.is_waited_for;
        claim.busy.insert(claim.busy.end(), result.busy.begin(), result.busy.end());
    }
};

bool RangeFiller::RunUnit(const MigrationRecord &record) {
    const bool is_full = Unfinished() >= kMostBusyRows;
    if (!IsBetweenRanges() && !is_full) {
        Batch batch{.claim = claims_.back()};
        batch.blocks = BlocksOfNextBatch(batch.claim);
        RunBatch(record, claims_.size() - 1, batch);
        return false;
    }
    // Once between two ranges: there may always be a page that has rested long enough.
    if (!visited_again_ && VisitAgain(record)) {
        visited_again_ = true;
        return false;
    }
    visited_again_ = false;
    if (!is_full && claims_.size() < kMostClaims && ClaimNext(record)) return false;
    if (VisitAgain(record)) return false;
    if (claims_.empty()) return true;
    WaitForBlocker();
    return false;
}

bool RangeFiller::IsBetweenRanges() const {
    return claims_.empty() || claims_.back().position >= claims_.back().range.end_block;
}

bool RangeFiller::ClaimNext(const MigrationRecord &record) {
    bool claimed = false;
    pg::InTransaction("filling: looking for a range of blocks", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        RangeStore store(state);
        for (const RangeRecord &range : store.FindUnfinished(record.id, kRangesToLookAt)) {
            if (Holds(range.id) || !TryClaim(store, range.id)) continue;
            claimed = true;
            break;
        }
    });
    return claimed;
}

bool RangeFiller::TryClaim(RangeStore &store, std::int64_t range_id) {
    const RangeLock lock(range_id);
    return lock.TryHold() && Add(store, range_id, lock);
}

/// Keeps a range whose lock this process has just got, unless it is finished or gone: what was read of it before that
/// may be out of date.
bool RangeFiller::Add(RangeStore &store, std::int64_t range_id, const RangeLock &lock) {
    const std::optional<RangeRecord> range = store.Find(range_id);
    if (!range || range->IsFinished()) {
        lock.Release();
        return false;
    }
    if (paced_table_ != range->table.relation_oid) pace_ = Pace();
    paced_table_ = range->table.relation_oid;
    claims_.push_back({.range = *range, .lock = lock, .position = range->next_block, .busy = {}, .left = {}});
    return true;
}

bool RangeFiller::Holds(std::int64_t range_id) const {
    return std::ranges::any_of(claims_, [range_id](const Claim &claim) { return claim.range.id == range_id; });
}

void RangeFiller::Release(std::size_t index) {
    const RangeLock lock = claims_[index].lock;
    claims_.erase(claims_.begin() + static_cast<std::ptrdiff_t>(index));
    InBareTransaction("filling: leaving a range of blocks", [&lock] { lock.Release(); });
}

void RangeFiller::WaitForOthers(const MigrationRecord &record) {
    std::optional<RangeLock> lock;
    std::int64_t range_id = 0;
    std::string activity;
    pg::InTransaction("filling: looking for an unfinished range of blocks", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        const std::vector<RangeRecord> ranges = RangeStore(state).FindUnfinished(record.id, 1);
        if (ranges.empty()) return;
        range_id = ranges.front().id;
        lock.emplace(range_id);
        activity = fmt::format("filling {}: waiting for another process", ranges.front().table.relation);
    });
    if (!lock) return;
    InBareTransaction(activity.c_str(), [&] { lock->Hold(); });
    pg::InTransaction("filling: looking at a range of blocks", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        RangeStore store(state);
        (void)Add(store, range_id, *lock);
    });
}

/// Visits the pages that are worth it, or else the busy rows whose transactions have ended, of one range. False if
/// there are none.
bool RangeFiller::VisitAgain(const MigrationRecord &record) {
    for (std::size_t index = 0; index < claims_.size(); ++index) {
        if (claims_[index].busy.empty() && claims_[index].left.empty()) continue;
        Batch batch{.claim = claims_[index]};
        if (!batch.claim.left.empty()) TakePagesOf(batch);
        if (batch.pages.empty() && !batch.claim.busy.empty())
            InBareTransaction("filling: looking for rows that are free again",
                              [&batch] { batch.again = TakeEnded(batch.claim.busy); });
        if (batch.pages.empty() && batch.again.empty()) continue;
        RunBatch(record, index, batch);
        return true;
    }
    return false;
}

/// Decides which of the unfinished pages of a range are worth a visit now.
void RangeFiller::TakePagesOf(Batch &batch) {
    pg::InTransaction("filling: looking for pages that are free again", [&] {
        const auto oid = static_cast<Oid>(batch.claim.range.table.relation_oid);
        const bool exists = fill::FindTable(oid, AccessShareLock).has_value();
        const auto passed = [&](TransactionId blocker) { return !exists || fill::HorizonHasPassed(oid, blocker); };
        PagesToVisit taken = TakePages(batch.claim.left, passed, pg::FillPatience(), PageLeft::Clock::now());
        batch.pages = std::move(taken.pages);
        if (taken.stuck_behind != InvalidTransactionId) stuck_behind_ = taken.stuck_behind;
    });
}

void RangeFiller::WaitForBlocker() {
    if (std::ranges::any_of(claims_, [](const Claim &each) { return !each.left.empty(); }))
        return pg::Pause(kPagePause);
    const auto claim = std::ranges::find_if(claims_, [](const Claim &each) { return !each.busy.empty(); });
    if (claim == claims_.end()) return;
    const TransactionId blocker = claim->busy.front().blocker;
    WaitForTransaction(blocker,
                       fmt::format("filling {}: waiting for transaction {}", claim->range.table.relation, blocker));
}

/// How much is done next; when, the throttle decides before each unit (worker/work_loop.h).
std::int64_t RangeFiller::BlocksOfNextBatch(const Claim &claim) const {
    return std::min(throttle_.BatchBlocks(pace_), claim.range.end_block - claim.position);
}

void RangeFiller::RunBatch(const MigrationRecord &record, std::size_t index, Batch &batch) {
    const auto start = Clock::now();
    const std::uint64_t wal = pgWalUsage.wal_bytes;
    std::exception_ptr caught;
    try {
        FillInTransaction(record, batch);
    } catch (const Error &failure) {
        if (!(failure.state() == sqlstates::kObjectChanged.code)) throw;
        caught = std::current_exception();
    }
    if (caught) {
        if (IsStillWanted(record, batch.claim.range.id)) std::rethrow_exception(caught);
        batch.is_gone = true;
    }
    const auto active = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
    const BatchReport report{
        .blocks = batch.visited, .active = active, .wal = static_cast<std::int64_t>(pgWalUsage.wal_bytes - wal)};
    if (batch.is_waited_for)
        pace_.Shrink();
    else if (batch.visited > 0)
        pace_.Record(report, throttle_.IsHolding());
    throttle_.Report(report, pace_, batch.is_waited_for);
    Claim &claim = claims_[index] = std::move(batch.claim);
    if (batch.is_gone || (claim.position >= claim.range.end_block && claim.busy.empty() && claim.left.empty()))
        Release(index);
}

void RangeFiller::FillInTransaction(const MigrationRecord &record, Batch &batch) {
    const RangeRecord &range = batch.claim.range;
    const std::string activity =
        fmt::format("filling {}: block {} of {}", range.table.relation, batch.claim.position, range.table.blocks);
    pg::InTransaction(activity.c_str(), [&] {
        const auto start = Clock::now();
        CommitAsynchronously();
        pg::SpiDatabase state = pg::StateDatabase();
        RangeStore store(state);
        const fill::Table table =
            fill::LockTable(static_cast<Oid>(range.table.relation_oid), RowExclusiveLock, range.table.relation);
        const std::optional<RangeRecord> saved = store.Find(range.id);
        batch.is_gone = !saved || saved->table.filenode != table.filenode;
        if (!saved) return;
        if (batch.is_gone) return DivideAnew(state, record, saved->table, table);
        const SyncSpec spec = fill::ReadSyncSpec(table, saved->table.trigger_name);
        const fill::FillRequest request{
            .table = table, .spec = spec, .rewritten = saved->table.filenode != saved->table.start_filenode};
        const FillChoice choice = ChooseMethod(state, saved->table, request);
        if (choice.method == FillMethod::kPage)
            FillInPlace(batch, request);
        else
            FillByUpdate(batch, request);
        const std::chrono::duration<double> active = Clock::now() - start;
        TellMethod(state, record, saved->table, request, choice);
        store.Save(record.id, *saved,
                   {.next_block = FilledUpTo(batch.claim), .rows = batch.rows, .active_seconds = active.count()});
        throttle_.SaveWithin(state);
    });
}

void RangeFiller::FillInPlace(Batch &batch, const fill::FillRequest &request) {
    if (batch.pages.empty() && !batch.again.empty()) return FillByUpdate(batch, request);
    if (stuck_behind_ != InvalidTransactionId && fill::HorizonHasPassed(request.table.oid, stuck_behind_))
        stuck_behind_ = InvalidTransactionId;
    const fill::PagePatience patience{.limit = pg::FillPatience(),
                                      .horizon_is_stuck = stuck_behind_ != InvalidTransactionId};
    Claim &claim = batch.claim;
    fill::PageFillResult result;
    if (!batch.pages.empty()) {
        result = fill::FillSinglePages(request, batch.pages, BatchLimits{}, patience);
    } else {
        result = fill::FillPages(request, claim.position, claim.position + batch.blocks, BatchLimits{}, patience);
        batch.visited = result.next_block - claim.position;
        claim.position = result.next_block;
    }
    claim.left.insert(claim.left.end(), result.left.begin(), result.left.end());
    batch.Add(result);
}

void RangeFiller::FillByUpdate(Batch &batch, const fill::FillRequest &request) {
    Claim &claim = batch.claim;
    if (!batch.pages.empty()) {  // left by method page, before the choice changed
        const auto end = Clock::now() + BatchLimits{}.active;
        for (const PageLeft &page : batch.pages) {
            if (Clock::now() < end)
                batch.Add(fill::FillBlocks(request, page.block, std::int64_t{page.block} + 1, BatchLimits{}));
            else
                claim.left.push_back(page);
        }
    } else if (!batch.again.empty()) {
        batch.Add(fill::FillRows(request, batch.again, batch.again.front().attempts >= kPatience));
    } else {
        const fill::FillResult result =
            fill::FillBlocks(request, claim.position, claim.position + batch.blocks, BatchLimits{});
        batch.visited = result.next_block - claim.position;
        claim.position = result.next_block;
        batch.Add(result);
    }
}

/// After a batch that found its table gone or without our trigger: false if it was a partition, and is none any more.
bool RangeFiller::IsStillWanted(const MigrationRecord &record, std::int64_t range_id) const {
    bool wanted = false;
    pg::InTransaction("filling: looking for partitions that are gone", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        ForgetGoneLeaves(state, record.id);
        wanted = RangeStore(state).Find(range_id).has_value();
    });
    return wanted;
}

std::size_t RangeFiller::Unfinished() const {
    std::size_t count = 0;
    for (const Claim &claim : claims_) count += claim.busy.size() + claim.left.size();
    return count;
}

std::int64_t RangeFiller::FilledUpTo(const Claim &claim) {
    const std::int64_t block =
        pgmigrate::FilledUpTo(claim.position, claim.busy, [](const fill::BusyRow &row) { return row.location.block; });
    return pgmigrate::FilledUpTo(block, claim.left, [](const PageLeft &page) { return page.block; });
}

}  // namespace pgmigrate::worker
