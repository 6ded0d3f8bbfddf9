-- Changes made outside of migrations are told, never silently taken over.
CREATE SCHEMA drift;
CREATE TABLE drift.t (id integer PRIMARY KEY, a varchar(10) NOT NULL DEFAULT 'x', b text, c integer CHECK (c > 0));
CREATE TABLE drift.other (id integer PRIMARY KEY, x text);
CREATE TYPE drift.mood AS ENUM ('sad', 'ok');
CREATE TABLE drift.moods (m drift.mood);

-- Before the first migration there is nothing to differ from.
SELECT * FROM migrate_drift('drift');
SELECT migrate_start('01', '{"operations": [{"add_column": {"table": "t", "up": "1", "column": {"name": "n", "type": "integer"}}}]}', 'drift');
SELECT * FROM migrate_drift('drift');
CALL migrate_wait(schema_name => 'drift');
SELECT * FROM migrate_drift('drift');
SELECT migrate_complete('drift');
SELECT * FROM migrate_drift('drift');

-- Every kind of change, and the statistics of a table, which are none. The views of the version would stand in the way.
SET client_min_messages = warning;
DROP SCHEMA drift_01 CASCADE;
RESET client_min_messages;
ANALYZE drift.t;
ALTER TABLE drift.t ALTER a TYPE varchar(20), ALTER a DROP NOT NULL, ALTER b SET DEFAULT 'y', DROP COLUMN c, ADD COLUMN d bigint,
  ADD CONSTRAINT t_b_key UNIQUE (b), ADD CONSTRAINT t_d_fkey FOREIGN KEY (d) REFERENCES drift.t;
COMMENT ON TABLE drift.t IS 'changed';
COMMENT ON COLUMN drift.t.b IS 'changed';
ALTER TABLE drift.t REPLICA IDENTITY FULL;
CREATE INDEX t_lower ON drift.t (lower(b));
CREATE TABLE drift.new (id integer);
CREATE VIEW drift.v AS SELECT 1 AS one;
ALTER TYPE drift.mood ADD VALUE 'happy';
DROP TABLE drift.other;
SELECT * FROM migrate_drift('drift');

-- The next migration warns, once; what is changed while it is active is told when it is completed.
\set VERBOSITY default
SELECT migrate_start('02', '{"operations": [{"drop_table": {"name": "new"}}, {"add_column": {"table": "t", "up": "2", "column": {"name": "e", "type": "integer"}}}]}', 'drift');
CALL migrate_wait(schema_name => 'drift');
-- The tables that the active migration changes are left out: it is not finished.
SELECT * FROM migrate_drift('drift');
ALTER TABLE drift.moods ADD COLUMN late integer;
SELECT migrate_complete('drift');
SELECT * FROM migrate_drift('drift');
SELECT name, event, detail FROM pgmigrate.event WHERE schema_name = 'drift' AND event = 'drift' ORDER BY id;

-- A rollback puts everything back, also in this respect.
SELECT migrate_start('03', '{"operations": [{"create_table": {"name": "made", "columns": [{"name": "id", "type": "integer"}]}}, {"drop_column": {"table": "t", "column": "b", "down": "''z''"}}]}', 'drift');
SELECT * FROM migrate_drift('drift');
SELECT migrate_rollback(schema_name => 'drift');
SELECT * FROM migrate_drift('drift');

-- What raw SQL changes belongs to the migration, whatever its text tells.
SELECT migrate_start('04', $m${"operations": [{"sql": {"up": "DO $$BEGIN EXECUTE 'CREATE TABLE drift.' || 'hid' || 'den ()'; END$$"}}]}$m$, 'drift');
SELECT * FROM migrate_drift('drift');
SELECT migrate_complete('drift');
SELECT * FROM migrate_drift('drift');
SELECT * FROM migrate_drift('no_such_schema');
SELECT migrate_drift(NULL);
SET client_min_messages = warning;
DROP SCHEMA drift, drift_04 CASCADE;
