-- "Completion fails, or silently drops what it does not know" (#625, #936): whatever reads a column that goes, and cannot be made anew, is
-- refused at start, with all of it in one list.
CREATE ROLE regress_rd_owner;
CREATE ROLE regress_rd_other;
CREATE SCHEMA rfd;
GRANT USAGE, CREATE ON SCHEMA rfd TO regress_rd_owner, regress_rd_other;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_rd_owner', current_database()) \gexec
CREATE TABLE rfd.t (id integer PRIMARY KEY, a integer, b integer, c integer);
CREATE TABLE rfd.u (id integer PRIMARY KEY, t integer);
GRANT SELECT, REFERENCES ON rfd.t TO PUBLIC;
CREATE MATERIALIZED VIEW rfd.stored AS SELECT a FROM rfd.t;
CREATE VIEW rfd.on_stored AS SELECT a FROM rfd.stored;
CREATE VIEW rfd.with_rule AS SELECT a FROM rfd.t;
CREATE RULE put AS ON INSERT TO rfd.with_rule DO INSTEAD INSERT INTO rfd.t (a) VALUES (new.a);
CREATE FUNCTION rfd.put() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE VIEW rfd.with_trigger AS SELECT a FROM rfd.t;
CREATE TRIGGER put INSTEAD OF INSERT ON rfd.with_trigger FOR EACH ROW EXECUTE FUNCTION rfd.put();
CREATE VIEW rfd.used AS SELECT a FROM rfd.t;
CREATE FUNCTION rfd.all_used() RETURNS SETOF rfd.used LANGUAGE sql AS 'SELECT 1';
CREATE VIEW rfd.of_another AS SELECT a FROM rfd.t;
ALTER VIEW rfd.of_another OWNER TO regress_rd_other;
CREATE FUNCTION rfd.most() RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT max(a) FROM rfd.t; END;
CREATE RULE log AS ON UPDATE TO rfd.t DO ALSO INSERT INTO rfd.u VALUES (new.id, new.a);
CREATE POLICY p ON rfd.u USING (t IN (SELECT a FROM rfd.t));
CREATE STATISTICS rfd.s (dependencies) ON a, b FROM rfd.t;
CREATE TRIGGER named BEFORE UPDATE OF b ON rfd.t FOR EACH ROW EXECUTE FUNCTION rfd.put();
SET client_min_messages = error;  -- wal_level
CREATE PUBLICATION regress_rd FOR TABLE rfd.t (id, a) WHERE (id > 0);
RESET client_min_messages;
ALTER TABLE rfd.t OWNER TO regress_rd_owner;
SELECT helper.remember('rfd');
\set VERBOSITY default
\set replace_a '{"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a", "down": "a"}}'
SET ROLE regress_rd_owner;
SELECT migrate_start('01', format('{"operations": [%s]}', :'replace_a'), 'rfd');
RESET ROLE;
SELECT migrate_start('01', format('{"operations": [%s]}', :'replace_a'), 'rfd');
SELECT migrate_start('01', '{"operations": [{"drop_column": {"table": "t", "column": "a"}}]}', 'rfd');
SELECT migrate_start('01', '{"operations": [{"drop_column": {"table": "t", "column": "b"}}, {"drop_column": {"table": "t", "column": "id"}}]}', 'rfd');
SELECT migrate_start('01', '{"operations": [{"drop_table": {"name": "t"}}]}', 'rfd');
-- Generated columns
CREATE TABLE rfd.g (id integer PRIMARY KEY, a integer, twice integer GENERATED ALWAYS AS (a * 2) STORED);
SELECT migrate_start('01', '{"operations": [{"alter_column": {"table": "g", "column": "a", "type": "bigint", "up": "a", "down": "a"}}]}', 'rfd');
DROP TABLE rfd.g;
\set VERBOSITY terse
SELECT helper.changes('rfd');
SELECT count(*) FROM migrate_history('rfd');

-- What was added meanwhile and cannot be made anew keeps completion from happening; nothing is lost.
SET client_min_messages = warning;
DROP MATERIALIZED VIEW rfd.stored CASCADE;
DROP VIEW rfd.with_rule, rfd.with_trigger, rfd.of_another;
DROP FUNCTION rfd.all_used, rfd.most;
DROP RULE log ON rfd.t;
RESET client_min_messages;
SELECT helper.remember('rfd');
SELECT migrate_start('01', format('{"operations": [%s]}', :'replace_a'), 'rfd');
CALL migrate_wait(schema_name => 'rfd');
CREATE MATERIALIZED VIEW rfd.stored AS SELECT a FROM rfd.t;
\set VERBOSITY default
SELECT migrate_complete('rfd');
\set VERBOSITY terse
DROP MATERIALIZED VIEW rfd.stored;
SELECT migrate_complete('rfd');
SELECT helper.changes('rfd');
-- Statistics go with a dropped column, as in PostgreSQL; so do the triggers, policies and statistics of a dropped table.
SELECT migrate_start('02', '{"operations": [{"alter_column": {"table": "t", "column": "b", "type": "bigint", "up": "b", "down": "b"}}, {"drop_column": {"table": "t", "column": "c"}}]}', 'rfd');
CALL migrate_wait(schema_name => 'rfd');
SELECT migrate_complete('rfd');
DROP POLICY p ON rfd.u;
DROP VIEW rfd.used;
SELECT migrate_start('03', '{"operations": [{"drop_table": {"name": "t"}}]}', 'rfd');
SELECT migrate_complete('rfd');
SELECT * FROM pg_publication_tables WHERE pubname = 'regress_rd';
SET client_min_messages = warning;
DROP PUBLICATION regress_rd;
DROP SCHEMA rfd, rfd_03 CASCADE;
SELECT format('REVOKE CREATE ON DATABASE %I FROM regress_rd_owner', current_database()) \gexec
DROP ROLE regress_rd_owner, regress_rd_other;
