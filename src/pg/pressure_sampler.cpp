// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>

#include "pg/pressure_sampler.h"

#include <map>

#include "pg/disk.h"
#include "pg/pressure_query.h"
#include "pg/scopes.h"
#include "pg/settings.h"
#include "pg/spi_database.h"
#include "pg/transaction.h"

extern "C" {
#include "access/xlog.h"
}

namespace pgmigrate::pg {
namespace {

/// A session that waits for a lock, a client or time to pass takes nothing from the others. The names of wait events
/// changed their case in PostgreSQL 17.
constexpr const char *kServer = R"sql(
SELECT count(*) FILTER (WHERE wait_event_type IS NULL OR wait_event_type IN ('IO', 'LWLock', 'BufferPin')
                           OR lower(wait_event) = 'syncrep') AS running,
       count(*) FILTER (WHERE lower(wait_event) IN ('walsync', 'walwrite', 'syncrep')) AS committing,
       (SELECT coalesce(sum(xact_commit), 0)::bigint FROM pg_stat_database) AS commits,
       pg_size_bytes(current_setting('max_wal_size')) AS max_wal_size,
       CASE current_setting('max_slot_wal_keep_size') WHEN '-1' THEN -1
            ELSE pg_size_bytes(current_setting('max_slot_wal_keep_size')) END AS slot_keep,
       (SELECT coalesce(sum(size), 0)::bigint FROM pg_ls_waldir()) AS wal_present
  FROM pg_stat_activity
 WHERE state IN ('active', 'fastpath function call') AND backend_type IN ('client backend', 'parallel worker')
   AND pid <> pg_backend_pid())sql";

constexpr const char *kStandbys = R"sql(
SELECT coalesce(nullif(application_name, ''), host(client_addr), 'pid ' || pid) AS name,
       pg_wal_lsn_diff(replay_lsn, '0/0')::bigint AS replayed,
       greatest(0, coalesce(extract(epoch FROM replay_lag), 0)) AS lag
  FROM pg_stat_replication WHERE replay_lsn IS NOT NULL ORDER BY pid)sql";

constexpr const char *kSlots = R"sql(
SELECT quote_ident(slot_name) AS name, greatest(0, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))::bigint AS retained
  FROM pg_replication_slots WHERE restart_lsn IS NOT NULL AND NOT temporary)sql";

/// Whose transaction or slot keeps row versions of this database's tables. Vacuum ignores itself and other vacuums. A
/// transaction that has written holds the horizon by its own number, even when it has no snapshot.
constexpr const char *kHorizon = R"sql(
SELECT identity, who, xmin::text::bigint AS xmin FROM (
  SELECT a.pid || ' ' || coalesce(a.xact_start::text, '') AS identity,
         CASE WHEN a.backend_type = 'walsender' THEN format('standby %s (hot_standby_feedback)', quote_ident(a.application_name))
              ELSE format('process %s of role %s, %s,', a.pid, quote_ident(coalesce(a.usename, a.backend_type)), coalesce(a.state, a.backend_type)) END AS who,
         CASE WHEN age(a.backend_xid) > coalesce(age(a.backend_xmin), -1) THEN a.backend_xid ELSE a.backend_xmin END AS xmin,
         a.xact_start AS since
    FROM pg_stat_activity a
   WHERE (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL) AND a.pid <> pg_backend_pid()
     AND (a.datname = current_database() OR a.backend_type = 'walsender')
     AND a.backend_type <> 'autovacuum worker' AND a.backend_type NOT LIKE 'pgmigrate%'
     AND NOT EXISTS (SELECT FROM pg_stat_progress_vacuum v WHERE v.pid = a.pid)
  UNION ALL
  SELECT 'prepared ' || gid, format('prepared transaction %s', quote_ident(gid)), transaction, prepared
    FROM pg_prepared_xacts WHERE database = current_database()
  UNION ALL
  SELECT 'slot ' || slot_name, format('replication slot %s', quote_ident(slot_name)), xmin, NULL
    FROM pg_replication_slots WHERE xmin IS NOT NULL) h
 ORDER BY age(xmin) DESC, since LIMIT 1)sql";

constexpr const char *kAutovacuums = R"sql(
SELECT v.pid, v.relid::regclass::text AS name FROM pg_stat_progress_vacuum v JOIN pg_stat_activity a ON a.pid = v.pid
 WHERE v.datname = current_database() AND v.relid = ANY ($1::oid[]) AND a.backend_type = 'autovacuum worker')sql";

constexpr const char *kSizes = R"sql(
SELECT oid::bigint AS oid, reltablespace::bigint AS tablespace, coalesce(pg_total_relation_size(oid), 0) AS bytes
  FROM pg_class WHERE oid = ANY ($1::oid[]))sql";

constexpr const char *kUnarchived = "SELECT count(*) AS files FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'";

/// A table that somebody holds exclusively must not hold up a look at the server.
constexpr const char *kLockTimeout = "1s";

