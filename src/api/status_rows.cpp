// SPDX-License-Identifier: PostgreSQL
#include "api/status_rows.h"

#include <fmt/format.h>

#include "monitor/progress.h"
#include "pg/guard.h"
#include "worker/worker_lock.h"

namespace pgmigrate::api {
namespace {

constexpr const char *kStatus = R"sql(
SELECT m.schema_name, m.name, m.version_schema, CASE WHEN m.paused AND m.state <> 'ready' THEN 'paused' ELSE m.state END AS state,
       m.phase, f.rows_filled AS rows_done, f.rows_total, m.paused, m.started_at, m.error_sqlstate,
       CASE WHEN m.error IS NULL OR v.visible THEN m.error ELSE '<insufficient privilege>' END AS error,
       CASE WHEN v.visible THEN m.error_hint END AS error_hint, CASE WHEN v.visible THEN m.error_detail END AS error_detail,
       coalesce(f.blocks, 0) AS blocks, coalesce(f.filled, 0) AS filled, coalesce(f.verified, 0) AS verified,
       coalesce(f.seconds, 0) AS seconds, p.processes, s.indexes, s.indexes_done, s.validations, s.validations_done,
       q.pressure, w.waiting_for, w.waiting_since, v.visible AS sees_errors
  FROM pgmigrate.migration m
 CROSS JOIN LATERAL (  -- an error names rows and values: not for everybody, as in pg_stat_activity
       SELECT pg_has_role($3::oid, 'pg_read_all_stats', 'USAGE')
              OR coalesce((SELECT pg_has_role($3::oid, r.oid, 'USAGE') FROM pg_roles r WHERE r.rolname = m.started_by), false)
              AS visible) v
  LEFT JOIN LATERAL (
       SELECT sum(greatest(blocks, 0))::bigint AS blocks, sum(blocks_filled)::bigint AS filled, sum(verify_block)::bigint AS verified,
              sum(rows_filled)::bigint AS rows_filled, sum(active_seconds) AS seconds,
              sum(greatest(c.reltuples, rows_filled))::bigint AS rows_total
         FROM pgmigrate.fill LEFT JOIN pg_class c ON c.oid = relation WHERE migration_id = m.id) f ON true
  LEFT JOIN LATERAL (
       SELECT count(*) AS processes FROM pg_locks
        WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid = 'pgmigrate.migration'::regclass AND objid = (m.id & 4294967295)::oid AND objsubid = $2::integer
          AND mode = 'ShareLock' AND granted) p ON true
  LEFT JOIN LATERAL (
       SELECT count(*) FILTER (WHERE phase = 'index') AS indexes,
              count(*) FILTER (WHERE phase = 'index' AND done_at IS NOT NULL) AS indexes_done,
              count(*) FILTER (WHERE phase = 'validate') AS validations,
              count(*) FILTER (WHERE phase = 'validate' AND done_at IS NOT NULL) AS validations_done
         FROM pgmigrate.step WHERE migration_id = m.id) s ON true
  LEFT JOIN LATERAL (
       SELECT string_agg(signal || ': ' || reason, '; ' ORDER BY state = 'slow', signal) AS pressure FROM pgmigrate.pressure
        WHERE migration_id = m.id AND state <> 'clear'
          AND m.state IN ('filling', 'indexing', 'validating', 'verifying', 'publishing')) q ON true
  LEFT JOIN pgmigrate.waiting w ON w.migration_id = m.id
 WHERE ($1 IS NULL OR m.schema_name = $1)
   AND m.id = (SELECT id FROM pgmigrate.migration l WHERE l.schema_name = m.schema_name
                ORDER BY l.state = 'completed', l.id DESC LIMIT 1)
 ORDER BY m.schema_name)sql";

ProgressInput ReadInput(const Rows &rows, std::size_t row) {
    return {.phase = StateFromName(rows.Text(row, "phase")),
            .blocks = rows.Int(row, "blocks"),
            .blocks_filled = rows.Int(row, "filled"),
            .blocks_verified = rows.Int(row, "verified"),
            .fill_seconds = std::stod(rows.Text(row, "seconds")),
            .processes = static_cast<int>(rows.Int(row, "processes")),
            .index_steps = static_cast<int>(rows.Int(row, "indexes")),
            .index_steps_done = static_cast<int>(rows.Int(row, "indexes_done")),
            .validate_steps = static_cast<int>(rows.Int(row, "validations")),
            .validate_steps_done = static_cast<int>(rows.Int(row, "validations_done"))};
}

}  // namespace

Rows StatusRows(Database &state, const std::optional<std::string> &schema_name) {
    const Rows raw =
        state.Query(kStatus, {schema_name, std::to_string(worker::kGateKey), std::to_string(GetUserId())});
    Rows rows{.columns = {"schema_name", "name", "version_schema", "state", "phase", "percent", "rows_done",
                          "rows_total", "bytes_per_second", "eta", "pressure", "paused", "started_at", "error_sqlstate",
                          "error", "hint", "waiting_for", "waiting_since", "error_detail", "sees_errors"},
              .values = {}};
    for (std::size_t row = 0; row < raw.size(); ++row) {
        const Progress progress = ComputeProgress(ReadInput(raw, row));
        const auto same = [&](const char *column) { return raw.At(row, column); };
        rows.values.push_back(
            {same("schema_name"), same("name"), same("version_schema"), same("state"), same("phase"),
             fmt::format("{:.1f}", progress.percent), same("rows_done"), same("rows_total"),
             progress.bytes_per_second ? Value(fmt::format("{:.0f}", *progress.bytes_per_second)) : std::nullopt,
             progress.remaining ? Value(fmt::format("{} seconds", progress.remaining->count())) : std::nullopt,
             same("pressure"), same("paused"), same("started_at"), same("error_sqlstate"), same("error"),
             same("error_hint"), same("waiting_for"), same("waiting_since"), same("error_detail"),
             same("sees_errors")});
    }
    return rows;
}

}  // namespace pgmigrate::api
