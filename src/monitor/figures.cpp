// SPDX-License-Identifier: PostgreSQL
#include "monitor/figures.h"

#include <algorithm>

#include "core/blocks.h"

namespace pgmigrate {
namespace {

/// A standby reports at least every wal_receiver_status_interval (10 s by default). One that is behind and has been
/// silent for longer than that is as far behind as it has been silent, whatever it said last.
constexpr const char *kLag = R"sql(
SELECT coalesce(max(CASE WHEN r.replay_lsn >= e.lsn THEN 0
                         ELSE greatest(extract(epoch FROM r.replay_lag),
                                       CASE WHEN r.reply_time < clock_timestamp() - interval '30 seconds'
                                            THEN extract(epoch FROM clock_timestamp() - r.reply_time) END, 0) END), 0) AS seconds
  FROM pg_stat_replication r
 CROSS JOIN (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END AS lsn) e
 WHERE r.replay_lsn IS NOT NULL)sql";

/// How far a standby itself is behind: nothing, if it has replayed all that it has received.
constexpr const char *kOwnLag = R"sql(
SELECT CASE WHEN NOT pg_is_in_recovery() OR pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
            ELSE coalesce(greatest(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0), 0) END AS seconds)sql";

constexpr const char *kServer = R"sql(
SELECT count(*) FILTER (WHERE backend_type = 'client backend') AS backends,
       current_setting('max_connections')::bigint AS max_connections,
       count(*) FILTER (WHERE backend_type IN ('pgmigrate worker', 'pgmigrate fill helper')) AS workers,
       coalesce(max(extract(epoch FROM clock_timestamp() - xact_start))
                FILTER (WHERE datname = current_database() AND pid <> pg_backend_pid()
                          AND backend_type IN ('client backend', 'autovacuum worker')), 0) AS oldest
  FROM pg_stat_activity)sql";

constexpr const char *kSlots = R"sql(
SELECT slot_name, greatest(0, pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                                                   ELSE pg_current_wal_lsn() END, restart_lsn))::bigint AS retained
  FROM pg_replication_slots WHERE restart_lsn IS NOT NULL ORDER BY slot_name)sql";

constexpr const char *kSchemas = R"sql(
SELECT schema_name, count(*) FILTER (WHERE event = 'failed') AS failures, count(*) FILTER (WHERE event = 'completed') AS completed,
       count(*) FILTER (WHERE event = 'rolled back') AS rolled_back
  FROM pgmigrate.event GROUP BY schema_name ORDER BY schema_name)sql";

constexpr const char *kWork = R"sql(
SELECT m.state = 'failed' AS failed, extract(epoch FROM m.started_at) AS started_at, coalesce(sum(f.rows_verified), 0)::bigint AS verified,
       coalesce(sum(f.blocks_filled), 0)::bigint AS blocks_filled, coalesce(sum(greatest(f.blocks, 0)), 0)::bigint AS blocks
  FROM pgmigrate.migration m LEFT JOIN pgmigrate.fill f ON f.migration_id = m.id
 WHERE m.schema_name = $1::name AND m.name = $2 GROUP BY m.id)sql";

/// Time between each pause and what ended it; a pause that goes on has no end yet.
constexpr const char *kPaused = R"sql(
SELECT coalesce(sum(extract(epoch FROM coalesce(ended_at, clock_timestamp()) - happened_at)) FILTER (WHERE event = 'paused'), 0) AS seconds
  FROM (SELECT e.event, e.happened_at, lead(e.happened_at) OVER (ORDER BY e.id) AS ended_at
          FROM pgmigrate.event e JOIN pgmigrate.migration m USING (schema_name, name)
         WHERE schema_name = $1::name AND name = $2 AND e.happened_at >= m.started_at
           AND e.event IN ('paused', 'resumed', 'ready', 'completed')) pauses)sql";

constexpr const char *kPressure = R"sql(
SELECT p.signal, p.seconds_lost FROM pgmigrate.pressure p JOIN pgmigrate.migration m ON m.id = p.migration_id
 WHERE m.schema_name = $1::name AND m.name = $2 ORDER BY p.signal)sql";

