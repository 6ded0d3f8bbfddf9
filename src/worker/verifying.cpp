// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/phases.h"

#include <algorithm>
#include <chrono>

#include "core/sqlstates.h"
#include "fill/verify.h"
#include "pg/spi_database.h"
#include "pg/transaction.h"
#include "worker/partitions.h"
#include "worker/report.h"

namespace pgmigrate::worker {
namespace {

constexpr const char *kRollback = "Undo the migration with SELECT migrate_rollback(); then start it again.";

void RequireTrigger(Database &database, const FillRecord &fill) {
    const Rows rows = database.Query(
        "SELECT tgenabled::text AS enabled FROM pg_trigger WHERE tgrelid = $1::oid AND tgname = $2::name",
        {std::to_string(fill.relation_oid), fill.trigger_name});
    if (!rows.empty() && rows.Text(0, "enabled") == "A") return;
    throw Error(
        sqlstates::kObjectChanged,
        {.message = fmt::format("trigger \"{}\" of table {} is not enabled any more", fill.trigger_name, fill.relation),
         .detail = "Rows written since it was disabled lack the values of the new version.",
         .hint = fmt::format("Run ALTER TABLE {} ENABLE ALWAYS TRIGGER {}, update the rows written meanwhile and run"
                             " migrate_resume(); or undo with migrate_rollback().",
                             fill.relation, fill.trigger_name)});
}

void RequireValidIndex(Database &database, const Step &step) {
    if (step.object.empty() || IsOfGonePartition(database, step)) return;
    // An index of a partition is worth something only if that of its parent is valid too.
    if (!database
             .Query("SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND indisvalid AND NOT EXISTS ("
                    "SELECT FROM pg_partition_ancestors(to_regclass($1)) a JOIN pg_index i ON i.indexrelid = a.relid"
                    " WHERE NOT i.indisvalid)",
                    {step.object})
             .empty())
        return;
    throw Error(sqlstates::kObjectChanged, {.message = fmt::format("index {} is missing or not valid", step.object),
                                            .detail = "It was dropped or damaged after the migration had built it.",
                                            .hint = kRollback});
}

/// The name at the end of ALTER TABLE … VALIDATE CONSTRAINT name.
void RequireValidConstraint(Database &database, const Step &step) {
    constexpr std::string_view kKeyword = "VALIDATE CONSTRAINT ";
    const std::size_t found = step.statement.rfind(kKeyword);
    if (found == std::string::npos || IsOfGonePartition(database, step)) return;
    const std::string name = step.statement.substr(found + kKeyword.size());
    if (!database
             .Query("SELECT FROM pg_constraint WHERE conrelid = to_regclass($1) AND conname = "
                    "(parse_ident($2))[1]::name AND convalidated",
                    {step.table, name})
             .empty())
        return;
    throw Error(sqlstates::kObjectChanged,
                {.message = fmt::format("constraint {} of table {} is missing or not validated", name, step.table),
                 .detail = "It was dropped or replaced after the migration had validated it.",
                 .hint = kRollback});
}

/// What the migration rests on besides the rows. False if partitions were attached meanwhile: they are to be filled
/// first.
bool CheckObjects(const MigrationRecord &record) {
    bool complete = true;
    pg::InTransaction("verifying triggers, indexes and constraints", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        StateStore store(state);
        if (AddNewLeaves(state, record.id) > 0) {
            EnterState(state, record, State::kFilling);
            complete = false;
            return;
        }
        for (const FillRecord &fill : store.Fills(record.id)) RequireTrigger(state, fill);
        for (const StepRecord &step : store.Steps(record.id, Phase::kIndex)) RequireValidIndex(state, step.step);
        for (const StepRecord &step : store.Steps(record.id, Phase::kValidate))
            RequireValidConstraint(state, step.step);
    });
    return complete;
}

}  // namespace

bool Verifying::RunUnit(const MigrationRecord &record) {
    std::vector<FillRecord> fills;
    pg::InTransaction("looking for tables to verify", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        ForgetGoneLeaves(state, record.id);
        fills = StateStore(state).Fills(record.id);
    });
    for (const FillRecord &fill : fills) {
        const auto known = progress_.find(fill.relation_oid);
        if (known != progress_.end() && fill.verify_block >= known->second.blocks) continue;
        VerifySome(record, fill);
        return false;
    }
    progress_.clear();
    return CheckObjects(record);
}

void Verifying::VerifySome(const MigrationRecord &record, FillRecord fill) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    std::int64_t visited = 0;
    pg::InTransaction(fmt::format("verifying {}: block {}", fill.relation, fill.verify_block).c_str(), [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        const fill::Table table = fill::LockTable(static_cast<Oid>(fill.relation_oid), AccessShareLock, fill.relation);
        Progress &progress =
            progress_.try_emplace(fill.relation_oid, Progress{.blocks = std::max(table.blocks, fill.blocks)})
                .first->second;
        std::int64_t rows = 0;
        if (table.filenode != fill.filenode) {  // rewritten: every row is there and filled, but none where it was
            fill.filenode = table.filenode;
            fill.blocks = fill.blocks_filled = table.blocks;
            fill.verify_block = 0;
            progress.blocks = table.blocks;
        } else {
            const std::int64_t last = std::min(fill.verify_block + progress.batch_blocks, progress.blocks);
            const SyncSpec spec = fill::ReadSyncSpec(table, fill.trigger_name);
            rows = fill::VerifyBlocks(table, spec, fill.verify_block, last);
            visited = last - fill.verify_block;
            fill.verify_block = last;
        }
        StateStore(state).SaveVerifyProgress(record.id, fill, rows);
    });
    const auto active = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
    if (visited > 0) progress_[fill.relation_oid].batch_blocks = NextBatchBlocks({.blocks = visited, .active = active});
}

}  // namespace pgmigrate::worker
