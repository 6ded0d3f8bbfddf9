-- migrate_plan, migrate_status, migrate_history, migrate_latest_version, pause and resume.
CREATE SCHEMA sp;
CREATE TABLE sp.t (id integer PRIMARY KEY, a varchar(10) NOT NULL);
INSERT INTO sp.t SELECT g, 'a' || g FROM generate_series(1, 1000) g;
ANALYZE sp.t;
SELECT helper.remember('sp');

-- The plan changes nothing and locks nothing.
BEGIN;
SELECT phase, lock, table_name, rows, statement FROM migrate_plan('01', $m${"operations": [
  {"alter_column": {"table": "t", "column": "a", "type": "text", "up": "lower(a)", "down": "a"}},
  {"create_index": {"name": "t_a", "table": "t", "columns": [{"column": "a"}]}}]}$m$, 'sp') WHERE statement NOT LIKE 'CREATE TRIGGER%';
SELECT count(*) FROM pg_locks WHERE relation = 'sp.t'::regclass AND mode <> 'AccessShareLock';
COMMIT;
SELECT helper.changes('sp');
SELECT * FROM migrate_status('sp');
SELECT count(*) FROM migrate_history('sp');
SELECT migrate_latest_version('sp') IS NULL AS no_version;

-- What the plan says is what runs.
CREATE TEMP TABLE planned AS SELECT statement FROM migrate_plan('01', $m${"operations": [
  {"alter_column": {"table": "t", "column": "a", "type": "text", "up": "lower(a)", "down": "a"}},
  {"create_index": {"name": "t_a", "table": "t", "columns": [{"column": "a"}]}}]}$m$, 'sp');
SELECT migrate_start('01', $m${"operations": [
  {"alter_column": {"table": "t", "column": "a", "type": "text", "up": "lower(a)", "down": "a"}},
  {"create_index": {"name": "t_a", "table": "t", "columns": [{"column": "a"}]}}]}$m$, 'sp');
CALL migrate_wait('01', '1 min', 'sp');
SELECT count(*) AS unplanned FROM pgmigrate.step s JOIN pgmigrate.migration m ON m.id = s.migration_id
 WHERE m.schema_name = 'sp' AND statement NOT IN (SELECT statement FROM planned);
SELECT phase, bool_and(done_at IS NOT NULL) AS done FROM pgmigrate.step s WHERE migration_id = (SELECT id FROM pgmigrate.migration WHERE schema_name = 'sp')
 GROUP BY phase ORDER BY min(position);
SELECT schema_name, name, version_schema, state, phase, percent, rows_done, rows_total, paused, error FROM migrate_status('sp');
SELECT name, version_schema, status, kind, migration FROM migrate_history('sp');
SELECT migrate_latest_version('sp');
SELECT migrate_complete('sp');
SELECT state, phase, percent FROM migrate_status('sp');
SELECT status FROM migrate_history('sp');

-- A migration paused before its worker could begin stays where it is, and a second start is refused.
BEGIN;
SELECT migrate_start('02', '{"operations": [{"add_column": {"table": "t", "up": "length(a)", "column": {"name": "n", "type": "int"}}}]}', 'sp');
SELECT migrate_pause('sp');
COMMIT;
SELECT migrate_pause('sp');
SELECT state, phase, paused, rows_done FROM migrate_status('sp');
\set VERBOSITY default
SELECT migrate_start('03', '{"operations": []}', 'sp');
SELECT migrate_complete('sp');
CALL migrate_wait(timeout => '10 ms', schema_name => 'sp');
SELECT migrate_latest_version('sp');
SELECT migrate_resume('sp');
CALL migrate_wait(schema_name => 'sp');
SELECT migrate_resume('sp');
SELECT migrate_pause('sp');
SELECT state, rows_done FROM migrate_status('sp');
SELECT migrate_rollback(schema_name => 'sp');

-- A start in a transaction that aborts leaves nothing; its worker finds nothing to do.
SELECT helper.remember('sp');
BEGIN;
SELECT migrate_start('04', '{"operations": [{"add_column": {"table": "t", "up": "length(a)", "column": {"name": "n", "type": "int"}}}]}', 'sp');
ROLLBACK;
SELECT helper.changes('sp');
SELECT name, status FROM migrate_history('sp');

-- Start and rollback in one transaction.
BEGIN;
SELECT migrate_start('04', '{"operations": [{"add_column": {"table": "t", "up": "length(a)", "column": {"name": "n", "type": "int"}}}]}', 'sp');
SELECT migrate_rollback(schema_name => 'sp');
COMMIT;
SELECT helper.changes('sp');

-- Several target schemas have a migration each.
CREATE SCHEMA sp2;
CREATE TABLE sp2.t (id integer);
SELECT migrate_start('04', '{"operations": [{"add_column": {"table": "t", "up": "length(a)", "column": {"name": "n", "type": "int"}}}]}', 'sp');
SELECT migrate_start('04', '{"operations": [{"add_column": {"table": "t", "up": "id", "column": {"name": "n", "type": "int", "nullable": true}}}]}', 'sp2');
CALL migrate_wait(schema_name => 'sp');
CALL migrate_wait(schema_name => 'sp2');
SELECT schema_name, name, state FROM migrate_status() WHERE schema_name LIKE 'sp%';
SELECT migrate_complete('sp2'), migrate_complete('sp');
SELECT event, count(*) FROM pgmigrate.event WHERE schema_name = 'sp' AND event IN ('started', 'paused', 'resumed', 'completed', 'rolled back') GROUP BY event ORDER BY event;
SET client_min_messages = warning;
DROP SCHEMA sp, sp2, sp_04, sp2_04 CASCADE;
