-- What monitoring systems and people read: for everybody, changing nothing.

CREATE FUNCTION @extschema@.migrate_metrics() RETURNS text
AS 'MODULE_PATHNAME', 'migrate_metrics' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_metrics() IS
'figures of migrations, server and disk in the text format of Prometheus';

CREATE FUNCTION pgmigrate.metrics()
RETURNS TABLE (metric text, kind text, labels jsonb, value double precision, help text)
AS 'MODULE_PATHNAME', 'pgmigrate_metrics' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION pgmigrate.metrics() IS
'what migrate_metrics() gives, as rows: for exporters that take their figures from a query';

CREATE TABLE pgmigrate.lag (
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seconds double precision NOT NULL
);
CREATE INDEX ON pgmigrate.lag (seen_at);
COMMENT ON TABLE pgmigrate.lag IS 'readings of the replay lag during the last day, kept by those who ask for it';

CREATE FUNCTION @extschema@.migrate_ready(max_lag interval DEFAULT '5 seconds', stable_for interval DEFAULT '60 seconds',
                              schema_name name DEFAULT 'public')
RETURNS TABLE (condition text, value text, "limit" text, ok boolean)
AS 'MODULE_PATHNAME', 'migrate_ready' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_ready(interval, interval, name) IS
'the conditions under which the active migration may be completed, and which of them are met; changes nothing but the record of the lag';

CREATE PROCEDURE @extschema@.migrate_complete(when_ready boolean, deadline interval DEFAULT NULL, max_lag interval DEFAULT '5 seconds',
                                  stable_for interval DEFAULT '60 seconds', schema_name name DEFAULT 'public')
AS 'MODULE_PATHNAME', 'migrate_complete_when_ready' LANGUAGE C;
COMMENT ON PROCEDURE @extschema@.migrate_complete(boolean, interval, interval, interval, name) IS
'completes the active migration as soon as every condition of migrate_ready() is met, waiting without a snapshot until the deadline';

CREATE TABLE pgmigrate.sample (
    migration_id    bigint NOT NULL REFERENCES pgmigrate.migration ON DELETE CASCADE,
    seen_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    blocks_filled   bigint NOT NULL,
    rows_filled     bigint NOT NULL,
    blocks_verified bigint NOT NULL
);
CREATE INDEX ON pgmigrate.sample (migration_id, seen_at);
COMMENT ON TABLE pgmigrate.sample IS 'how far each migration was at which time: what migrate_report() draws';
SELECT pg_catalog.pg_extension_config_dump('pgmigrate.sample', '');

CREATE FUNCTION @extschema@.migrate_report(schema_name name DEFAULT 'public') RETURNS text
AS 'MODULE_PATHNAME', 'migrate_report' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_report(name) IS
'an HTML page about the active migration of a schema, otherwise the one completed last: its course, plan, checks, verification and events';

-- The worker holds an advisory lock whose last part is 0x4D47 (src/worker/worker_lock.cpp).
CREATE VIEW pgmigrate.progress AS
SELECT w.pid, d.oid AS datid, d.datname, m.schema_name, m.name, s.state, s.phase, s.percent,
       f.relid, f.tables_total, f.tables_filled, f.blocks_total, f.blocks_filled, f.blocks_verified,
       s.rows_total, s.rows_done AS rows_filled, f.rows_verified,
       t.indexes_total, t.indexes_done, t.constraints_total, t.constraints_done, s.bytes_per_second, s.eta
  FROM pgmigrate.migration m
  JOIN pg_catalog.pg_database d ON d.datname = current_database()
 CROSS JOIN LATERAL @extschema@.migrate_status(m.schema_name) s
 CROSS JOIN LATERAL (
       SELECT (array_agg(f.relation ORDER BY f.relation::oid) FILTER (WHERE f.blocks_filled < f.blocks OR f.verify_block < f.blocks))[1] AS relid,
              count(*) AS tables_total, count(*) FILTER (WHERE f.filled_at IS NOT NULL) AS tables_filled,
              coalesce(sum(greatest(f.blocks, 0)), 0)::bigint AS blocks_total, coalesce(sum(f.blocks_filled), 0)::bigint AS blocks_filled,
              coalesce(sum(least(f.verify_block, f.blocks)), 0)::bigint AS blocks_verified, coalesce(sum(f.rows_verified), 0)::bigint AS rows_verified
         FROM pgmigrate.fill f WHERE f.migration_id = m.id) f
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE t.phase = 'index') AS indexes_total,
              count(*) FILTER (WHERE t.phase = 'index' AND t.done_at IS NOT NULL) AS indexes_done,
              count(*) FILTER (WHERE t.phase = 'validate') AS constraints_total,
              count(*) FILTER (WHERE t.phase = 'validate' AND t.done_at IS NOT NULL) AS constraints_done
         FROM pgmigrate.step t WHERE t.migration_id = m.id) t
  LEFT JOIN pg_catalog.pg_locks w ON w.locktype = 'advisory' AND w.database = d.oid AND w.classid = 'pgmigrate.migration'::regclass
        AND w.objid = (m.id & 4294967295)::oid AND w.objsubid = 19783 AND w.granted
 WHERE m.state <> 'completed';
GRANT SELECT ON pgmigrate.progress TO PUBLIC;
COMMENT ON VIEW pgmigrate.progress IS 'one row per active migration, in the manner of pg_stat_progress_vacuum and its kind';

CREATE TYPE pgmigrate.plan_format AS ENUM ('text', 'json');
COMMENT ON TYPE pgmigrate.plan_format IS 'how migrate_plan() shows a plan';

