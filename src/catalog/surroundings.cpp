// SPDX-License-Identifier: PostgreSQL
#include "catalog/surroundings.h"

#include <nlohmann/json.hpp>

namespace pgmigrate {
namespace {

/// pg_stat_activity shows a background worker under its bgw_type, and every other process under one of these. A
/// connection beyond the reserved ones is what ordinary roles may have; a setting that this version does not have
/// (reserved_connections came with 16) reserves none.
constexpr const char *kServer = R"sql(
SELECT pg_is_in_recovery() AS in_recovery, quote_ident(current_user) AS reader,
       pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_sessions,
       current_setting('max_worker_processes')::integer AS worker_slots,
       count(*) FILTER (WHERE backend_type <> ALL (ARRAY['client backend', 'autovacuum launcher', 'autovacuum worker',
             'background writer', 'checkpointer', 'walwriter', 'walsender', 'walreceiver', 'walsummarizer', 'startup',
             'archiver', 'logger', 'standalone backend', 'slotsync worker', 'io worker', 'dead-end client backend'])) AS workers,
       count(*) FILTER (WHERE backend_type = 'parallel worker') AS parallel_workers,
       current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
         - coalesce(current_setting('reserved_connections', true)::integer, 0) AS connection_slots,
       count(*) FILTER (WHERE backend_type = 'client backend') AS connections,
       pg_size_bytes(current_setting('max_wal_size')) AS max_wal_size
  FROM pg_stat_activity)sql";

constexpr const char *kTransactions = R"sql(
SELECT a.pid, coalesce(a.usename, '') AS role, coalesce(a.state, '') AS state,
       extract(epoch FROM clock_timestamp() - a.xact_start)::bigint AS age,
       (SELECT json_agg(DISTINCT coalesce(pg_partition_root(l.relation)::oid, l.relation)::bigint) FROM pg_locks l
         WHERE l.pid = a.pid AND l.locktype = 'relation' AND l.granted AND l.database = a.datid) AS tables
  FROM pg_stat_activity a
 WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.leader_pid IS NULL
   AND a.backend_type NOT IN ('autovacuum worker', 'walsender', 'pgmigrate worker', 'pgmigrate fill helper')
   AND a.xact_start < clock_timestamp() - make_interval(secs => $1::double precision)
 ORDER BY a.xact_start, a.pid)sql";

/// A prepared transaction has no process: what leads to its locks is the one that it holds on its own number.
constexpr const char *kPrepared = R"sql(
SELECT p.gid, p.owner, extract(epoch FROM clock_timestamp() - p.prepared)::bigint AS age,
       (SELECT json_agg(DISTINCT coalesce(pg_partition_root(l.relation)::oid, l.relation)::bigint)
          FROM pg_locks n JOIN pg_locks l ON l.virtualtransaction = n.virtualtransaction AND l.pid IS NULL
         WHERE n.locktype = 'transactionid' AND n.pid IS NULL AND n.transactionid = p.transaction
           AND l.locktype = 'relation' AND l.granted) AS tables
  FROM pg_prepared_xacts p WHERE p.database = current_database() ORDER BY p.prepared, p.gid)sql";

/// The end of WAL: during recovery there is none to be asked for, only what has been received or replayed.
constexpr const char *kSlots = R"sql(
SELECT s.slot_name, s.active, s.slot_type = 'logical' AS logical, coalesce(s.wal_status, '') AS wal_status,
       greatest(0, pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
                                   s.restart_lsn))::bigint AS retained
  FROM pg_replication_slots s WHERE NOT s.temporary ORDER BY s.slot_name)sql";

/// A base backup is a walsender too, and replays nothing.
constexpr const char *kStandbys = R"sql(
SELECT coalesce(nullif(r.application_name, ''), host(r.client_addr), 'pid ' || r.pid) AS name, r.state,
       greatest(0, pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
                                   r.replay_lsn))::bigint AS lag_bytes,
       coalesce(extract(epoch FROM r.replay_lag), 0)::bigint AS lag
  FROM pg_stat_replication r WHERE r.replay_lsn IS NOT NULL ORDER BY r.pid)sql";

std::vector<std::int64_t> Tables(const Rows &rows, std::size_t row) {
    if (!rows.At(row, "tables")) return {};
    return nlohmann::json::parse(rows.Text(row, "tables")).get<std::vector<std::int64_t>>();
}

void LoadServer(Database &database, Surroundings &surroundings) {
    database.Query("SELECT pg_stat_clear_snapshot()");  // pg_stat_activity is frozen at its first use in a transaction
    const Rows rows = database.Query(kServer);
    const auto number = [&](const char *column) { return static_cast<int>(rows.Int(0, column)); };
    surroundings.in_recovery = rows.Bool(0, "in_recovery");
    surroundings.reader = rows.Text(0, "reader");
    surroundings.sees_sessions = rows.Bool(0, "sees_sessions");
    surroundings.worker_slots = number("worker_slots");
    surroundings.workers = number("workers");
    surroundings.parallel_workers = number("parallel_workers");
    surroundings.connection_slots = number("connection_slots");
    surroundings.connections = number("connections");
    surroundings.max_wal_size = rows.Int(0, "max_wal_size");
}

void LoadTransactions(Database &database, std::chrono::milliseconds since, Surroundings &surroundings) {
    const Rows rows = database.Query(kTransactions, {std::to_string(static_cast<double>(since.count()) / 1000)});
    for (std::size_t row = 0; row < rows.size(); ++row)
        surroundings.transactions.push_back({.pid = static_cast<int>(rows.Int(row, "pid")),
                                             .role = rows.Text(row, "role"),
                                             .state = rows.Text(row, "state"),
                                             .age = std::chrono::seconds(rows.Int(row, "age")),
                                             .tables = Tables(rows, row)});
}

void LoadPrepared(Database &database, Surroundings &surroundings) {
    const Rows rows = database.Query(kPrepared);
    for (std::size_t row = 0; row < rows.size(); ++row)
        surroundings.prepared.push_back({.gid = rows.Text(row, "gid"),
                                         .owner = rows.TextOr(row, "owner", ""),
                                         .age = std::chrono::seconds(rows.Int(row, "age")),
                                         .tables = Tables(rows, row)});
}

void LoadReplication(Database &database, Surroundings &surroundings) {
    const Rows slots = database.Query(kSlots);
    for (std::size_t row = 0; row < slots.size(); ++row) {
        ReplicationSlot slot{.name = slots.Text(row, "slot_name"),
                             .active = slots.Bool(row, "active"),
                             .logical = slots.Bool(row, "logical"),
                             .wal_status = slots.Text(row, "wal_status"),
                             .retained_bytes = {}};
        if (slots.At(row, "retained")) slot.retained_bytes = slots.Int(row, "retained");
        surroundings.slots.push_back(std::move(slot));
    }
    const Rows standbys = database.Query(kStandbys);
    for (std::size_t row = 0; row < standbys.size(); ++row)
        surroundings.standbys.push_back({.name = standbys.Text(row, "name"),
                                         .state = standbys.TextOr(row, "state", ""),
                                         .lag_bytes = standbys.Int(row, "lag_bytes"),
                                         .lag = std::chrono::seconds(standbys.Int(row, "lag"))});
}

}  // namespace

Surroundings LoadSurroundings(Database &database, std::chrono::milliseconds since) {
    Surroundings surroundings;
    LoadServer(database, surroundings);
    LoadTransactions(database, since, surroundings);
    LoadPrepared(database, surroundings);
    LoadReplication(database, surroundings);
    return surroundings;
}

}  // namespace pgmigrate