double Real(const Rows &rows, std::size_t row, const char *column) { return std::stod(rows.TextOr(row, column, "0")); }

std::int64_t WholeOrZero(const Rows &rows, std::size_t row, const char *column) {
    return rows.At(row, column) ? rows.Int(row, column) : 0;
}

ServerLoad LoadServer(Database &state) {
    state.Query("SELECT pg_stat_clear_snapshot()");  // pg_stat_activity is frozen at its first use in a transaction
    const Rows rows = state.Query(kServer);
    return {.lag_seconds = LoadLag(state),
            .backends = rows.Int(0, "backends"),
            .max_connections = rows.Int(0, "max_connections"),
            .workers = rows.Int(0, "workers"),
            .oldest_transaction_seconds = Real(rows, 0, "oldest")};
}

std::vector<SlotFigures> LoadSlots(Database &state) {
    const Rows rows = state.Query(kSlots);
    std::vector<SlotFigures> slots;
    for (std::size_t row = 0; row < rows.size(); ++row)
        slots.push_back({.slot = rows.Text(row, "slot_name"), .retained_bytes = rows.Int(row, "retained")});
    return slots;
}

std::vector<SchemaFigures> LoadSchemas(Database &state) {
    const Rows rows = state.Query(kSchemas);
    std::vector<SchemaFigures> schemas;
    for (std::size_t row = 0; row < rows.size(); ++row)
        schemas.push_back({.schema = rows.Text(row, "schema_name"),
                           .failures = rows.Int(row, "failures"),
                           .completed = rows.Int(row, "completed"),
                           .rolled_back = rows.Int(row, "rolled_back")});
    return schemas;
}

MigrationFigures LoadMigration(Database &state, const Rows &status, std::size_t row) {
    const std::string schema = status.Text(row, "schema_name");
    const std::string name = status.Text(row, "name");
    const Rows work = state.Query(kWork, {schema, name});
    MigrationFigures figures{.schema = schema,
                             .migration = name,
                             .phase = StateFromName(status.Text(row, "phase")),
                             .paused = status.Bool(row, "paused"),
                             .failed = work.Bool(0, "failed"),
                             .progress = Real(status, row, "percent") / 100,
                             .eta_seconds = {},
                             .started_at = Real(work, 0, "started_at"),
                             .rows_filled = WholeOrZero(status, row, "rows_done"),
                             .rows_verified = work.Int(0, "verified"),
                             .rows_to_fill = WholeOrZero(status, row, "rows_total"),
                             .bytes_filled = work.Int(0, "blocks_filled") * kBlockBytes,
                             .bytes_to_fill = work.Int(0, "blocks") * kBlockBytes};
    if (status.At(row, "eta")) figures.eta_seconds = Real(status, row, "eta");  // written as "12 seconds"
    return figures;
}

}  // namespace

double LoadLag(Database &state) {
    return std::max(Real(state.Query(kLag), 0, "seconds"), Real(state.Query(kOwnLag), 0, "seconds"));
}

void LoadLostTime(Database &state, const std::string &schema, const std::string &migration,
                  std::vector<ThrottleFigures> &lost) {
    const auto add = [&](const std::string &reason, double seconds) {
        lost.push_back({.schema = schema, .migration = migration, .reason = reason, .seconds = seconds});
    };
    add("paused", Real(state.Query(kPaused, {schema, migration}), 0, "seconds"));
    if (!state.Query("SELECT to_regclass('pgmigrate.pressure')::text AS known").At(0, "known")) return;
    const Rows rows = state.Query(kPressure, {schema, migration});
    for (std::size_t row = 0; row < rows.size(); ++row) add(rows.Text(row, "signal"), Real(rows, row, "seconds_lost"));
}

Figures LoadFigures(Database &state, const Rows &status) {
    Figures figures;
    figures.server = LoadServer(state);
    figures.slots = LoadSlots(state);
    figures.schemas = LoadSchemas(state);
    for (std::size_t row = 0; row < status.size(); ++row)
        figures.migrations.push_back(LoadMigration(state, status, row));
    for (const MigrationFigures &migration : figures.migrations)
        LoadLostTime(state, migration.schema, migration.migration, figures.throttles);
    return figures;
}

}  // namespace pgmigrate