-- A body that is parsed now, so that no search_path changes what it means; the caller's is the one that the plan is made under.
CREATE FUNCTION @extschema@.migrate_plan(name text, migration text, format pgmigrate.plan_format, schema_name name DEFAULT 'public') RETURNS SETOF text
LANGUAGE SQL VOLATILE
BEGIN ATOMIC
    WITH plan AS MATERIALIZED (SELECT p.*, to_jsonb(p) AS facts FROM @extschema@.migrate_plan($1, $2, $4) p),
    total AS (SELECT sum(rows) FILTER (WHERE phase = 'fill') AS rows, sum(bytes) FILTER (WHERE phase = 'fill') AS bytes, sum(estimate) AS estimate FROM plan),
    line AS (
        SELECT 0 AS step, 0 AS place, format('Migration "%s" of schema "%s"  (fill rows=%s size=%s time=%s)', $1, $4, coalesce(rows, 0),
                      pg_size_pretty(coalesce(bytes, 0)), coalesce(date_trunc('milliseconds', estimate)::text, 'unknown')) AS words FROM total
        UNION ALL
        SELECT min(step), 1, CASE phase WHEN 'expand' THEN 'Start, in your transaction' WHEN 'fill' THEN 'Fill, in the background'
                                        WHEN 'index' THEN 'Index, in the background' WHEN 'validate' THEN 'Validate, in the background'
                                        WHEN 'verify' THEN 'Verify, in the background' WHEN 'publish' THEN 'Publish, in one transaction'
                                        WHEN 'contract' THEN 'Completion, in your transaction' ELSE phase END
          FROM plan GROUP BY phase
        UNION ALL
        SELECT step, 2, '  ->  ' || regexp_replace(statement, '\s*\n\s*', ' ', 'g') FROM plan
        UNION ALL
        SELECT step, 3, format('        Lock: %s%s, which blocks %s', lock, ' on ' || table_name,
               CASE lock WHEN 'ACCESS EXCLUSIVE' THEN 'reads and writes' WHEN 'EXCLUSIVE' THEN 'writes'
                         WHEN 'SHARE ROW EXCLUSIVE' THEN 'writes' WHEN 'SHARE' THEN 'writes'
                         WHEN 'SHARE UPDATE EXCLUSIVE' THEN 'vacuum and schema changes' ELSE 'schema changes' END)
          FROM plan WHERE lock IS NOT NULL
        UNION ALL
        SELECT step, 4, '        ' || concat_ws('  ', 'Rows: ' || rows, 'Size: ' || pg_size_pretty(bytes), 'Time: ' || date_trunc('milliseconds', estimate))
          FROM plan WHERE rows IS NOT NULL OR bytes IS NOT NULL
        UNION ALL
        SELECT step, 5, '        ' || (facts ->> 'detail') FROM plan WHERE facts ->> 'detail' <> '')
    SELECT words FROM (
        SELECT step, place, words FROM line WHERE $3 = 'text'
        UNION ALL
        SELECT 0, 0, jsonb_pretty(jsonb_build_object('name', $1, 'schema', $4, 'steps', coalesce((SELECT jsonb_agg(facts ORDER BY step) FROM plan), '[]')))
         WHERE $3 = 'json') shown
     ORDER BY step, place;
END;
COMMENT ON FUNCTION @extschema@.migrate_plan(text, text, pgmigrate.plan_format, name) IS
'the plan of a migration to be read like that of EXPLAIN, or as JSON; changes nothing and locks nothing';

CREATE TABLE pgmigrate.message_kind (
    kind       text PRIMARY KEY,
    template   text NOT NULL,
    is_builtin boolean NOT NULL DEFAULT false
);
GRANT SELECT ON pgmigrate.message_kind TO PUBLIC;
COMMENT ON TABLE pgmigrate.message_kind IS 'templates of migrate_message(); rows of your own are more kinds';
COMMENT ON COLUMN pgmigrate.message_kind.template IS
'text with {database} {schema} {migration} {version_schema} {started_by} {started_at} {now} {running_for} {state} {phase} {percent} {time_left} {rows_filled} {rows_verified} {time_yielded} {error} {sqlstate} {impact} {next_step}';
SELECT pg_catalog.pg_extension_config_dump('pgmigrate.message_kind', 'WHERE NOT is_builtin');

INSERT INTO pgmigrate.message_kind VALUES
('incident', $message$INCIDENT: schema migration {migration} on database {database}

Time: {now}
State: {state} (phase {phase}, {percent}%)
Error: {error} (SQLSTATE {sqlstate})
Impact: {impact}
Started: {started_at} by {started_by}, {running_for} ago
Next step: {next_step}
Way back: SELECT migrate_rollback() undoes the migration in one transaction at any time before completion.
$message$, true),
('update', $message$Schema migration {migration} on database {database}: {state}, {percent}%

As of {now} it is in phase {phase} and has been running for {running_for}; time left: {time_left}.
Rows filled: {rows_filled}, verified: {rows_verified}. Time yielded to the application: {time_yielded}.
Impact on users: {impact}.
Next step: {next_step}
$message$, true);

CREATE FUNCTION @extschema@.migrate_message(kind text DEFAULT 'update', schema_name name DEFAULT 'public') RETURNS text
AS 'MODULE_PATHNAME', 'migrate_message' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_message(text, name) IS
'a message to people about the active migration of a schema, otherwise the one completed last: an incident declaration, an update, or a kind of your own';
