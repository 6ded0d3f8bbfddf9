// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/phases.h"

#include <algorithm>
#include <exception>

#include "core/sqlstates.h"
#include "pg/spi_database.h"
#include "pg/top_level_statement.h"
#include "pg/transaction.h"
#include "worker/report.h"

extern "C" {
#include "utils/acl.h"
}

namespace pgmigrate::worker {
namespace {

enum class IndexState { kMissing, kValid, kInvalid };

struct NextIndex {
    StepRecord step;
    IndexState state = IndexState::kMissing;
    Oid user = InvalidOid;
};

/// Statements that attach an index to a partitioned one can be repeated, and the index of a partitioned table is
/// invalid until the last leaf's is attached: only an index built on a table of its own can be judged by its validity.
IndexState StateOf(Database &database, const Step &step) {
    if (step.object.empty() || !step.statement.starts_with("CREATE")) return IndexState::kMissing;
    const Rows rows = database.Query(
        "SELECT i.indisvalid OR c.relkind = 'I' AS usable FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE c.oid = to_regclass($1)",
        {step.object});
    if (rows.empty()) return IndexState::kMissing;
    return rows.Bool(0, "usable") ? IndexState::kValid : IndexState::kInvalid;
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
        if (index.state != IndexState::kValid) pg::RunTopLevelStatement(step.statement, index.user);
    } catch (...) {
        DropLeftover(record);
        throw;
    }
}

}  // namespace

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
    Build(record, *next);
    MarkDone(record, next->step);
    return false;
}

}  // namespace pgmigrate::worker
