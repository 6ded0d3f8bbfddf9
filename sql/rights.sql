-- Who may do what: the owner of the tables migrates them; expressions run with the owner's rights and no others.
CREATE ROLE mig_owner;
CREATE ROLE mig_app;
CREATE ROLE mig_other;
SELECT format('GRANT CREATE ON DATABASE %I TO mig_owner', current_database()) \gexec
CREATE SCHEMA ri AUTHORIZATION mig_owner;
GRANT USAGE ON SCHEMA ri TO mig_app;
GRANT USAGE ON SCHEMA helper TO mig_app;
SET ROLE mig_owner;
CREATE TABLE ri.t (id integer PRIMARY KEY, secret text, name text);
CREATE TABLE ri.lookup (name text, code integer);
INSERT INTO ri.t VALUES (1, 's', 'one');
INSERT INTO ri.lookup VALUES ('one', 1), ('two', 2);
GRANT SELECT, INSERT (id, name), UPDATE (name) ON ri.t TO mig_app;

-- A role with rights on schema and database only can migrate; the application needs no new rights.
SELECT migrate_start('01', $m${"operations": [
  {"alter_column": {"table": "t", "column": "name", "type": "varchar(20)", "up": "upper(name)", "down": "lower(name)"}},
  {"add_column": {"table": "t", "up": "SELECT code FROM lookup WHERE lookup.name = lower(t.name)", "column": {"name": "code", "type": "int", "nullable": true}}}]}$m$, 'ri');
CALL migrate_wait(schema_name => 'ri');
SELECT n.nspowner::regrole, c.relowner::regrole FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'ri_01' AND c.relname = 't';
SET ROLE mig_app;
INSERT INTO ri.t (id, name) VALUES (2, 'two');
INSERT INTO ri_01.t (id, name) VALUES (3, 'THREE');
UPDATE ri_01.t SET name = 'TWO!' WHERE id = 2;
SELECT id, name FROM ri_01.t ORDER BY id;
SELECT helper.try('UPDATE ri_01.t SET secret = NULL');
SELECT helper.try('SELECT code FROM ri.lookup');
SELECT helper.try('DELETE FROM ri_01.t');
SELECT helper.try('SELECT count(*) FROM pgmigrate.migration');
SELECT helper.try('SELECT public.migrate_complete(''ri'')');
SELECT helper.try('SELECT public.migrate_rollback(schema_name => ''ri'')');
SELECT helper.try('SELECT public.migrate_pause(''ri'')');
SELECT state FROM public.migrate_status('ri');
SET ROLE mig_owner;
SELECT id, name, code FROM ri_01.t ORDER BY id;
SELECT migrate_complete('ri');
SET ROLE mig_app;
SELECT id, name FROM ri.t ORDER BY id;
RESET ROLE;

-- Somebody who does not own the table.
SELECT format('GRANT CREATE ON DATABASE %I TO mig_other', current_database()) \gexec
GRANT USAGE, CREATE ON SCHEMA ri TO mig_other;
SET ROLE mig_other;
\set VERBOSITY default
SELECT migrate_start('02', '{"operations": [{"drop_column": {"table": "t", "column": "secret"}}]}', 'ri');
SELECT migrate_start('02', '{"operations": [{"drop_table": {"name": "t"}}]}', 'ri');
RESET ROLE;
SELECT format('REVOKE CREATE ON DATABASE %I FROM mig_other', current_database()) \gexec
SET ROLE mig_other;
\set VERBOSITY terse
SELECT migrate_start('02', '{"operations": []}', 'ri');
\set VERBOSITY default

-- Nobody but the extension makes a sync trigger, because it runs expressions as the table's owner.
CREATE TABLE ri.own (a integer);
CREATE TRIGGER forged BEFORE INSERT ON ri.own FOR EACH ROW EXECUTE FUNCTION public.pgmigrate_sync('{}');
RESET ROLE;

-- up runs as the owner, not as the superuser who started it: what the owner may not do is refused at once.
CREATE FUNCTION helper.only_superuser(text) RETURNS text LANGUAGE sql AS 'SELECT current_user || $1';
REVOKE EXECUTE ON FUNCTION helper.only_superuser(text) FROM PUBLIC;
SELECT migrate_start('02', '{"operations": [{"add_column": {"table": "t", "up": "helper.only_superuser(name)", "column": {"name": "x", "type": "text"}}}]}', 'ri');
SELECT helper.refusal('{"add_column": {"table": "t", "up": "helper.only_superuser(name)", "column": {"name": "x", "type": "text"}}}', 'ri');
GRANT USAGE ON SCHEMA helper TO mig_owner;
GRANT EXECUTE ON FUNCTION helper.only_superuser(text) TO mig_owner;
SELECT migrate_start('02', '{"operations": [{"add_column": {"table": "t", "up": "helper.only_superuser(name)", "column": {"name": "x", "type": "text", "nullable": true}}}]}', 'ri');
CALL migrate_wait(schema_name => 'ri');
INSERT INTO ri.t (id, name) VALUES (9, 'NINE');
SELECT DISTINCT left(x, 9) AS ran_as FROM ri_02.t;
SELECT migrate_rollback(schema_name => 'ri');
SET client_min_messages = warning;
DROP SCHEMA ri, ri_01 CASCADE;
DROP FUNCTION helper.only_superuser(text);
SELECT format('REVOKE ALL ON DATABASE %I FROM mig_owner, mig_other', current_database()) \gexec
DROP OWNED BY mig_owner, mig_other, mig_app;
DROP ROLE mig_owner, mig_app, mig_other;
