// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/phases.h"

#include <algorithm>

#include "core/sqlstates.h"
#include "pg/scopes.h"
#include "pg/spi_database.h"
#include "pg/transaction.h"

namespace pgmigrate::worker {
namespace {

Oid OwnerOf(Database &database, const std::string &table) {
    const Rows rows = database.Query("SELECT relowner::bigint AS owner FROM pg_class WHERE oid = to_regclass($1)", {table});
    if (!rows.empty()) return static_cast<Oid>(rows.Int(0, "owner"));
    throw Error(sqlstates::kObjectChanged, {.message = fmt::format("table {} does not exist any more", table),
                                            .hint = "Undo the migration with SELECT migrate_rollback()."});
}

/// The query that checks a foreign key may use parallel workers, as it would in the session of a user.
void AllowParallelQuery(pg::SettingsScope &settings) {
    const char *const configured = pg::Call(::GetConfigOptionResetString, "max_parallel_workers_per_gather");
    if (configured != nullptr) settings.Set("max_parallel_workers_per_gather", configured);
}

void Validate(const MigrationRecord &record, const StepRecord &step) {
    pg::InTransaction(fmt::format("validating: {}", step.step.statement).c_str(), [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        const Oid owner = OwnerOf(state, step.step.table);
        {
            pg::SettingsScope settings;
            AllowParallelQuery(settings);
            pg::SpiDatabase as_owner({.user = owner, .restricted = true, .search_path = pg::kSafeSearchPath});
            as_owner.Execute(step.step.statement);
        }
        StateStore(state).MarkStepDone(record.id, step.position);
    });
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
    Validate(record, *next);
    return false;
}

}  // namespace pgmigrate::worker
