// SPDX-License-Identifier: PostgreSQL
// migrate_status, migrate_history, migrate_latest_version: reading only, for everybody.
#include "api/status_rows.h"
#include "lifecycle/store.h"
#include "pg/boundary.h"
#include "pg/result_rows.h"
#include "pg/spi_database.h"
#include "worker/workers.h"

namespace pgmigrate::api {
namespace {

Datum Status(pg::Arguments arguments) {
    worker::StartMissingWorkers();
    pg::SpiDatabase state = pg::StateDatabase();
    Rows rows = StatusRows(state, arguments.OptionalName(0));
    // error_detail and sees_errors are for other functions
    for (std::vector<Value> &row : rows.values) row.resize(row.size() - 2);
    return pg::ReturnRows(arguments.call(), rows);
}

Datum History(pg::Arguments arguments) {
    pg::SpiDatabase state = pg::StateDatabase();
    return pg::ReturnRows(
        arguments.call(),
        state.Query("SELECT name, version_schema, CASE WHEN state = 'completed' THEN 'complete' ELSE 'active' END,"
                    " kind, definition, started_at, resulting_schema FROM pgmigrate.migration WHERE schema_name = $1::name"
                    " ORDER BY state <> 'completed', id",
                    {arguments.RequiredName(0, "schema_name")}));
}

Datum LatestVersion(pg::Arguments arguments) {
    pg::SpiDatabase state = pg::StateDatabase();
    StateStore store(state);
    const std::string schema_name = arguments.RequiredName(0, "schema_name");
    const std::optional<MigrationRecord> active = store.FindActive(schema_name);
    if (active && active->state == State::kReady) return pg::Arguments::Return(active->version_schema);
    if (const std::optional<MigrationRecord> latest = store.FindLatestCompleted(schema_name))
        return pg::Arguments::Return(latest->version_schema);
    return arguments.ReturnNull();
}

}  // namespace
}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_status, pgmigrate::api::Status)
PGMIGRATE_FUNCTION(migrate_history, pgmigrate::api::History)
PGMIGRATE_FUNCTION(migrate_latest_version, pgmigrate::api::LatestVersion)
