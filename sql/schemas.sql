-- Several target schemas at once, with tables of the same names (state of its own for each; xataio/pgroll#208 asked for migrations side by side).
CREATE SCHEMA s1;
CREATE SCHEMA s2;
CREATE SCHEMA "S 3";
CREATE TABLE s1.t (id integer PRIMARY KEY, a text, u integer);
CREATE TABLE s2.t (id integer PRIMARY KEY, a text, u integer REFERENCES s1.t);
CREATE TABLE "S 3".t (id integer PRIMARY KEY, a text, u integer);
INSERT INTO s1.t VALUES (1, 'one', 1);
INSERT INTO s2.t VALUES (2, 'two', 1);
INSERT INTO "S 3".t VALUES (3, 'three', 3);
SELECT helper.remember(s) FROM unnest('{s1,s2,"\"S 3\""}'::text[]) s;

-- The same name and the same text in each; expressions mean the tables of their own schema.
SELECT migrate_start('01', '{"operations": [{"add_column": {"table": "t", "up": "SELECT string_agg(o.a || t.id, '','' ORDER BY o.id) FROM t o", "column": {"name": "b", "type": "text", "unique": true}}}]}', s)
  FROM unnest('{s1,s2,S 3}'::text[]) s;
CALL migrate_wait(schema_name => 's1');
CALL migrate_wait(schema_name => 's2');
CALL migrate_wait(schema_name => 'S 3');
SELECT schema_name, name, version_schema, state FROM migrate_status() WHERE schema_name IN ('s1', 's2', 'S 3') ORDER BY 1;
SELECT * FROM s1_01.t UNION ALL SELECT * FROM s2_01.t UNION ALL SELECT * FROM "S 3_01".t ORDER BY id;
INSERT INTO s1_01.t VALUES (10, 'by new', 10, 'its own');
INSERT INTO s2.t VALUES (20, 'by old', 10);
-- One session, several versions: each statement counts for the schema it writes to.
SET search_path = s1_01, "S 3_01", public;
INSERT INTO t VALUES (11, 'first in the path', 11, 'b');
INSERT INTO "S 3_01".t VALUES (12, 'qualified', 12, 'c');
INSERT INTO s2.t VALUES (13, 'old', NULL);
RESET search_path;
SELECT 1 AS schema, id, b FROM s1_01.t UNION ALL SELECT 2, id, b FROM s2_01.t UNION ALL SELECT 3, id, b FROM "S 3_01".t ORDER BY 1, 2;

-- Each ends as it likes.
SELECT helper.try($$SELECT migrate_start('02', '{"operations": []}', 's1')$$);
SELECT migrate_complete('s1');
SELECT migrate_rollback(schema_name => 's2');
SELECT helper.changes('s1');
SELECT helper.changes('s2');
SELECT state FROM migrate_status('S 3');
SELECT migrate_start('02', '{"operations": [{"rename_column": {"table": "t", "from": "b", "to": "c"}}]}', 's1');
SELECT migrate_start('01', '{"operations": [{"drop_column": {"table": "t", "column": "a"}}]}', 's2');
SELECT schema_name, name, state FROM migrate_status() WHERE schema_name IN ('s1', 's2', 'S 3') ORDER BY 1, 2;
SELECT migrate_latest_version('s1'), migrate_latest_version('s2'), migrate_latest_version('S 3');
SELECT migrate_complete('S 3');
SELECT migrate_rollback(schema_name => 's1');
SELECT migrate_complete('s2');
SELECT helper.changes('"S 3"');
SELECT helper.changes('s2');

-- A foreign key from another schema points to a column that is replaced.
SELECT migrate_start('03', '{"operations": [{"alter_column": {"table": "t", "column": "id", "type": "bigint", "up": "id", "down": "id"}}]}', 's1');
CALL migrate_wait(schema_name => 's1');
SELECT migrate_complete('s1');
SELECT pg_get_constraintdef(oid), convalidated FROM pg_constraint WHERE conrelid = 's2.t'::regclass AND contype = 'f';
SELECT helper.try('INSERT INTO s2.t (id, u) VALUES (30, 99)');

-- A schema whose name is the beginning of another's version schema, and a version schema that is there already.
CREATE SCHEMA s1_02;
SELECT helper.try($$SELECT migrate_start('02', '{"operations": []}', 's1')$$);
SELECT migrate_start('01', '{"operations": []}', 's1_02');
SELECT migrate_complete('s1_02');
SELECT schema_name, name, version_schema, status FROM (SELECT 's1' AS schema_name, * FROM migrate_history('s1') UNION ALL SELECT 's1_02', * FROM migrate_history('s1_02')) h ORDER BY 1, created_at;
SET client_min_messages = warning;
DROP SCHEMA s1, s2, "S 3", s1_03, s2_01, "S 3_01", s1_02, s1_02_01 CASCADE;
