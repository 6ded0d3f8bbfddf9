-- pgmigrate.progress: one row per active migration, whatever its state, for everybody.
CREATE SCHEMA pr;
CREATE TABLE pr.t (id integer PRIMARY KEY, a integer);
INSERT INTO pr.t SELECT g, g FROM generate_series(1, 1000) g;
ANALYZE pr.t;
CREATE ROLE progress_reader;
SET ROLE progress_reader;
SELECT count(*) FROM pgmigrate.progress;
RESET ROLE;

BEGIN;
SELECT migrate_start('01', '{"operations": [
  {"alter_column": {"table": "t", "column": "a", "type": "bigint", "nullable": false, "up": "a", "down": "a"}},
  {"create_index": {"name": "t_a", "table": "t", "columns": [{"column": "a"}]}}]}', 'pr');
SELECT migrate_pause('pr');
COMMIT;
SET ROLE progress_reader;
SELECT datname = current_database() AS here, schema_name, name, state, phase, percent, relid, tables_total, tables_filled, blocks_filled,
       rows_filled, rows_verified, indexes_total, indexes_done, constraints_total, constraints_done, eta FROM pgmigrate.progress;
RESET ROLE;
SELECT migrate_resume('pr');
CALL migrate_wait(schema_name => 'pr');
SELECT state, phase, percent, relid, tables_filled, blocks_total, blocks_filled = blocks_total AS filled, blocks_verified = blocks_total AS verified,
       rows_total, rows_filled, rows_verified, indexes_done, constraints_done, bytes_per_second > 0 AS measured, eta FROM pgmigrate.progress;
SELECT migrate_complete('pr');
SELECT count(*) FROM pgmigrate.progress;

-- What is kept of its course goes when the migration is rolled back.
SELECT count(*) > 0 AS sampled FROM pgmigrate.sample;
SELECT migrate_start('02', '{"operations": [{"add_column": {"table": "t", "up": "1 / (a - 500)", "column": {"name": "b", "type": "integer"}}}]}', 'pr');
\set VERBOSITY terse
CALL migrate_wait(schema_name => 'pr');
SELECT state, phase FROM pgmigrate.progress;
SELECT migrate_rollback(schema_name => 'pr');
SELECT count(*) FROM pgmigrate.sample WHERE migration_id NOT IN (SELECT id FROM pgmigrate.migration);
SET client_min_messages = warning;
DROP ROLE progress_reader;
DROP SCHEMA pr, pr_01 CASCADE;
