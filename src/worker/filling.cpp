// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/filling.h"

#include <algorithm>
#include <thread>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "lifecycle/range_store.h"
#include "pg/settings.h"
#include "pg/spi_database.h"
#include "pg/top_level_statement.h"
#include "pg/transaction.h"
#include "worker/partitions.h"
#include "worker/report.h"
#include "worker/worker_lock.h"
#include "worker/workers.h"

namespace pgmigrate::worker {
namespace {

using Clock = std::chrono::steady_clock;

/// How often to look whether helpers are missing: one that was ended, or that found no free slot.
constexpr std::chrono::seconds kHelperPause{5};

std::vector<FillRecord> LoadFills(std::int64_t migration_id) {
    std::vector<FillRecord> fills;
    pg::InTransaction("looking for tables to fill", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        ForgetGoneLeaves(state, migration_id);
        fills = StateStore(state).Fills(migration_id);
    });
    return fills;
}

/// The size of the table now that migrate_start has committed: every row without its values lies below.
void Measure(const MigrationRecord &record, FillRecord fill) {
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
        RangeStore(state).Divide(record.id, fill);
    });
}

/// ANALYZE of the new columns; nothing if there are none.
std::string AnalyzeStatement(const FillRecord &fill) {
    std::string statement;
    pg::InTransaction("looking for columns to analyze", [&] {
        const fill::Table table = fill::LockTable(static_cast<Oid>(fill.relation_oid), AccessShareLock, fill.relation);
        std::vector<std::string> columns;
        for (const SyncExpression &up : fill::ReadSyncSpec(table, fill.trigger_name).up) columns.push_back(up.target);
        if (!columns.empty())
            statement = fmt::format("ANALYZE (SKIP_LOCKED) {} ({})", table.name, QuoteIdentifiers(columns));
    });
    return statement;
}

/// Statistics of the new columns, so that the first statement of the new version is planned well. Nothing depends on
/// it.
void Analyze(const FillRecord &fill) {
    try {
        if (const std::string statement = AnalyzeStatement(fill); !statement.empty())
            pg::RunTopLevelStatement(statement);
    } catch (const std::exception &failure) {
        Log(fmt::format("pgmigrate could not analyze table {}: {}", fill.relation, failure.what()));
    }
}

/// Ends the fill of a table whose ranges are finished. False if there is none.
bool FinishTable(const MigrationRecord &record) {
    std::optional<FillRecord> finished;
    pg::InTransaction("looking for tables that are filled", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        finished = RangeStore(state).FindFinishedTable(record.id);
    });
    if (!finished) return false;
    Analyze(*finished);
    pg::InTransaction("finishing a table", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        RangeStore(state).MarkFilled(record.id, *finished);
    });
    return true;
}

}  // namespace

bool Filling::RunUnit(const MigrationRecord &record) {
    if (ranges_.IsBetweenRanges()) {
        if (PrepareTable(record) || FinishTable(record)) return false;
        StartHelpers(record);
    }
    if (!ranges_.RunUnit(record)) return false;
    if (std::ranges::all_of(LoadFills(record.id), &FillRecord::is_filled)) return true;
    ranges_.WaitForOthers(record);
    return false;
}

/// Measures a table that was not measured yet. False if there is none.
bool Filling::PrepareTable(const MigrationRecord &record) {
    const std::vector<FillRecord> fills = LoadFills(record.id);
    const auto fill = std::ranges::find_if(fills, [](const FillRecord &each) { return each.blocks < 0; });
    if (fill == fills.end()) return false;
    Measure(record, *fill);
    return true;
}

/// Starts the helpers that are wanted and not there. Where fewer processes are to be had, fewer fill.
void Filling::StartHelpers(const MigrationRecord &record) {
    if (helpers_started_ && Clock::now() - *helpers_started_ < kHelperPause) return;
    helpers_started_ = Clock::now();
    pg::InTransaction("looking for helpers to start", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        const auto cores = static_cast<int>(std::thread::hardware_concurrency());
        const int wanted = WantedFillers(pg::FillWorkers(), cores, RangeStore(state).Load(record.id));
        if (wanted < 2) return;
        const std::vector<int> taken = WorkerLock(record.id).FindTakenSlots();
        for (int slot = 1; slot < wanted; ++slot)
            if (std::ranges::find(taken, slot) == taken.end() && !StartFillHelper(record.id, slot)) return;
    });
}

}  // namespace pgmigrate::worker
