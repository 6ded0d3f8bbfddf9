-- The trigger that keeps the old and the new form of columns in step.

CREATE FUNCTION @extschema@.pgmigrate_sync() RETURNS trigger
    AS 'MODULE_PATHNAME' LANGUAGE C;

-- Its argument says what it runs, as the owner of the table: only the extension may create such a trigger.
REVOKE ALL ON FUNCTION @extschema@.pgmigrate_sync() FROM PUBLIC;

COMMENT ON FUNCTION @extschema@.pgmigrate_sync() IS
    'trigger that keeps the columns of a migration in step; created by migrate_start()';
