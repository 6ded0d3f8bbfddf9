-- create_index, drop_index: built concurrently by the worker with its exact definition; dropped at completion.
CREATE SCHEMA ix;
CREATE TABLE ix.t (id integer PRIMARY KEY, name text, "Mixed Case" integer, tags text[]);
INSERT INTO ix.t SELECT g, 'n' || g % 3, g, ARRAY['a', 'b'] FROM generate_series(1, 50) g;
SELECT helper.remember('ix');
SELECT migrate_start('01_indexes', $m${"operations": [
  {"create_index": {"name": "t_name", "table": "t", "columns": [{"column": "name", "collate": "\"C\"", "sort": "DESC", "nulls": "LAST", "opclass": {"name": "text_pattern_ops"}}], "predicate": "id > 10 AND \"Mixed Case\" IS NOT NULL"}},
  {"create_index": {"name": "Mixed Index", "table": "t", "columns": [{"column": "Mixed Case"}, {"column": "id"}], "unique": true}},
  {"create_index": {"name": "t_hash", "table": "t", "columns": [{"column": "name"}], "method": "hash", "storage_parameters": "fillfactor = 70"}},
  {"create_index": {"name": "t_tags", "table": "t", "columns": [{"column": "tags"}], "method": "gin"}}]}$m$, 'ix');
CALL migrate_wait(schema_name => 'ix');
SELECT helper.changes('ix');
SELECT helper.try('INSERT INTO ix_01_indexes.t (id, "Mixed Case") VALUES (1, 1)');
SELECT migrate_rollback(schema_name => 'ix');
SELECT helper.changes('ix');

-- An index on a column of the same migration that is altered and renamed.
SELECT migrate_start('01_altered', $m${"operations": [
  {"alter_column": {"table": "t", "column": "name", "type": "varchar(10)", "up": "upper(name)", "down": "lower(name)"}},
  {"rename_column": {"table": "t", "from": "name", "to": "label"}},
  {"create_index": {"name": "t_label", "table": "t", "columns": [{"column": "label"}], "predicate": "label LIKE 'N%'"}}]}$m$, 'ix');
CALL migrate_wait(schema_name => 'ix');
SELECT migrate_complete('ix');
SELECT helper.facts('ix');

-- drop_index
SELECT helper.remember('ix');
SELECT migrate_start('02_drop', '{"operations": [{"drop_index": {"name": "t_label"}}]}', 'ix');
SELECT helper.changes('ix');
SELECT migrate_complete('ix');
SELECT helper.changes('ix');

-- A unique index over duplicates fails, leaves no invalid index, and works once they are gone.
SELECT migrate_start('03_unique', '{"operations": [{"create_index": {"name": "t_unique", "table": "t", "columns": [{"column": "label"}], "unique": true}}]}', 'ix');
\set VERBOSITY terse
CALL migrate_wait(schema_name => 'ix');
\set VERBOSITY default
SELECT error_detail ~ '^Key \(label\)=\(N\d\) is duplicated\.$' AS names_the_key FROM pgmigrate.migration WHERE name = '03_unique';
SELECT state, phase, error_sqlstate, hint FROM migrate_status('ix');
SELECT count(*) FROM pg_class WHERE relname = 't_unique';
DELETE FROM ix.t WHERE id > 3;
SELECT migrate_resume('ix');
CALL migrate_wait(schema_name => 'ix');
SELECT migrate_complete('ix');

-- What is refused.
\set VERBOSITY default
SELECT migrate_start('04', '{"operations": [{"create_index": {"name": "t_unique", "table": "t", "columns": [{"column": "id"}]}}]}', 'ix');
SELECT migrate_start('04', '{"operations": [{"create_index": {"name": "x", "table": "t", "columns": [{"column": "nothing"}]}}]}', 'ix');
SELECT migrate_start('04', '{"operations": [{"create_index": {"name": "x", "table": "t", "columns": [{"column": "id"}], "predicate": "id + 1"}}]}', 'ix');
SELECT migrate_start('04', '{"operations": [{"drop_index": {"name": "nothing"}}]}', 'ix');
SELECT migrate_start('04', '{"operations": [{"drop_index": {"name": "t_pkey"}}]}', 'ix');
SET client_min_messages = warning;
DROP SCHEMA ix, ix_03_unique CASCADE;
