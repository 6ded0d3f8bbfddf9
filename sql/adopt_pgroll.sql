-- A database that pgroll has migrated so far: its history goes on here.
CREATE SCHEMA ad;
SELECT migrate_adopt_pgroll('ad');
CREATE SCHEMA pgroll;
CREATE TABLE pgroll.migrations (schema name NOT NULL, name text NOT NULL, migration jsonb NOT NULL, done boolean NOT NULL DEFAULT false);
SELECT migrate_adopt_pgroll('ad');
DROP TABLE pgroll.migrations;

-- The table as pgroll makes it.
CREATE TABLE pgroll.migrations (
    schema name NOT NULL, name text NOT NULL, migration jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
    parent text, done boolean NOT NULL DEFAULT false, resulting_schema jsonb NOT NULL DEFAULT '{}',
    migration_type varchar(32) DEFAULT 'pgroll' CHECK (migration_type IN ('pgroll', 'inferred', 'baseline')),
    PRIMARY KEY (schema, name), FOREIGN KEY (schema, parent) REFERENCES pgroll.migrations (schema, name));
SELECT migrate_adopt_pgroll('ad');

-- What pgroll has left: the tables, the views of its latest version, and rows in the order of their parents only.
CREATE TABLE ad.users (id integer PRIMARY KEY, name varchar(20), email text NOT NULL);
INSERT INTO ad.users VALUES (1, 'one', 'one@example.com');
CREATE TABLE ad.log (at timestamptz DEFAULT now());
CREATE SCHEMA ad_with_email;
CREATE VIEW ad_with_email.users WITH (security_invoker = true) AS SELECT id, name, email FROM ad.users;
CREATE VIEW ad_with_email.log WITH (security_invoker = true) AS SELECT at FROM ad.log;
INSERT INTO pgroll.migrations (schema, name, migration, created_at, updated_at, parent, done, resulting_schema, migration_type) VALUES
  ('ad', '01_base', '{"operations": []}', '2025-01-01 00:00+00', '2025-01-01 00:00+00', NULL, true, '{"name": "ad", "tables": {}}', 'baseline'),
  ('ad', '05_users', '{"operations": [{"create_table": {"name": "users", "columns": [{"name": "id", "type": "serial", "pk": true}]}}]}',
   '2025-01-02 00:00+00', '2025-01-02 00:01+00', '01_base', true, '{}', 'pgroll'),
  ('ad', '02_email', '{"version_schema": "with_email", "operations": [{"sql": {"up": "SELECT 1"}}]}',
   '2025-01-03 00:00+00', '2025-01-03 00:01+00', '05_users', true, '{}', NULL);
INSERT INTO pgroll.migrations (schema, name, migration, created_at, updated_at, parent, done, resulting_schema, migration_type)
SELECT 'ad', '02_email_20250104000000000000', '{"version_schema": "sql_1234abcd", "operations": [{"sql": {"up": "CREATE TABLE ad.log ()"}}]}',
       '2025-01-04 00:00+00', '2025-01-04 00:00+00', '02_email', true,
       -- as pgroll writes it: fewer facts than ours; somebody has changed a type since
       jsonb_set(pgmigrate.read_schema('ad') #- '{tables,users,indexes,users_pkey,valid}', '{tables,users,columns,name,type}', '"text"'), 'inferred';
INSERT INTO pgroll.migrations (schema, name, migration, parent) VALUES ('ad', '06_active', '{"operations": []}', '02_email_20250104000000000000');

-- Refused while pgroll is at work, to who may not read it, and to who does not own the schema.
\set VERBOSITY default
SELECT migrate_adopt_pgroll('ad');
DELETE FROM pgroll.migrations WHERE NOT done;
CREATE ROLE regress_adopt;
SET ROLE regress_adopt;
SELECT migrate_adopt_pgroll('ad');
RESET ROLE;
ALTER SCHEMA ad OWNER TO regress_adopt;
SET ROLE regress_adopt;
SELECT migrate_adopt_pgroll('ad');
RESET ROLE;
SELECT migrate_adopt_pgroll('ad', 'no_such_schema');
SELECT migrate_adopt_pgroll('no_such_schema');
SELECT migrate_adopt_pgroll('helper');
UPDATE pgroll.migrations SET parent = '01_base' WHERE name = '02_email';
SELECT migrate_adopt_pgroll('ad');
UPDATE pgroll.migrations SET parent = '05_users' WHERE name = '02_email';
SELECT count(*) FROM migrate_history('ad');

-- The owner of the schema adopts it, and is told whose the version schema is.
GRANT USAGE ON SCHEMA pgroll TO regress_adopt;
GRANT SELECT ON pgroll.migrations TO regress_adopt;
BEGIN;
SET LOCAL ROLE regress_adopt;
SELECT migrate_adopt_pgroll('ad');
ROLLBACK;

-- pgroll's event triggers are left to who may drop them.
CREATE FUNCTION pgroll.raw_migration() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER pg_roll_handle_ddl ON ddl_command_end EXECUTE FUNCTION pgroll.raw_migration();
CREATE EVENT TRIGGER pg_roll_handle_drop ON sql_drop EXECUTE FUNCTION pgroll.raw_migration();
SELECT migrate_adopt_pgroll('ad');
DROP EVENT TRIGGER pg_roll_handle_ddl;
DROP EVENT TRIGGER pg_roll_handle_drop;
SELECT name, version_schema, status, kind, migration, created_at AT TIME ZONE 'UTC' AS created_at,
       resulting_schema = pgmigrate.read_schema('ad') AS is_now FROM migrate_history('ad');
SELECT migrate_latest_version('ad'), (SELECT count(*) FROM migrate_drift('ad')) AS drift;
SELECT name, state, started_at IS NOT NULL AS started FROM migrate_status('ad');
SELECT migrate_adopt_pgroll('ad');
SELECT migrate_start('05_users', '{"operations": []}', 'ad');

-- The next migration takes the place of pgroll's version.
SELECT migrate_start('07_mail', '{"operations": [{"rename_column": {"table": "users", "from": "email", "to": "mail"}}]}', 'ad');
SELECT u.email, n.mail FROM ad_with_email.users u JOIN ad_07_mail.users n USING (id);
SELECT migrate_complete('ad');
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'ad\_%' ORDER BY 1;
SELECT name, status FROM migrate_history('ad');
SELECT event, detail FROM pgmigrate.event WHERE schema_name = 'ad' ORDER BY id;
SET client_min_messages = warning;
DROP SCHEMA ad, ad_07_mail, pgroll CASCADE;
DROP ROLE regress_adopt;
