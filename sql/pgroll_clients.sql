-- Clients of pgroll find in schema pgmigrate the functions and the table that they ask.
CREATE SCHEMA pc;
CREATE TABLE pc.t (id integer PRIMARY KEY, v integer);
INSERT INTO pc.t VALUES (1, 1);
CREATE FUNCTION helper.pgroll(target name) RETURNS TABLE (active boolean, latest text, previous text, latest_version text, previous_version text, third text)
LANGUAGE sql AS $$
SELECT pgmigrate.is_active_migration_period(target), pgmigrate.latest_migration(target), pgmigrate.previous_migration(target),
       pgmigrate.latest_version(target), pgmigrate.previous_version(target), pgmigrate.find_version_schema(target, 2)
$$;
SELECT * FROM helper.pgroll('pc');
SELECT migrate_start('01_init', '{"version_schema": "v1", "operations": []}', 'pc');
SELECT * FROM helper.pgroll('pc');
SELECT migrate_complete('pc');
-- A version that is not published is none yet.
BEGIN;
SELECT migrate_start('02_w', '{"operations": [{"add_column": {"table": "t", "up": "v", "column": {"name": "w", "type": "integer", "nullable": true}}}]}', 'pc');
SELECT migrate_pause('pc');
COMMIT;
SELECT * FROM helper.pgroll('pc');
SELECT migrate_resume('pc');
CALL migrate_wait(schema_name => 'pc');
SELECT * FROM helper.pgroll('pc');
SELECT schema, name, migration, parent, done, resulting_schema = '{}' AS unknown, migration_type, created_at <= updated_at AS ordered
  FROM pgmigrate.migrations WHERE schema = 'pc' ORDER BY created_at;
SELECT migrate_complete('pc');
SELECT resulting_schema #>> '{tables,t,columns,w,type}' AS w FROM pgmigrate.migrations WHERE schema = 'pc' AND done ORDER BY created_at;

-- Everybody may ask, nobody may change.
CREATE ROLE regress_client;
SET ROLE regress_client;
SELECT pgmigrate.latest_version('pc'), pgmigrate.is_active_migration_period('pc');
SELECT name FROM pgmigrate.migrations WHERE schema = 'pc' ORDER BY created_at;
DELETE FROM pgmigrate.migrations;
SELECT * FROM pgmigrate.migration;
RESET ROLE;
DROP ROLE regress_client;
SET client_min_messages = warning;
DROP SCHEMA pc, pc_02_w CASCADE;
DROP FUNCTION helper.pgroll;
