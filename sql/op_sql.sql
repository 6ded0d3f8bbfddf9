-- sql: run at start with its down for rollback, or at completion; the new version sees what it made.
CREATE SCHEMA sq;
SELECT migrate_start('01_users', '{"operations": [{"sql": {"up": "CREATE TABLE users (id integer PRIMARY KEY, name text); INSERT INTO users VALUES (1, ''one'')", "down": "DROP TABLE users"}}]}', 'sq');
SELECT * FROM sq_01_users.users;
SELECT migrate_rollback(schema_name => 'sq');
SELECT helper.facts('sq');
SELECT migrate_start('01_users', '{"operations": [{"sql": {"up": "CREATE TABLE users (id integer PRIMARY KEY, name text); INSERT INTO users VALUES (1, ''one'')", "down": "DROP TABLE users"}}]}', 'sq');
SELECT migrate_complete('sq');
SELECT migrate_start('02_later', '{"operations": [{"sql": {"up": "ALTER TABLE users ADD COLUMN birth_date date", "onComplete": true}}]}', 'sq');
SELECT helper.facts('sq');
SELECT migrate_complete('sq');
SELECT helper.facts('sq');

-- Later migrations build on what raw SQL made.
SELECT migrate_start('03_add', '{"operations": [{"add_column": {"table": "users", "up": "UPPER(name)", "column": {"name": "description", "type": "varchar(255)", "nullable": true}}}]}', 'sq');
CALL migrate_wait(schema_name => 'sq');
SELECT * FROM sq_03_add.users;
SELECT migrate_complete('sq');
SELECT name, version_schema, status FROM migrate_history('sq');
SELECT migrate_latest_version('sq');

-- Without down, rollback drops what the statements have created.
SELECT helper.remember('sq');
SELECT migrate_start('04_types', $m${"operations": [{"sql": {"up": "CREATE TYPE size AS ENUM ('small', 'large'); CREATE TABLE boxes (s size); CREATE VIEW big AS SELECT * FROM boxes; CREATE FUNCTION half(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n / 2'"}}]}$m$, 'sq');
SELECT statement, undo FROM pgmigrate.step WHERE object = 'sql' ORDER BY migration_id DESC, position LIMIT 1;
SELECT migrate_rollback(schema_name => 'sq');
SELECT helper.changes('sq');
SELECT count(*) FROM pg_type WHERE typnamespace = 'sq'::regnamespace AND typname IN ('size', 'boxes');

-- A failing statement leaves nothing.
SELECT helper.remember('sq');
SELECT migrate_start('05_bad', '{"operations": [{"sql": {"up": "CREATE TABLE a (); CREATE TABLE b (c nothing)"}}]}', 'sq');
SELECT helper.changes('sq');
SELECT count(*) FROM pgmigrate.migration WHERE name = '05_bad';
SET client_min_messages = warning;
DROP SCHEMA sq, sq_03_add CASCADE;
