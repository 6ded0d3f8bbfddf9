-- set_replica_identity: at start, for both versions; undone by rollback; kept when its index moves to another column.
CREATE SCHEMA rp;
CREATE TABLE rp.t (id integer PRIMARY KEY, code text NOT NULL CONSTRAINT t_code UNIQUE, a integer);
INSERT INTO rp.t VALUES (1, 'one', 1);
CREATE FUNCTION rp.identity() RETURNS text LANGUAGE sql AS $$
SELECT c.relreplident::text || coalesce(' ' || (SELECT string_agg(i.indexrelid::regclass::text || CASE WHEN i.indisprimary THEN ' (primary)' ELSE '' END, ', ')
  FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident), '') FROM pg_class c WHERE c.oid = 'rp.t'::regclass
$$;
SELECT helper.remember('rp');
SELECT rp.identity();

SELECT migrate_start('01_full', '{"operations": [{"set_replica_identity": {"table": "t", "identity": {"type": "FULL"}}}]}', 'rp');
SELECT state FROM migrate_status('rp');
SELECT rp.identity();
UPDATE rp.t SET a = 2;
UPDATE rp_01_full.t SET a = 3;
SELECT migrate_rollback(schema_name => 'rp');
SELECT rp.identity();
SELECT helper.changes('rp');
SELECT migrate_start('01_full', '{"operations": [{"set_replica_identity": {"table": "t", "identity": {"type": "FULL"}}}]}', 'rp');
SELECT migrate_complete('rp');
SELECT rp.identity();

SELECT migrate_start('02_index', '{"operations": [{"set_replica_identity": {"table": "t", "identity": {"type": "index", "index": "t_code"}}}]}', 'rp');
SELECT rp.identity();
SELECT migrate_rollback(schema_name => 'rp');
SELECT rp.identity();
SELECT migrate_start('02_index', '{"operations": [{"set_replica_identity": {"table": "t", "identity": {"type": "index", "index": "t_code"}}}]}', 'rp');
SELECT migrate_complete('rp');
SELECT rp.identity();

-- The column of the index is replaced.
SELECT migrate_start('03_type', '{"operations": [{"alter_column": {"table": "t", "column": "code", "type": "varchar(10)", "up": "code", "down": "code"}}]}', 'rp');
CALL migrate_wait(schema_name => 'rp');
SELECT rp.identity();
SELECT migrate_complete('rp');
SELECT rp.identity();

SELECT migrate_start('04_nothing', '{"operations": [{"set_replica_identity": {"table": "t", "identity": {"type": "nothing"}}}]}', 'rp');
SELECT rp.identity();
SELECT migrate_rollback(schema_name => 'rp');
SELECT rp.identity();
SELECT migrate_start('04_default', '{"operations": [{"set_replica_identity": {"table": "t", "identity": {"type": "default"}}}]}', 'rp');
SELECT migrate_complete('rp');
SELECT rp.identity();

-- A table renamed in the same migration, and one that it creates.
SELECT migrate_start('05_new', $m${"operations": [
  {"rename_table": {"from": "t", "to": "renamed"}},
  {"set_replica_identity": {"table": "renamed", "identity": {"type": "full"}}},
  {"create_table": {"name": "n", "columns": [{"name": "id", "type": "integer", "pk": true}]}},
  {"set_replica_identity": {"table": "n", "identity": {"type": "index", "index": "n_pkey"}}}]}$m$, 'rp');
SELECT relname, relreplident FROM pg_class WHERE relnamespace = 'rp'::regnamespace AND relkind = 'r' ORDER BY 1;
SELECT migrate_complete('rp');
SELECT relname, relreplident FROM pg_class WHERE relnamespace = 'rp'::regnamespace AND relkind = 'r' ORDER BY 1;

-- What is refused.
CREATE INDEX n_plain ON rp.n (id);
SELECT helper.try(format($$SELECT migrate_start('06', '{"operations": [{"set_replica_identity": %s}]}', 'rp')$$, operation)) FROM (VALUES
  (1, '{"table": "nobody", "identity": {"type": "full"}}'),
  (2, '{"table": "n", "identity": {"type": "half"}}'),
  (3, '{"table": "n", "identity": {"type": "index", "index": "nothing"}}'),
  (4, '{"table": "n", "identity": {"type": "index", "index": "n_plain"}}'),
  (5, '{"table": "n", "identity": {"type": "index"}}'),
  (6, '{"table": "n"}')
) refused (n, operation) ORDER BY n;
SET client_min_messages = warning;
DROP SCHEMA rp, rp_05_new CASCADE;
