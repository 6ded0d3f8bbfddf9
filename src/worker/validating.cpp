// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/phases.h"

#include <algorithm>

#include "catalog/partitions.h"
#include "core/sqlstates.h"
#include "fill/row_description.h"
#include "pg/locks.h"
#include "pg/scopes.h"
#include "pg/server_error.h"
#include "pg/spi_database.h"
#include "pg/transaction.h"

namespace pgmigrate::worker {
namespace {

Oid OwnerOf(Database &database, const std::string &table) {
    const Rows rows =
        database.Query("SELECT relowner::bigint AS owner FROM pg_class WHERE oid = to_regclass($1)", {table});
    if (!rows.empty()) return static_cast<Oid>(rows.Int(0, "owner"));
    throw Error(sqlstates::kObjectChanged, {.message = fmt::format("table {} does not exist any more", table),
                                            .hint = "Undo the migration with SELECT migrate_rollback()."});
}

pg::SpiDatabase AsOwner(Oid owner) {
    return pg::SpiDatabase({.user = owner, .restricted = true, .search_path = pg::kSafeSearchPath});
}

/// The query that checks a foreign key may use parallel workers, as it would in the session of a user.
void AllowParallelQuery(pg::SettingsScope &settings) {
    const char *const configured = pg::Call(::GetConfigOptionResetString, "max_parallel_workers_per_gather");
    if (configured != nullptr) settings.Set("max_parallel_workers_per_gather", configured);
}

/// A foreign key that is to be added needs a lock on both its tables, for which no statement of an application may wait
/// long. The table it refers to is the step's object.
void LockBoth(Database &database, const Step &step) {
    std::vector<pg::TableLock> locks;
    for (const std::string &table : {step.table, step.object}) {
        for (const std::int64_t oid : FindWithPartitions(database, table))
            locks.push_back({.relation = static_cast<Oid>(oid), .mode = ShareRowExclusiveLock});
    }
    pg::LockTables(std::move(locks));
}

void Validate(const MigrationRecord &record, const StepRecord &step) {
    pg::InTransaction(fmt::format("validating: {}", step.step.statement).c_str(), [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        if (IsOfGonePartition(state, step.step)) return StateStore(state).MarkStepDone(record.id, step.position);
        const Oid owner = OwnerOf(state, step.step.table);
        if (!step.step.object.empty()) LockBoth(state, step.step);
        {
            pg::SettingsScope settings;
            AllowParallelQuery(settings);
            AsOwner(owner).Execute(step.step.statement);
        }
        StateStore(state).MarkStepDone(record.id, step.position);
    });
}

/// PostgreSQL does not say which row violates a check constraint that it validates, so we look for the first one.
std::optional<fill::RowLocation> FindViolation(const std::string &table, const std::string &constraint) {
    std::optional<fill::RowLocation> found;
    pg::InTransaction(fmt::format("looking for a row of {} that violates \"{}\"", table, constraint).c_str(), [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        pg::SpiDatabase as_owner = AsOwner(OwnerOf(state, table));
        const Rows checks = as_owner.Query(
            "SELECT pg_get_expr(conbin, conrelid) AS condition FROM pg_constraint"
            " WHERE conrelid = to_regclass($1) AND conname = $2::name AND contype = 'c'",
            {table, constraint});
        if (checks.empty()) return;
        const Rows rows =
            as_owner.Query(fmt::format("SELECT tableoid::bigint AS relation, (ctid::text::point)[0]::bigint AS block, "
                                       "(ctid::text::point)[1]::bigint AS item"
                                       " FROM {} WHERE NOT ({}) LIMIT 1",
                                       table, checks.Text(0, "condition")));
        if (rows.empty()) return;
        found = fill::RowLocation{.relation = static_cast<Oid>(rows.Int(0, "relation")),
                                  .block = static_cast<std::uint32_t>(rows.Int(0, "block")),
                                  .offset = static_cast<std::uint16_t>(rows.Int(0, "item"))};
    });
    return found;
}

void ValidateOrNameRow(const MigrationRecord &record, const StepRecord &step) {
    std::optional<fill::RowFailure> named;
    try {
        return Validate(record, step);
    } catch (const pg::ServerError &failure) {
        if (!(failure.state() == "23514") || failure.data().constraint_name == nullptr) throw;
        if (const auto row = FindViolation(step.step.table, failure.data().constraint_name))
            named.emplace(failure.state(), failure.text(), *row, fill::DescribeLocation(*row, step.step.table));
        else
            throw;
    }
    throw *named;
}

}  // namespace

bool ValidateNext(const MigrationRecord &record) {
    std::vector<StepRecord> steps;
    pg::InTransaction("looking for constraints to validate", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        steps = StateStore(state).Steps(record.id, Phase::kValidate);
    });
    const auto next = std::ranges::find(steps, false, &StepRecord::done);
    if (next == steps.end()) return true;
    ValidateOrNameRow(record, *next);
    return false;
}

}  // namespace pgmigrate::worker
