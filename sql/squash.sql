-- Squashing pending migrations. pgroll runs N pending files as N versions: each but the last is started and completed, and so drops the
-- version that running applications use (pgroll #725, #249, #446). Here they are one migration with one version.
CREATE SCHEMA squash;
CREATE TABLE squash.users (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO squash.users SELECT g, 'user ' || g FROM generate_series(1, 100) g;
SELECT migrate_start('01_init', '{"operations": []}', 'squash');
SELECT migrate_complete('squash');

-- Three pending files, each on top of the one before.
SELECT $m$[
  {"name": "02_login", "version_schema": "login",
   "operations": [{"add_column": {"table": "users", "up": "replace(name, ' ', '_')", "column": {"name": "login", "type": "text", "nullable": true}}}]},
  {"operations": [{"rename_table": {"from": "users", "to": "people"}},
                  {"create_table": {"name": "pets", "columns": [{"name": "id", "type": "integer", "pk": true}, {"name": "owner", "type": "integer"}]}}]},
  {"version_schema": "final",
   "operations": [{"alter_column": {"table": "people", "column": "login", "nullable": false, "up": "coalesce(login, 'none')", "down": "login"}},
                  {"rename_column": {"table": "people", "from": "name", "to": "full_name"}},
                  {"create_constraint": {"table": "pets", "name": "pets_owner", "type": "foreign_key", "columns": ["owner"],
                                         "references": {"table": "people", "columns": ["id"]}, "up": {"owner": "owner"}, "down": {"owner": "owner"}}}]}
]$m$ AS pending \gset
SELECT count(*) > 5 AS planned FROM migrate_plan('02_to_04', :'pending', 'squash');
SELECT helper.remember('squash');
SELECT migrate_start('02_to_04', :'pending'::jsonb, 'squash');
CALL migrate_wait(schema_name => 'squash');

-- One new version beside the one in use, which no step in between has dropped.
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'squash\_%' ORDER BY 1;
INSERT INTO squash_01_init.users VALUES (101, 'old client');
INSERT INTO squash_final.people VALUES (102, 'new client', 'new');
SELECT * FROM squash_final.people WHERE id > 99 ORDER BY id;
SELECT * FROM squash_01_init.users WHERE id > 99 ORDER BY id;
SELECT migrate_rollback(schema_name => 'squash');
SELECT helper.changes('squash');

SELECT migrate_start('02_to_04', :'pending', 'squash');
CALL migrate_wait(schema_name => 'squash');
SELECT migrate_complete('squash');
SELECT helper.changes('squash');
SELECT name, version_schema, status, jsonb_path_query_array(migration, '$[*].operations.size()') AS operations FROM migrate_history('squash');
SELECT name, migration ->> 'version_schema' AS version, jsonb_array_length(migration -> 'operations') AS operations
  FROM pgmigrate.migrations WHERE schema = 'squash' ORDER BY created_at;

-- YAML files one after the other; raw SQL among them runs in its place.
SELECT migrate_start('05_06', $m$
operations:
  - create_table: {name: log, columns: [{name: id, type: integer, pk: true}]}
---
operations:
  - sql: {up: INSERT INTO log VALUES (1)}
---
version_schema: v6
operations:
  - add_column: {table: log, up: id * 10, column: {name: tens, type: integer, nullable: true}}
---
$m$, 'squash');
CALL migrate_wait(schema_name => 'squash');
SELECT * FROM squash_v6.log;
SELECT migrate_complete('squash');

-- An error names the migration of the list and the operation in it; nothing is left behind.
SELECT helper.remember('squash');
\set VERBOSITY default
SELECT migrate_start('07', '[{"operations": []}, {"operations": [{"drop_table": {"name": "log"}}, {"drop_table": {"name": "log"}}]}]', 'squash');
SELECT migrate_start('07', '[{"operations": [{"drop_table": {"name": "log"}}]}, {"operations": [{"add_column": {"table": "people"}}]}]', 'squash');
SELECT migrate_start('07', '[]', 'squash');
SELECT migrate_start('07', '[{"operations": []}, "drop_table"]', 'squash');
SELECT helper.changes('squash');
SELECT count(*) FROM migrate_history('squash') WHERE status = 'active';
SET client_min_messages = warning;
DROP SCHEMA squash, squash_v6 CASCADE;