/// Cores that this process may run on: a container may have fewer than its machine.
int CountCores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
    return std::max(CPU_COUNT(&set), 1);
}

void ReadServer(Database &server, ServerFigures &figures) {
    const Rows rows = server.Query(kServer);
    figures.sessions = {.running = static_cast<int>(rows.Int(0, "running")),
                        .committing = static_cast<int>(rows.Int(0, "committing")),
                        .commits = rows.Int(0, "commits")};
    figures.max_wal_size = rows.Int(0, "max_wal_size");
    figures.max_slot_wal_keep = rows.Int(0, "slot_keep");
    figures.wal_present = rows.Int(0, "wal_present");
    figures.cores = CountCores();
    const Rows slots = server.Query(kSlots);
    for (std::size_t row = 0; row < slots.size(); ++row)
        figures.slots.push_back({.name = slots.Text(row, "name"), .retained = slots.Int(row, "retained")});
    const Rows horizon = server.Query(kHorizon);
    if (!horizon.empty())
        figures.horizon = HorizonHolder{.identity = horizon.Text(0, "identity"),
                                        .who = horizon.Text(0, "who"),
                                        .xmin = static_cast<std::uint64_t>(horizon.Int(0, "xmin"))};
    figures.archiving = XLogArchivingActive();
    if (figures.archiving) figures.unarchived = static_cast<int>(server.Query(kUnarchived).Int(0, "files"));
}

void ReadStandbys(Database &server, ServerFigures &figures) {
    figures.standbys.clear();
    const Rows rows = server.Query(kStandbys);
    for (std::size_t row = 0; row < rows.size(); ++row)
        figures.standbys.push_back({.name = rows.Text(row, "name"),
                                    .replayed = static_cast<std::uint64_t>(rows.Int(row, "replayed")),
                                    .lag = std::chrono::duration<double>(std::stod(rows.Text(row, "lag")))});
    figures.wal_position = GetXLogInsertRecPtr();
    figures.checkpoint_distance = static_cast<std::int64_t>(figures.wal_position - GetRedoRecPtr());
}

std::string ListOids(const std::vector<FillRecord> &fills) {
    std::vector<std::int64_t> oids;
    for (const FillRecord &fill : fills) oids.push_back(fill.relation_oid);
    return fmt::format("{{{}}}", fmt::join(oids, ","));
}

void ReadTables(Database &server, const std::vector<FillRecord> &fills, ServerFigures &figures) {
    if (fills.empty()) return;
    const std::string oids = ListOids(fills);
    const Rows vacuums = server.Query(kAutovacuums, {oids});
    for (std::size_t row = 0; row < vacuums.size(); ++row)
        figures.autovacuums.push_back(
            {.pid = static_cast<int>(vacuums.Int(row, "pid")), .table = vacuums.Text(row, "name")});
    const Rows sizes = server.Query(kSizes, {oids});
    std::map<std::int64_t, FillFootprint> footprints;
    for (std::size_t row = 0; row < sizes.size(); ++row) {
        FillFootprint &footprint = footprints[sizes.Int(row, "tablespace")];
        footprint.bytes += sizes.Int(row, "bytes");
        for (const FillRecord &fill : fills) {
            if (fill.relation_oid != sizes.Int(row, "oid") || fill.blocks < 0) continue;
            footprint.blocks_done += fill.blocks_filled;
            footprint.blocks_left += fill.blocks - fill.blocks_filled;
        }
    }
    for (const auto &[tablespace, footprint] : footprints)
        if (const std::optional<Volume> volume = VolumeOfTablespace(tablespace))
            figures.tablespaces.push_back({.volume = *volume, .footprint = footprint});
}

}  // namespace

const ServerFigures &PressureSampler::Look(const Watched &watched) {
    figures_ = ServerFigures{.wal_left = watched.wal_left, .waiters = watched.waiters};
    InTransaction("looking at the server", [&] {
        SettingsScope settings;
        settings.Set("lock_timeout", kLockTimeout);
        SpiDatabase server({.user = InvalidOid, .restricted = false, .search_path = kSafeSearchPath});
        ReadStandbys(server, figures_);
        ReadServer(server, figures_);
        ReadTables(server, watched.fills, figures_);
        figures_.wal_volume = VolumeOfWal();
    });
    if (const std::string query = PressureQuery(); !query.empty()) {
        QueryAnswer answer = AskPressureQuery(query, watched.starter, watched.search_path);
        figures_.query = answer.value;
        figures_.query_problem = std::move(answer.problem);
    }
    return figures_;
}

const ServerFigures &PressureSampler::LookAtStandbys() {
    InTransaction("looking at standbys", [&] {
        SpiDatabase server({.user = InvalidOid, .restricted = false, .search_path = kSafeSearchPath});
        ReadStandbys(server, figures_);
    });
    return figures_;
}

}  // namespace pgmigrate::pg
