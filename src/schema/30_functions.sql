-- The SQL interface. Functions that change something run with the caller's rights; pgmigrate's own tables are written by the
-- C code as the extension's owner.

CREATE FUNCTION @extschema@.migrate_start(name text, migration text, schema_name name DEFAULT 'public') RETURNS text
AS 'MODULE_PATHNAME', 'migrate_start' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_start(text, text, name) IS
'starts a migration (pgroll''s JSON or YAML) in the current transaction; returns the name of its version schema';

CREATE FUNCTION @extschema@.migrate_start(name text, migration jsonb, schema_name name DEFAULT 'public') RETURNS text
LANGUAGE SQL VOLATILE
RETURN @extschema@.migrate_start(name, migration::text, schema_name);
COMMENT ON FUNCTION @extschema@.migrate_start(text, jsonb, name) IS
'starts a migration given as jsonb in the current transaction; returns the name of its version schema';

CREATE PROCEDURE @extschema@.migrate_wait(name text DEFAULT NULL, timeout interval DEFAULT NULL, schema_name name DEFAULT 'public')
AS 'MODULE_PATHNAME', 'migrate_wait' LANGUAGE C;
COMMENT ON PROCEDURE @extschema@.migrate_wait(text, interval, name) IS
'blocks until the migration is ready, holding no snapshot; raises the error of a migration that failed';

CREATE FUNCTION @extschema@.migrate_complete(schema_name name DEFAULT 'public') RETURNS text
AS 'MODULE_PATHNAME', 'migrate_complete' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_complete(name) IS
'makes the new version the only one, in the current transaction; returns the name of its version schema';

CREATE FUNCTION @extschema@.migrate_rollback(force boolean DEFAULT false, schema_name name DEFAULT 'public') RETURNS text
AS 'MODULE_PATHNAME', 'migrate_rollback' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_rollback(boolean, name) IS
'undoes the active migration, in the current transaction; returns the name of the version schema that is gone';

CREATE FUNCTION @extschema@.migrate_pause(schema_name name DEFAULT 'public') RETURNS text
AS 'MODULE_PATHNAME', 'migrate_pause' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_pause(name) IS 'stops the worker of the active migration after its current batch; returns the state';

CREATE FUNCTION @extschema@.migrate_resume(schema_name name DEFAULT 'public') RETURNS text
AS 'MODULE_PATHNAME', 'migrate_resume' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_resume(name) IS 'goes on with a paused or failed migration where it stopped; returns the phase';

CREATE FUNCTION @extschema@.migrate_plan(name text, migration text, schema_name name DEFAULT 'public')
RETURNS TABLE (step integer, phase text, statement text, lock text, table_name text, rows bigint, bytes bigint, estimate interval,
               detail text)
AS 'MODULE_PATHNAME', 'migrate_plan' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_plan(text, text, name) IS
'what start, worker and completion of a migration would do, in order; changes nothing and locks nothing';

CREATE FUNCTION @extschema@.migrate_check(name text DEFAULT NULL, migration text DEFAULT NULL, schema_name name DEFAULT 'public')
RETURNS TABLE (severity text, check_name text, object text, message text, hint text)
AS 'MODULE_PATHNAME', 'migrate_check' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_check(text, text, name) IS
'what could go wrong with a migration, or in a schema when none is given, and what to do about it; changes nothing and locks nothing';

CREATE FUNCTION @extschema@.migrate_status(schema_name name DEFAULT NULL)
RETURNS TABLE (schema_name name, name text, version_schema name, state text, phase text, percent numeric, rows_done bigint,
               rows_total bigint, bytes_per_second bigint, eta interval, pressure text, paused boolean, started_at timestamptz,
               error_sqlstate text, error text, hint text, waiting_for text, waiting_since timestamptz)
AS 'MODULE_PATHNAME', 'migrate_status' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_status(name) IS
'state and progress per target schema: its active migration, otherwise the one completed last';

CREATE FUNCTION @extschema@.migrate_history(schema_name name DEFAULT 'public')
RETURNS TABLE (name text, version_schema name, status text, kind text, migration jsonb, created_at timestamptz,
               resulting_schema jsonb)
AS 'MODULE_PATHNAME', 'migrate_history' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_history(name) IS
'migrations of a schema with the schema each one left, oldest first, the active one last; those rolled back are absent';

CREATE FUNCTION @extschema@.migrate_drift(schema_name name DEFAULT 'public')
RETURNS TABLE (kind text, table_name name, name name, change text, detail text)
AS 'MODULE_PATHNAME', 'migrate_drift' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_drift(name) IS
'what was changed outside of migrations since the latest one was completed; no rows if nothing was';

CREATE FUNCTION @extschema@.migrate_adopt_pgroll(schema_name name DEFAULT 'public', pgroll_schema name DEFAULT 'pgroll') RETURNS text
AS 'MODULE_PATHNAME', 'migrate_adopt_pgroll' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_adopt_pgroll(name, name) IS
'takes over pgroll''s history of a schema, in the current transaction; returns the version schema that applications use';

CREATE FUNCTION @extschema@.migrate_latest_version(schema_name name DEFAULT 'public') RETURNS text
AS 'MODULE_PATHNAME', 'migrate_latest_version' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.migrate_latest_version(name) IS
'newest version schema that applications can use; null if there is none';
