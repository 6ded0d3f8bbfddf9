-- What a migration says never runs with more rights than its author has, whoever ends it; and what is shown to whom.
\set VERBOSITY terse
CREATE ROLE sr_author;
CREATE ROLE sr_stranger;
CREATE ROLE sr_boss SUPERUSER;
CREATE ROLE sr_monitor IN ROLE pg_monitor;
SELECT format('GRANT CREATE ON DATABASE %I TO sr_author, sr_stranger', current_database()) \gexec
GRANT USAGE ON SCHEMA helper TO PUBLIC;
CREATE SCHEMA sr AUTHORIZATION sr_author;
CREATE TABLE helper.ran (place text, as_user name, session_could_become text);
GRANT INSERT ON helper.ran TO PUBLIC;
-- What the author's SQL does: remembers whose rights it has and tries to get back those of whoever called.
CREATE FUNCTION helper.run(place text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO helper.ran VALUES (place, current_user, helper.try('SET ROLE sr_boss') || '; ' || helper.try('RESET ROLE') || '; '
	                               || helper.try('SET SESSION AUTHORIZATION DEFAULT') || '; ' || helper.try('CREATE TEMP TABLE sr_left (a int)'));
END
$$;

-- A superuser completes what somebody else started: onComplete runs as its author.
SET ROLE sr_author;
CREATE TABLE sr.t (id integer PRIMARY KEY, a integer);
SELECT migrate_start('01', $m${"operations": [
  {"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a", "down": "a"}},
  {"sql": {"up": "SELECT helper.run('onComplete')", "onComplete": true}},
  {"sql": {"up": "ALTER ROLE sr_author SUPERUSER", "onComplete": true}}]}$m$, 'sr');
CALL migrate_wait(schema_name => 'sr');
SET ROLE sr_boss;
SELECT migrate_complete('sr');
SET ROLE sr_author;
SELECT migrate_rollback(schema_name => 'sr');
SELECT migrate_start('01', $m${"operations": [
  {"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a", "down": "a"}},
  {"sql": {"up": "SELECT helper.run('onComplete')", "onComplete": true}}]}$m$, 'sr');
CALL migrate_wait(schema_name => 'sr');
SET ROLE sr_boss;
SELECT migrate_complete('sr');
SELECT * FROM helper.ran;
SELECT nspowner::regrole, relowner::regrole FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'sr_01' AND relname = 't';
TRUNCATE helper.ran;

-- The same for down at rollback, with force too.
SET ROLE sr_author;
SELECT migrate_start('02', $m${"operations": [{"sql": {"up": "SELECT 1", "down": "SELECT helper.run('down')"}}]}$m$, 'sr');
SET ROLE sr_boss;
SELECT migrate_rollback(schema_name => 'sr');
SET ROLE sr_author;
SELECT migrate_start('02', $m${"operations": [{"sql": {"up": "SELECT 1", "down": "SELECT helper.run('forced down')"}}]}$m$, 'sr');
SET ROLE sr_boss;
SELECT migrate_rollback(true, 'sr');
SELECT * FROM helper.ran;
TRUNCATE helper.ran;
-- By its author it runs as ever.
SET ROLE sr_author;
SELECT migrate_start('02', $m${"operations": [{"sql": {"up": "SELECT 1", "down": "SELECT helper.run('own down')"}}]}$m$, 'sr');
SELECT migrate_rollback(schema_name => 'sr');
RESET ROLE;
SELECT place, as_user FROM helper.ran;
DROP TABLE IF EXISTS sr_left;
TRUNCATE helper.ran;

-- Nothing may run after the call, when the session has its rights again: no trigger that waits for the end of the transaction.
SET ROLE sr_author;
CREATE TABLE sr.later (a int);
CREATE FUNCTION sr.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM helper.run('deferred'); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON sr.later DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sr.fire();
SELECT migrate_start('02', $m${"operations": [{"sql": {"up": "SELECT 1", "down": "INSERT INTO sr.later VALUES (1)"}}]}$m$, 'sr');
SET ROLE sr_boss;
SELECT migrate_rollback(schema_name => 'sr');
SELECT * FROM helper.ran;
\set VERBOSITY default
SELECT migrate_rollback(true, 'sr');
\set VERBOSITY terse
SET ROLE sr_author;
SELECT migrate_rollback(schema_name => 'sr');
RESET ROLE;
DROP TABLE IF EXISTS sr_left;
SELECT place, as_user FROM helper.ran;
TRUNCATE helper.ran;

