// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/phases.h"

#include <algorithm>
#include <exception>

#include "catalog/partitions.h"
#include "core/sqlstates.h"
#include "pg/locks.h"
#include "pg/scopes.h"
#include "pg/spi_database.h"
#include "pg/top_level_statement.h"
#include "pg/transaction.h"
#include "worker/report.h"

extern "C" {
#include "utils/acl.h"
}

namespace pgmigrate::worker {
namespace {

enum class IndexState { kMissing, kValid, kInvalid, kUnwanted };

struct NextIndex {
    StepRecord step;
    IndexState state = IndexState::kMissing;
    Oid user = InvalidOid;
};

/// The attachment of a partition's index, or an exclusion constraint.
bool NeedsLock(const Step &step) { return step.statement.starts_with("ALTER "); }

IndexState StateOf(Database &database, const Step &step) {
    if (IsOfGonePartition(database, step)) return IndexState::kUnwanted;
    if (step.object.empty() || NeedsLock(step)) return IndexState::kMissing;
    const Rows rows =
        database.Query("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", {step.object});
    if (rows.empty()) return IndexState::kMissing;
    return rows.Bool(0, "indisvalid") ? IndexState::kValid : IndexState::kInvalid;
}

std::optional<NextIndex> FindNext(const MigrationRecord &record) {
    std::optional<NextIndex> next;
    pg::InTransaction("looking for indexes to build", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        const std::vector<StepRecord> steps = StateStore(state).Steps(record.id, Phase::kIndex);
        const auto found = std::ranges::find(steps, false, &StepRecord::done);
        if (found != steps.end())
            next = {.step = *found, .state = StateOf(state, found->step), .user = Starter(record)};
    });
    return next;
}

void MarkDone(const MigrationRecord &record, const StepRecord &step) {
    pg::InTransaction("recording an index", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        StateStore(state).MarkStepDone(record.id, step.position);
    });
}

/// The build failed, and left an invalid index that every write would have to maintain.
void DropLeftover(const MigrationRecord &record) {
    try {
        const std::optional<NextIndex> failed = FindNext(record);
        if (failed && failed->state == IndexState::kInvalid)
            pg::RunTopLevelStatement("DROP INDEX CONCURRENTLY " + failed->step.step.object, failed->user);
    } catch (const std::exception &failure) {
        Log(fmt::format("pgmigrate could not drop an invalid index: {}", failure.what()));
    }
}

void Build(const MigrationRecord &record, const NextIndex &index) {
    const Step &step = index.step.step;
    try {
        if (index.state == IndexState::kInvalid)
            pg::RunTopLevelStatement("DROP INDEX CONCURRENTLY " + step.object, index.user);
        if (index.state == IndexState::kMissing || index.state == IndexState::kInvalid)
            pg::RunTopLevelStatement(step.statement, index.user);
    } catch (...) {
        DropLeftover(record);
        throw;
    }
}

/// To attach an index locks it against every statement that reads its table, an exclusion constraint is built under a
/// lock of the table: no statement may wait long behind us before we have it. What is attached already stays so:
/// PostgreSQL does nothing then.
void AlterUnderLock(const MigrationRecord &record, const NextIndex &index) {
    const Step &step = index.step.step;
    const std::string &relation = step.statement.starts_with("ALTER TABLE ") ? step.table : step.object;
    pg::InTransaction("attaching or constraining an index", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        const Rows rows = state.Query("SELECT coalesce(to_regclass($1)::oid, 0)::bigint AS oid", {relation});
        if (const auto oid = static_cast<Oid>(rows.Int(0, "oid")); OidIsValid(oid))
            pg::LockTables({{.relation = oid, .mode = AccessExclusiveLock}});
        pg::SpiDatabase({.user = index.user, .restricted = false, .search_path = pg::kSafeSearchPath})
            .Execute(step.statement);
        StateStore(state).MarkStepDone(record.id, index.step.position);
    });
}

}  // namespace

bool IsOfGonePartition(Database &database, const Step &step) {
    return !step.partition_of.empty() && !IsPartitionOf(database, step.table, step.partition_of);
}

Oid Starter(const MigrationRecord &record) {
    const Oid role = pg::Call(::get_role_oid, record.started_by.c_str(), true);
    if (OidIsValid(role)) return role;
    throw Error(
        sqlstates::kObjectChanged,
        {.message = fmt::format("role \"{}\" that started the migration does not exist any more", record.started_by),
         .hint = "Undo the migration with SELECT migrate_rollback(); then start it again."});
}

bool IndexNext(const MigrationRecord &record) {
    const std::optional<NextIndex> next = FindNext(record);
    if (!next) return true;
    if (NeedsLock(next->step.step) && next->state != IndexState::kUnwanted) {
        AlterUnderLock(record, *next);
        return false;
    }
    Build(record, *next);
    MarkDone(record, next->step);
    return false;
}

}  // namespace pgmigrate::worker
