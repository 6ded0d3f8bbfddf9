// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/filling.h"

#include <algorithm>
#include <chrono>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "pg/spi_database.h"
#include "pg/top_level_statement.h"
#include "worker/partitions.h"
#include "worker/report.h"
#include "worker/session.h"

extern "C" {
#include "storage/procarray.h"
}

namespace pgmigrate::worker {
namespace {

using Clock = std::chrono::steady_clock;

/// Rows remembered at most before they are waited for.
constexpr std::size_t kMostBusyRows = 10'000;
/// Visits to a busy row before we queue for it: a row that is locked all the time would never be found free.
constexpr int kPatience = 8;

std::vector<FillRecord> LoadFills(std::int64_t migration_id) {
    std::vector<FillRecord> fills;
    pg::InTransaction("looking for tables to fill", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        ForgetGoneLeaves(state, migration_id);
        fills = StateStore(state).Fills(migration_id);
    });
    return fills;
}

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

/// Statistics of the new columns, so that the first statement of the new version is planned well. Nothing depends on
/// it.
void Analyze(const fill::Table &table, const SyncSpec &spec) {
    std::vector<std::string> columns;
    for (const SyncExpression &up : spec.up) columns.push_back(up.target);
    if (columns.empty()) return;
    try {
        pg::RunTopLevelStatement(fmt::format("ANALYZE (SKIP_LOCKED) {} ({})", table.name, QuoteIdentifiers(columns)));
    } catch (const std::exception &failure) {
        Log(fmt::format("pgmigrate could not analyze table {}: {}", table.name, failure.what()));
    }
}

}  // namespace

/// What one transaction starts from and what it leaves.
struct Filling::Batch {
    FillRecord saved;  ///< the row of pgmigrate.fill
    Progress progress;
    fill::Table table = {};
    SyncSpec spec = {};
    std::int64_t rows = 0;
    std::int64_t visited = 0;  ///< blocks; 0 if only busy rows were visited
    bool restarted = false;
    bool must_wait = false;  ///< nothing could be done before a blocker ends

    bool IsFinished() const { return saved.next_block >= saved.blocks && !must_wait; }
};

bool Filling::RunUnit(const MigrationRecord &record) {
    for (const FillRecord &fill : LoadFills(record.id)) {
        if (fill.blocks >= 0 && fill.next_block >= fill.blocks) continue;
        if (fill.blocks < 0)
            Measure(record, fill);
        else
            FillSome(record, fill);
        return false;
    }
    progress_.clear();
    return true;
}

/// The size of the table now that migrate_start has committed: every row without its values lies below.
void Filling::Measure(const MigrationRecord &record, FillRecord fill) {
    pg::InTransaction("measuring a table", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        const fill::Table table = fill::LockTable(static_cast<Oid>(fill.relation_oid), AccessShareLock, fill.relation);
        if (table.is_partitioned) return ReplaceByLeaves(state, record.id, fill);
        if (!table.has_storage)
            throw Error(sqlstates::kFeatureNotSupported,
                        {.message = fmt::format("table {} cannot be filled", table.name),
                         .detail = "Only ordinary tables and partitioned tables of such can.",
                         .hint = "Undo the migration with SELECT migrate_rollback()."});
        fill.filenode = table.filenode;
        fill.blocks = table.blocks;
        StateStore(state).SaveFillProgress(record.id, fill, 0, 0, 0);
    });
}

void Filling::FillSome(const MigrationRecord &record, const FillRecord &fill) {
    const auto known =
        progress_.try_emplace(fill.relation_oid, Progress{.position = fill.next_block, .busy = {}}).first;
    Batch batch{.saved = fill, .progress = known->second};
    const auto start = Clock::now();
    FillInTransaction(record, batch);
    const auto active = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
    if (batch.restarted) {
        progress_.erase(known);
        return;
    }
    if (batch.visited > 0) batch.progress.batch_blocks = NextBatchBlocks({.blocks = batch.visited, .active = active});
    known->second = std::move(batch.progress);
    if (batch.must_wait) {
        const TransactionId blocker = known->second.busy.front().blocker;
        WaitForTransaction(blocker, fmt::format("filling {}: waiting for transaction {}", fill.relation, blocker));
    } else if (batch.IsFinished()) {
        Analyze(batch.table, batch.spec);
    }
}

void Filling::FillInTransaction(const MigrationRecord &record, Batch &batch) {
    const std::string activity =
        fmt::format("filling {}: block {} of {}", batch.saved.relation, batch.progress.position, batch.saved.blocks);
    pg::InTransaction(activity.c_str(), [&] {
        const auto start = Clock::now();
        CommitAsynchronously();
        pg::SpiDatabase state = pg::StateDatabase();
        StateStore store(state);
        batch.table =
            fill::LockTable(static_cast<Oid>(batch.saved.relation_oid), RowExclusiveLock, batch.saved.relation);
        if (batch.table.filenode != batch.saved.filenode) {
            // Rewritten meanwhile: no row is where it was.
            batch.saved.filenode = batch.table.filenode;
            batch.saved.blocks = batch.table.blocks;
            batch.saved.next_block = batch.saved.verify_block = 0;
            batch.restarted = true;
            store.RecordEvent(record, "fill restarted", "table " + batch.table.name + " was rewritten");
        } else {
            batch.spec = fill::ReadSyncSpec(batch.table, batch.saved.trigger_name);
            Work(batch, {.table = batch.table,
                         .spec = batch.spec,
                         .rewritten = batch.saved.filenode != batch.saved.start_filenode});
        }
        const std::chrono::duration<double> active = Clock::now() - start;
        store.SaveFillProgress(record.id, batch.saved, batch.rows, 0, active.count());
    });
}

void Filling::Work(Batch &batch, const fill::FillRequest &request) {
    Progress &progress = batch.progress;
    const std::vector<fill::BusyRow> ended = TakeEnded(progress.busy);
    fill::FillResult result;
    if (!ended.empty()) {
        result = fill::FillRows(request, ended, ended.front().attempts >= kPatience);
    } else if (progress.position < batch.saved.blocks && progress.busy.size() < kMostBusyRows) {
        const std::int64_t last = std::min(progress.position + progress.batch_blocks, batch.saved.blocks);
        result = fill::FillBlocks(request, progress.position, last, BatchLimits{});
        batch.visited = result.next_block - progress.position;
        progress.position = result.next_block;
    } else {
        batch.must_wait = !progress.busy.empty();
    }
    batch.rows = result.rows_filled;
    progress.busy.insert(progress.busy.end(), result.busy.begin(), result.busy.end());
    batch.saved.next_block = progress.position;
    for (const fill::BusyRow &row : progress.busy)
        batch.saved.next_block = std::min<std::int64_t>(batch.saved.next_block, row.location.block);
}

}  // namespace pgmigrate::worker
