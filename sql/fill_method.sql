-- Which fill method is chosen, by the plan and by the worker, and why; and what is refused at start. Method page is proven
-- on PostgreSQL 15 only.
SELECT current_setting('server_version_num')::integer / 10000 <> 15 AS is_other_version \gset
\if :is_other_version
    \quit
\endif
SET client_min_messages = warning;
CREATE SCHEMA fm;
CREATE TABLE fm.plain (id integer PRIMARY KEY, v integer);
CREATE UNLOGGED TABLE fm.unlogged (id integer PRIMARY KEY, v integer);
CREATE TABLE fm.published (id integer PRIMARY KEY, v integer);
CREATE TABLE fm.listed (id integer PRIMARY KEY, v integer);
CREATE TABLE fm.inserts (id integer PRIMARY KEY, v integer);
CREATE TABLE fm.writing (id integer PRIMARY KEY, v integer);
CREATE TABLE fm.parted (id integer, v integer) PARTITION BY RANGE (id);
CREATE TABLE fm.part_1 PARTITION OF fm.parted FOR VALUES FROM (0) TO (500);
CREATE UNLOGGED TABLE fm.part_2 PARTITION OF fm.parted FOR VALUES FROM (500) TO (1000);
CREATE TABLE fm.below (id integer, v integer) PARTITION BY RANGE (id);
CREATE TABLE fm.below_1 PARTITION OF fm.below FOR VALUES FROM (0) TO (1000);
CREATE FUNCTION fm.noted(integer) RETURNS integer LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN $1 * 10; END';
CREATE FUNCTION fm.timesed(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 * 10; END';
CREATE PUBLICATION fm_table FOR TABLE fm.published, fm.listed (id, v);
CREATE PUBLICATION fm_inserts FOR TABLE fm.inserts WITH (publish = 'insert');
CREATE PUBLICATION fm_root FOR TABLE fm.below WITH (publish_via_partition_root = true);
DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY '{plain,unlogged,published,listed,inserts,writing,parted,below}'::text[] LOOP
    EXECUTE format('INSERT INTO fm.%I SELECT g, g FROM generate_series(1, 900) g', t);
  END LOOP; END $$;

-- One operation for each table.
SELECT json_build_object('operations', json_agg(json_build_object('alter_column', json_build_object('table', t, 'column', 'v', 'type', 'bigint',
         'up', CASE t WHEN 'writing' THEN 'fm.noted(v)' WHEN 'plain' THEN 'fm.timesed(v)' ELSE 'v * 10' END, 'down', 'v / 10'))))::text AS change
  FROM unnest('{plain,unlogged,published,listed,inserts,writing,parted,below}'::text[]) t \gset
SELECT table_name, detail FROM migrate_plan('01', :'change', 'fm') WHERE phase = 'fill';
SELECT count(*) FROM migrate_plan('01', :'change', 'fm') WHERE phase <> 'fill' AND detail IS NOT NULL;
SET pgmigrate.fill_method = update;
SELECT DISTINCT detail FROM migrate_plan('01', :'change', 'fm') WHERE phase = 'fill';
RESET pgmigrate.fill_method;
SET pgmigrate.fill_method = fast;

-- What the worker does is what the plan says.
SELECT migrate_start('01', :'change', 'fm');
CALL migrate_wait(schema_name => 'fm');
SELECT relation, wanted_method, method, method_reason, rows_filled FROM pgmigrate.fill WHERE relation::text LIKE 'fm.%' ORDER BY relation::text;
SELECT migrate_rollback(schema_name => 'fm');

-- Publications of a schema, and of all tables.
CREATE PUBLICATION fm_schema FOR TABLES IN SCHEMA fm;
SELECT table_name, detail FROM migrate_plan('01', :'change', 'fm') WHERE phase = 'fill' AND table_name IN ('fm.plain', 'fm.listed', 'fm.unlogged');
DROP PUBLICATION fm_schema;
CREATE PUBLICATION fm_all FOR ALL TABLES;
SELECT table_name, detail FROM migrate_plan('01', :'change', 'fm') WHERE phase = 'fill' AND table_name IN ('fm.plain', 'fm.listed', 'fm.unlogged');
DROP PUBLICATION fm_all;

-- Page is wished for where it cannot be: refused, and nothing is left behind.
SELECT helper.remember('fm');
SET pgmigrate.fill_method = page;
\set VERBOSITY default
SELECT migrate_start('02', '{"operations": [{"alter_column": {"table": "unlogged", "column": "v", "type": "bigint", "up": "v", "down": "v"}}]}', 'fm');
SELECT migrate_start('02', '{"operations": [{"alter_column": {"table": "parted", "column": "v", "type": "bigint", "up": "v", "down": "v"}}]}', 'fm');
SELECT migrate_start('02', '{"operations": [{"alter_column": {"table": "below", "column": "v", "type": "bigint", "up": "v", "down": "v"}}]}', 'fm');
SELECT migrate_start('02', '{"operations": [{"alter_column": {"table": "writing", "column": "v", "type": "bigint", "up": "fm.noted(v)", "down": "v"}}]}', 'fm');
SELECT helper.changes('fm');
-- Where it can be, the wish of the session that starts reaches the worker, as does a wish for update.
SELECT migrate_start('02', '{"operations": [{"alter_column": {"table": "plain", "column": "v", "type": "bigint", "up": "v", "down": "v"}}]}', 'fm');
CALL migrate_wait(schema_name => 'fm');
SELECT relation, wanted_method, method FROM pgmigrate.fill WHERE relation::text LIKE 'fm.%';
SELECT migrate_rollback(schema_name => 'fm');
SET pgmigrate.fill_method = update;
SELECT migrate_start('02', '{"operations": [{"alter_column": {"table": "plain", "column": "v", "type": "bigint", "up": "v", "down": "v"}}]}', 'fm');
CALL migrate_wait(schema_name => 'fm');
SELECT relation, wanted_method, method, method_reason FROM pgmigrate.fill WHERE relation::text LIKE 'fm.%';
SELECT migrate_rollback(schema_name => 'fm');
RESET pgmigrate.fill_method;

-- An index on the new column, made between start and fill, is seen in time; so is one on the whole row.
BEGIN;
SELECT migrate_start('03', '{"operations": [{"alter_column": {"table": "plain", "column": "v", "type": "bigint", "up": "v * 10", "down": "v / 10"}}]}', 'fm');
SELECT migrate_pause('fm');
CREATE INDEX early ON fm.plain ("_pgmigrate_new_v");
COMMIT;
SELECT migrate_resume('fm');
CALL migrate_wait(schema_name => 'fm');
SELECT relation, method, method_reason FROM pgmigrate.fill WHERE relation::text LIKE 'fm.%';
SET enable_seqscan = off;
SELECT count(*) FROM fm.plain WHERE "_pgmigrate_new_v" = 500;
RESET enable_seqscan;
SELECT migrate_rollback(schema_name => 'fm');
CREATE FUNCTION fm.whole(fm.listed) RETURNS integer LANGUAGE sql IMMUTABLE RETURN ($1).id;
BEGIN;
SELECT migrate_start('03', '{"operations": [{"alter_column": {"table": "listed", "column": "v", "type": "bigint", "up": "v * 10", "down": "v / 10"}}]}', 'fm');
SELECT migrate_pause('fm');
CREATE INDEX whole_row ON fm.listed (fm.whole(listed));
COMMIT;
SELECT migrate_resume('fm');
CALL migrate_wait(schema_name => 'fm');
SELECT relation, method, method_reason FROM pgmigrate.fill WHERE relation::text LIKE 'fm.%';
SELECT migrate_rollback(schema_name => 'fm');

DROP PUBLICATION fm_table, fm_inserts, fm_root;
DROP SCHEMA fm CASCADE;
