-- "sql together with anything" (pgroll #943): raw SQL between other operations, each sees what those before it made.
CREATE SCHEMA cs;
CREATE TABLE cs.t (id integer PRIMARY KEY, a text);
INSERT INTO cs.t VALUES (1, 'one'), (2, 'two');
SELECT migrate_start('00_init', '{"operations": []}', 'cs');
SELECT migrate_complete('cs');
SELECT helper.remember('cs');
\set mixed '{"operations": [{"create_table": {"name": "log", "columns": [{"name": "id", "type": "serial", "pk": true}, {"name": "note", "type": "text"}]}}, {"alter_column": {"table": "t", "column": "a", "nullable": false, "up": "coalesce(a, ''none'')", "down": "a"}}, {"sql": {"up": "INSERT INTO log (note) VALUES (''by sql''); ALTER TABLE t ADD COLUMN extra integer DEFAULT 7; CREATE TABLE made (n integer PRIMARY KEY)", "down": "ALTER TABLE t DROP COLUMN extra; DROP TABLE made"}}, {"alter_column": {"table": "t", "column": "extra", "type": "bigint", "up": "extra * 2", "down": "extra / 2"}}, {"add_column": {"table": "log", "column": {"name": "size", "type": "integer"}, "up": "length(note)"}}, {"rename_table": {"from": "made", "to": "was_made"}}, {"sql": {"up": "INSERT INTO made VALUES (1)"}}, {"create_index": {"name": "t_extra", "table": "t", "columns": [{"column": "extra"}]}}, {"sql": {"up": "COMMENT ON TABLE was_made IS ''done''", "onComplete": true}}]}'
SELECT phase, statement FROM migrate_plan('01_mixed', :'mixed', 'cs') WHERE phase <> 'publish' AND statement !~ 'TRIGGER' ORDER BY step;
SELECT helper.changes('cs');
SELECT migrate_start('01_mixed', :'mixed', 'cs');
CALL migrate_wait(schema_name => 'cs');
INSERT INTO cs_00_init.t (id) VALUES (3);
INSERT INTO cs_01_mixed.t VALUES (4, 'four', 8);
INSERT INTO cs_01_mixed.log (note, size) VALUES ('by hand', 0);
SELECT * FROM cs.t ORDER BY id;
SELECT * FROM cs_00_init.t ORDER BY id;
SELECT * FROM cs_01_mixed.t ORDER BY id;
SELECT * FROM cs_01_mixed.log ORDER BY id;
SELECT * FROM cs_01_mixed.was_made;
SELECT migrate_rollback(schema_name => 'cs');
SELECT helper.changes('cs');
DELETE FROM cs.t WHERE id > 2;
SELECT migrate_start('01_mixed', :'mixed', 'cs');
CALL migrate_wait(schema_name => 'cs');
SELECT migrate_complete('cs');
SELECT helper.changes('cs');
SELECT * FROM cs_01_mixed.t ORDER BY id;
SELECT * FROM cs_01_mixed.log ORDER BY id;

-- Whatever fails behind the SQL undoes it too.
SELECT helper.remember('cs');
\set VERBOSITY default
SELECT migrate_start('02', '{"operations": [{"sql": {"up": "CREATE TABLE x (a integer)"}}, {"add_column": {"table": "y", "column": {"name": "b", "type": "int", "nullable": true}}}]}', 'cs');
SELECT migrate_start('02', '{"operations": [{"create_table": {"name": "x", "columns": [{"name": "a", "type": "int"}]}}, {"sql": {"up": "INSERT INTO x VALUES (''a'')"}}]}', 'cs');
SELECT migrate_start('02', '{"operations": [{"drop_table": {"name": "t"}}, {"create_table": {"name": "t", "columns": [{"name": "a", "type": "int"}]}}, {"sql": {"up": "INSERT INTO t VALUES (1)"}}]}', 'cs');
\set VERBOSITY terse
SELECT helper.changes('cs');
SELECT count(*) FROM pgmigrate.migration WHERE schema_name = 'cs' AND state <> 'completed';

-- An object that SQL without down has made is dropped by rollback, with what later operations did to it.
SELECT migrate_start('03', '{"operations": [{"sql": {"up": "CREATE TABLE x (a integer); INSERT INTO x VALUES (1)"}},
  {"alter_column": {"table": "x", "column": "a", "type": "text", "up": "a::text", "down": "a::integer"}}]}', 'cs');
CALL migrate_wait(schema_name => 'cs');
SELECT * FROM cs_03.x;
SELECT migrate_rollback(schema_name => 'cs');
SELECT helper.changes('cs');

-- A serial column of a table that was there before is added behind the SQL, not only its sequence.
SELECT migrate_start('03', '{"operations": [{"add_column": {"table": "t", "column": {"name": "number", "type": "serial"}}}, {"sql": {"up": "CREATE TABLE later (a integer)"}}]}', 'cs');
CALL migrate_wait(schema_name => 'cs');
SELECT count(*), count(DISTINCT number) FROM cs_03.t;
SELECT migrate_rollback(schema_name => 'cs');
SELECT helper.changes('cs');
SET client_min_messages = warning;
DROP SCHEMA cs, cs_01_mixed CASCADE;
