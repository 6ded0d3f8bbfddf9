-- Types that store every value as it is stored now: nothing is filled, completion changes the catalog alone.
CREATE SCHEMA ty;
CREATE TABLE ty.t (id integer PRIMARY KEY, v varchar(5) NOT NULL DEFAULT 'v', n numeric(6,2), c varchar(5) CHECK (c <> ''), x varchar(5), "Up" varchar(5));
CREATE INDEX t_v ON ty.t (v DESC);
CREATE INDEX t_x ON ty.t (lower(x));
CREATE TABLE ty.other (id integer);
INSERT INTO ty.t SELECT g, 'v' || g, g, 'c' || g, 'x' || g, 'u' || g FROM generate_series(1, 999) g;
CREATE FUNCTION pg_temp.files() RETURNS TABLE (of name, filenode oid) LANGUAGE sql AS $$
SELECT c.relname, pg_relation_filenode(c.oid) FROM pg_class c WHERE c.relnamespace = 'ty'::regnamespace AND c.relkind IN ('r', 'i')
$$;
CREATE TEMPORARY TABLE files AS SELECT * FROM pg_temp.files();
SELECT migrate_start('00_init', '{"operations": []}', 'ty');
SELECT migrate_complete('ty');
SELECT helper.remember('ty');

\set longer '{"operations": [{"alter_column": {"table": "t", "column": "v", "type": "varchar(50)", "up": "v", "down": "v"}}, {"alter_column": {"table": "t", "column": "n", "type": "numeric(8,2)", "default": "0", "comment": "net", "up": "n", "down": "n"}}, {"alter_column": {"table": "t", "column": "Up", "type": "text", "up": "\\"Up\\"", "down": "\\"Up\\""}}, {"rename_column": {"table": "t", "from": "Up", "to": "up"}}, {"rename_table": {"from": "t", "to": "tt"}}]}'
SELECT phase, statement FROM migrate_plan('01_longer', :'longer', 'ty') WHERE phase <> 'publish' ORDER BY step;
SELECT pg_relation_size('ty.t') AS size_before \gset
SELECT migrate_start('01_longer', :'longer', 'ty');
SELECT state, rows_total FROM migrate_status('ty');
-- Until completion the new version is held to what the old one can store.
SELECT helper.try($$INSERT INTO ty_01_longer.tt VALUES (1000, 'longer than five')$$);
SELECT migrate_rollback(schema_name => 'ty');
SELECT helper.changes('ty');
SELECT migrate_start('01_longer', :'longer', 'ty');
CREATE ROLE regress_types_reader;
GRANT USAGE ON SCHEMA ty_01_longer TO regress_types_reader;
GRANT SELECT, UPDATE (v) ON ty_01_longer.tt TO regress_types_reader WITH GRANT OPTION;
SELECT migrate_complete('ty');
SELECT helper.changes('ty');
SELECT pg_relation_size('ty.tt') = :size_before AS unchanged_size;
SELECT a.of, a.filenode IN (SELECT filenode FROM files) AS same_file FROM pg_temp.files() a ORDER BY a.of;
INSERT INTO ty_01_longer.tt (id, v, up) VALUES (1000, 'longer than five', 'also much longer');
SELECT id, v, n, up FROM ty_01_longer.tt WHERE id >= 999 ORDER BY 1;
-- What was granted on the version's views by hand is still there, though the view is another one.
SELECT grantee, privilege_type, is_grantable FROM information_schema.table_privileges WHERE table_schema = 'ty_01_longer' AND table_name = 'tt' AND grantee LIKE 'regress%';
SELECT column_name, privilege_type FROM information_schema.column_privileges WHERE table_schema = 'ty_01_longer' AND grantee LIKE 'regress%' AND privilege_type = 'UPDATE';

-- What PostgreSQL would have to check or rebuild under its lock is filled instead; so is what changes the values.
SELECT helper.remember('ty');
SELECT 'check' AS why, phase FROM migrate_plan('02', '{"operations": [{"alter_column": {"table": "tt", "column": "c", "type": "varchar(9)", "up": "c", "down": "c"}}]}', 'ty') WHERE phase = 'fill'
UNION ALL SELECT 'index', phase FROM migrate_plan('02', '{"operations": [{"alter_column": {"table": "tt", "column": "x", "type": "text", "up": "x", "down": "x"}}]}', 'ty') WHERE phase = 'fill'
UNION ALL SELECT 'shorter', phase FROM migrate_plan('02', '{"operations": [{"alter_column": {"table": "tt", "column": "v", "type": "varchar(40)", "up": "v", "down": "v"}}]}', 'ty') WHERE phase = 'fill'
UNION ALL SELECT 'scale', phase FROM migrate_plan('02', '{"operations": [{"alter_column": {"table": "tt", "column": "n", "type": "numeric(8,3)", "up": "n", "down": "n"}}]}', 'ty') WHERE phase = 'fill'
UNION ALL SELECT 'other value', phase FROM migrate_plan('02', '{"operations": [{"alter_column": {"table": "tt", "column": "v", "type": "text", "up": "v || ''!''", "down": "v"}}]}', 'ty') WHERE phase = 'fill'
UNION ALL SELECT 'not null too', phase FROM migrate_plan('02', '{"operations": [{"alter_column": {"table": "tt", "column": "up", "type": "text", "nullable": false, "up": "up", "down": "up"}}]}', 'ty') WHERE phase = 'fill';
-- Twice in one migration, and replaced after all.
SELECT phase, statement FROM migrate_plan('02', '{"operations": [
  {"alter_column": {"table": "tt", "column": "v", "type": "varchar(60)", "up": "v", "down": "v"}},
  {"alter_column": {"table": "tt", "column": "v", "type": "varchar(70)", "up": "v", "down": "v"}}]}', 'ty') WHERE phase <> 'publish' AND statement !~ '00|VIEW|SCHEMA|COMMENT|GRANT' ORDER BY step;
SELECT migrate_start('02_replaced', '{"operations": [
  {"alter_column": {"table": "tt", "column": "v", "type": "varchar(60)", "up": "v", "down": "v"}},
  {"alter_column": {"table": "tt", "column": "v", "type": "integer", "up": "length(v)", "down": "repeat(''v'', v)"}}]}', 'ty');
CALL migrate_wait(schema_name => 'ty');
UPDATE ty_01_longer.tt SET v = 'vvv' WHERE id = 1;
UPDATE ty_02_replaced.tt SET v = 4 WHERE id = 2;
SELECT n.id, o.v AS old, n.v AS new FROM ty_01_longer.tt o JOIN ty_02_replaced.tt n USING (id) WHERE id < 3 ORDER BY 1;
SELECT migrate_complete('ty');
SELECT helper.changes('ty');
SET client_min_messages = warning;
DROP SCHEMA ty, ty_02_replaced CASCADE;
DROP ROLE regress_types_reader;
