// SPDX-License-Identifier: PostgreSQL
#include "monitor/readiness_facts.h"

#include <fmt/format.h>

#include "catalog/surroundings.h"
#include "monitor/figures.h"

namespace pgmigrate {
namespace {

constexpr const char *kInvalidIndexes = R"sql(
SELECT i.indexrelid::regclass::text AS name FROM pg_index i
 WHERE NOT i.indisvalid
   AND i.indrelid IN (SELECT to_regclass(s.table_name) FROM pgmigrate.step s WHERE s.migration_id = $1::bigint AND s.table_name IS NOT NULL
                      UNION SELECT f.relation FROM pgmigrate.fill f WHERE f.migration_id = $1::bigint)
 ORDER BY 1)sql";

constexpr const char *kSilentSlots =
    "SELECT slot_name FROM pg_replication_slots WHERE NOT active AND NOT temporary ORDER BY slot_name";

constexpr const char *kLag = R"sql(
SELECT extract(epoch FROM clock_timestamp() - seen_at) AS age, seconds FROM pgmigrate.lag
 WHERE seen_at > clock_timestamp() - make_interval(secs => $1::double precision) ORDER BY seen_at DESC)sql";

/// What can be seen of a session from outside: what it has locked, the search_path that its role or database is given,
/// and its last statement. $1 target schema, $2 previous version schema (may be empty), $3 new version schema, $4 id.
constexpr const char *kOldSessions = R"sql(
SELECT a.pid, coalesce(a.usename, '') AS role, a.application_name AS application, coalesce(host(a.client_addr), 'local') AS source,
       date_trunc('second', a.backend_start)::text AS since, w.why
  FROM pg_stat_activity a
 CROSS JOIN LATERAL (
       SELECT coalesce(
         (SELECT 'has locked ' || min(c.oid::regclass::text)
            FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE l.pid = a.pid AND l.locktype = 'relation' AND l.database = a.datid AND l.granted AND n.nspname = $2),
         (SELECT 'has locked ' || min(l.relation::regclass::text) FROM pg_locks l
           WHERE l.pid = a.pid AND l.locktype = 'relation' AND l.database = a.datid AND l.granted
             AND l.relation IN (SELECT to_regclass(s.table_name) FROM pgmigrate.step s
                                 WHERE s.migration_id = $4::bigint AND s.table_name IS NOT NULL)
             AND NOT EXISTS (SELECT FROM pg_locks v JOIN pg_class c ON c.oid = v.relation JOIN pg_namespace n ON n.oid = c.relnamespace
                              WHERE v.pid = a.pid AND v.locktype = 'relation' AND v.database = a.datid AND n.nspname = $3)),
         (SELECT 'search_path of its role or database names ' || $2
            FROM (SELECT setting FROM pg_db_role_setting d CROSS JOIN unnest(d.setconfig) setting
                   WHERE setting LIKE 'search_path=%' AND d.setdatabase IN (0, a.datid) AND d.setrole IN (0, a.usesysid)
                   ORDER BY d.setrole <> 0 DESC, d.setdatabase <> 0 DESC LIMIT 1) configured
           WHERE $2 = ANY (string_to_array(regexp_replace(substr(setting, 13), '["\s]', '', 'g'), ','))),
         CASE WHEN a.query ~ ('\m' || regexp_replace(nullif($2, ''), '([^A-Za-z0-9_])', '\\\1', 'g') || '\M')
              THEN 'its last statement names ' || $2 END) AS why) w
 WHERE a.datname = current_database() AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid() AND w.why IS NOT NULL
 ORDER BY a.backend_start, a.pid)sql";

double Seconds(std::chrono::milliseconds duration) { return static_cast<double>(duration.count()) / 1000; }

std::vector<std::string> Names(const Rows &rows, const char *column) {
    std::vector<std::string> names;
    for (std::size_t row = 0; row < rows.size(); ++row) names.push_back(rows.Text(row, column));
    return names;
}

void LoadLagHistory(Database &state, ReadinessInput &input) {
    if (state.Query("SELECT current_setting('transaction_read_only') AS value").Text(0, "value") == "off")
        RecordLag(state);
    const Rows rows = state.Query(kLag, {fmt::format("{}", input.stable_for + 60)});
    for (std::size_t row = 0; row < rows.size(); ++row)
        input.lag.push_back({.age = std::stod(rows.Text(row, "age")), .lag = std::stod(rows.Text(row, "seconds"))});
    input.replicated =
        state.Query("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE replay_lsn IS NOT NULL) AS value")
            .Bool(0, "value");
    input.silent_slots = Names(state.Query(kSilentSlots), "slot_name");
}

void LoadTransactions(Database &state, std::chrono::milliseconds patience, ReadinessInput &input) {
    const Surroundings surroundings = LoadSurroundings(state, patience);
    for (const OpenTransaction &transaction : surroundings.transactions)
        input.transactions.push_back(
            {.who = fmt::format("process {} of role {} ({})", transaction.pid, transaction.role, transaction.state),
             .seconds = transaction.age.count()});
    for (const PreparedTransaction &transaction : surroundings.prepared)
        input.transactions.push_back(
            {.who = fmt::format("prepared transaction \"{}\"", transaction.gid), .seconds = transaction.age.count()});
}

void LoadOldSessions(Database &state, const MigrationRecord &record, ReadinessInput &input) {
    const Rows rows = state.Query(
        kOldSessions, {record.schema_name, record.previous_version, record.version_schema, std::to_string(record.id)});
    for (std::size_t row = 0; row < rows.size(); ++row)
        input.old_sessions.push_back({.pid = static_cast<int>(rows.Int(row, "pid")),
                                      .role = rows.Text(row, "role"),
                                      .application = rows.TextOr(row, "application", ""),
                                      .from = rows.Text(row, "source"),
                                      .since = rows.Text(row, "since"),
                                      .why = rows.Text(row, "why")});
}

}  // namespace

void RecordLag(Database &state) {
    state.Execute("DELETE FROM pgmigrate.lag WHERE seen_at < clock_timestamp() - interval '1 day'");
    state.Execute("INSERT INTO pgmigrate.lag (seconds) VALUES ($1::double precision)",
                  {fmt::format("{}", LoadLag(state))});
}

ReadinessInput LoadReadiness(Database &state, const MigrationRecord &record, const Rows &status,
                             const ReadinessLimits &limits) {
    ReadinessInput input;
    input.state = record.state;
    input.phase = record.phase;
    input.paused = record.paused;
    input.max_lag = Seconds(limits.max_lag);
    input.stable_for = Seconds(limits.stable_for);
    input.patience = std::chrono::duration_cast<std::chrono::seconds>(limits.patience).count();
    input.percent = std::stod(status.TextOr(0, "percent", "0"));
    input.rows_filled = status.At(0, "rows_done") ? status.Int(0, "rows_done") : 0;
    input.rows_verified = state
                              .Query(
                                  "SELECT coalesce(sum(rows_verified), 0)::bigint AS rows FROM pgmigrate.fill WHERE "
                                  "migration_id = $1::bigint",
                                  {std::to_string(record.id)})
                              .Int(0, "rows");
    input.invalid_indexes = Names(state.Query(kInvalidIndexes, {std::to_string(record.id)}), "name");
    LoadTransactions(state, limits.patience, input);  // clears the snapshot of pg_stat_activity
    LoadLagHistory(state, input);
    LoadOldSessions(state, record, input);
    return input;
}

}  // namespace pgmigrate