-- The author is gone: his SQL does not run at all, the rest is for the schema's owner to end.
\set VERBOSITY default
SET ROLE sr_author;
SELECT migrate_start('02', $m${"operations": [{"sql": {"up": "SELECT 1", "down": "SELECT helper.run('orphan')"}}]}$m$, 'sr');
RESET ROLE;
ALTER ROLE sr_author RENAME TO sr_renamed;
SET ROLE sr_stranger;
SELECT migrate_rollback(schema_name => 'sr');
SELECT migrate_complete('sr');
SET ROLE sr_boss;
SELECT migrate_complete('sr');
SELECT migrate_rollback(schema_name => 'sr');
SELECT migrate_rollback(true, 'sr');
SELECT * FROM helper.ran;
RESET ROLE;
ALTER ROLE sr_renamed RENAME TO sr_author;
\set VERBOSITY terse

-- Who owns nothing in a schema and may create nothing there cannot occupy it with a migration, nor look into it by planning one.
SET ROLE sr_stranger;
SELECT migrate_start('02', '{"operations": []}', 'sr');
SELECT migrate_start('02', '{"operations": [{"create_table": {"name": "x", "columns": [{"name": "a", "type": "int"}]}}]}', 'sr');
SELECT count(*) FROM migrate_plan('02', '{"operations": [{"drop_column": {"table": "t", "column": "a"}}]}', 'sr');
RESET ROLE;
SELECT count(*) FROM pgmigrate.migration WHERE schema_name = 'sr' AND state <> 'completed';

-- An error that names a row's values is for those who started the migration, and for those who may see other sessions' queries.
SET ROLE sr_author;
INSERT INTO sr.t VALUES (4711, 5);
SELECT migrate_start('02', $m${"operations": [{"add_column": {"table": "t", "up": "a / (a - 5)", "column": {"name": "b", "type": "int"}}}]}$m$, 'sr');
CALL migrate_wait(schema_name => 'sr');
SELECT error_sqlstate, error, hint FROM migrate_status('sr');
SET ROLE sr_stranger;
SELECT state, error_sqlstate, error, hint FROM migrate_status('sr');
SELECT migrate_report('sr') ~ 'division by zero' AS report, migrate_message('incident', 'sr') ~ 'division by zero' AS message;
\set VERBOSITY default
CALL migrate_wait(schema_name => 'sr');
\set VERBOSITY terse
SET ROLE sr_monitor;
SELECT error_sqlstate, error FROM migrate_status('sr');
SELECT migrate_report('sr') ~ 'division by zero' AS report, migrate_message('incident', 'sr') ~ 'division by zero' AS message;
SELECT migrate_rollback(schema_name => 'sr');
SET ROLE sr_author;
SELECT migrate_rollback(schema_name => 'sr');
RESET ROLE;

-- What everybody may call and read. Nothing of ours reads a page, a file or another database, and no table of ours can be written.
SELECT p.oid::regprocedure AS not_for_everybody FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pgmigrate' WHERE NOT has_function_privilege('sr_stranger', p.oid, 'EXECUTE') ORDER BY 1::text;
SELECT c.oid::regclass AS relation, string_agg(x.privilege, ', ' ORDER BY x.privilege) FILTER (WHERE has_table_privilege('sr_stranger', c.oid, x.privilege)) AS everybody_may
  FROM pg_class c CROSS JOIN unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) x(privilege)
 WHERE c.relnamespace = 'pgmigrate'::regnamespace AND c.relkind IN ('r', 'v', 'S') GROUP BY 1
HAVING bool_or(has_table_privilege('sr_stranger', c.oid, x.privilege)) ORDER BY 1::text;
-- Functions that run with the rights of the extension's owner only read pgmigrate's own tables; every function in SQL has its names settled.
SELECT p.oid::regprocedure AS security_definer, p.proconfig FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pgmigrate' WHERE p.prosecdef ORDER BY 1::text;
SELECT p.oid::regprocedure AS names_not_settled FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pgmigrate' JOIN pg_language l ON l.oid = p.prolang
 WHERE l.lanname <> 'c' AND p.prosqlbody IS NULL AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false);

SET client_min_messages = warning;
DROP SCHEMA sr, sr_01 CASCADE;
DROP FUNCTION helper.run(text);
REVOKE USAGE ON SCHEMA helper FROM PUBLIC;
DROP TABLE helper.ran;
SELECT format('REVOKE CREATE ON DATABASE %I FROM sr_author, sr_stranger', current_database()) \gexec
DROP OWNED BY sr_author, sr_stranger, sr_boss, sr_monitor;
DROP ROLE sr_author, sr_stranger, sr_boss, sr_monitor;
