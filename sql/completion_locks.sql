-- Completion locks what it changes and nothing else: a view of the new version stays free for its clients.
CREATE SCHEMA lo;
CREATE TABLE lo.t (id integer PRIMARY KEY, a text, v varchar(5));
CREATE TABLE lo.untouched (id integer PRIMARY KEY);
INSERT INTO lo.t SELECT g, 'row ' || g FROM generate_series(1, 10) g;
CREATE FUNCTION pg_temp.exclusive_locks() RETURNS SETOF text LANGUAGE sql AS $$
SELECT relation::regclass::text FROM pg_locks JOIN pg_class c ON c.oid = relation
 WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock' AND c.relkind IN ('r', 'v') AND relation::regclass::text LIKE 'lo%' ORDER BY 1
$$;
SELECT migrate_start('01', '{"operations": [{"alter_column": {"table": "t", "column": "a", "type": "text", "up": "upper(a)", "down": "lower(a)"}}]}', 'lo');
CALL migrate_wait(schema_name => 'lo');
BEGIN;
SELECT migrate_complete('lo');
SELECT pg_temp.exclusive_locks();
COMMIT;
-- A view that is made anew, because PostgreSQL changes no type under a view, is locked ahead with its table.
SELECT migrate_start('02', '{"operations": [{"alter_column": {"table": "t", "column": "v", "type": "text", "up": "v", "down": "v"}}]}', 'lo');
BEGIN;
SELECT migrate_complete('lo');
SELECT pg_temp.exclusive_locks();
COMMIT;
SET client_min_messages = warning;
DROP SCHEMA lo, lo_02 CASCADE;
