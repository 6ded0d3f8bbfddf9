-- migrate_plan(…, format => …): the same steps to be read like the plan of EXPLAIN, and as JSON.
CREATE SCHEMA pf;
CREATE TABLE pf.t (id integer PRIMARY KEY, a varchar(10));
INSERT INTO pf.t SELECT g, 'a' || g FROM generate_series(1, 1000) g;
ANALYZE pf.t;
SELECT regexp_replace(line, '(pgmigrate_sync\().*|size=.*|Size: .*', '\1…') AS line FROM migrate_plan('01', '{"operations": [
  {"alter_column": {"table": "t", "column": "a", "nullable": false, "type": "text", "up": "coalesce(a, '''')", "down": "a"}},
  {"create_index": {"name": "t_a", "table": "t", "columns": [{"column": "a"}]}}]}', schema_name => 'pf', format => 'text') line;
SELECT plan ->> 'name' AS name, plan ->> 'schema' AS schema, jsonb_array_length(plan -> 'steps') AS steps, plan #> '{steps,0,lock}' AS lock
  FROM (SELECT p::jsonb AS plan FROM migrate_plan('01', '{"operations": [{"add_column": {"table": "t", "column": {"name": "b", "type": "integer", "nullable": true}}}]}', 'json', 'pf') p) plans;
-- A third argument without a name is the schema, as it was.
SELECT count(*) > 0 AS rows FROM migrate_plan('01', '{"operations": [{"drop_column": {"table": "t", "column": "a"}}]}', 'pf');
SELECT migrate_plan('01', '{"operations": []}', format => 'xml');
SET client_min_messages = warning;
DROP SCHEMA pf CASCADE;
