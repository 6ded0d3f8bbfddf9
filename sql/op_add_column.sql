-- add_column: every way a new column gets its values; writes through both versions; rollback; completion.
CREATE SCHEMA ac;
CREATE TABLE ac.people (id integer PRIMARY KEY, name text);
INSERT INTO ac.people SELECT g, 'name ' || g FROM generate_series(1, 5) g;
CREATE TABLE ac.cities (id integer PRIMARY KEY);
INSERT INTO ac.cities VALUES (1);
SELECT migrate_start('00_init', '{"operations": []}', 'ac');
SELECT migrate_complete('ac');
SELECT helper.remember('ac');

-- Constant default: nothing to fill, ready at once.
SELECT migrate_start('01_stock', '{"operations": [{"add_column": {"table": "people",
  "column": {"name": "stock", "type": "int", "default": "100", "comment": "how many"}}}]}', 'ac');
SELECT state FROM migrate_status('ac');
INSERT INTO ac_00_init.people VALUES (6, 'old');
INSERT INTO ac_01_stock.people VALUES (7, 'new', 7), (8, 'default', DEFAULT);
SELECT helper.try('INSERT INTO ac_01_stock.people VALUES (9, ''null'', NULL)');
SELECT * FROM ac_01_stock.people ORDER BY id;
SELECT migrate_complete('ac');
SELECT helper.changes('ac');

-- NOT NULL with up: filled by the worker; a NULL is a check violation while active, a not-null violation afterwards.
SELECT helper.remember('ac');
SELECT migrate_start('02_upper', '{"operations": [{"add_column": {"table": "people", "up": "upper(name)",
  "column": {"name": "upper", "type": "varchar(20)", "unique": true, "check": {"name": "upper_long", "constraint": "length(upper) > 2"}}}}]}', 'ac');
CALL migrate_wait(schema_name => 'ac');
SELECT helper.changes('ac');
INSERT INTO ac_01_stock.people VALUES (10, 'old ten', 1);
INSERT INTO ac_02_upper.people VALUES (11, 'new eleven', 1, 'KEPT');
SELECT helper.try('INSERT INTO ac_02_upper.people VALUES (12, ''twelve'', 1, NULL)');
SELECT helper.try('INSERT INTO ac_02_upper.people VALUES (12, ''twelve'', 1, ''X'')');
SELECT helper.try('INSERT INTO ac_02_upper.people VALUES (12, ''twelve'', 1, ''KEPT'')');
SELECT helper.try('INSERT INTO ac_01_stock.people VALUES (12, NULL, 1)');
UPDATE ac_01_stock.people SET name = 'renamed' WHERE id = 1;
UPDATE ac_01_stock.people SET stock = 5 WHERE id = 11;
SELECT * FROM ac_02_upper.people ORDER BY id;
SELECT migrate_rollback(schema_name => 'ac');
SELECT helper.changes('ac');
SELECT migrate_start('02_upper', '{"operations": [{"add_column": {"table": "people", "up": "upper(name)",
  "column": {"name": "upper", "type": "varchar(20)", "unique": true, "check": {"name": "upper_long", "constraint": "length(upper) > 2"}}}}]}', 'ac');
CALL migrate_wait(schema_name => 'ac');
SELECT migrate_complete('ac');
SELECT helper.changes('ac');
SELECT helper.try('INSERT INTO ac_02_upper.people VALUES (12, ''twelve'', 1, NULL)');
SELECT * FROM ac.people ORDER BY id;

-- Volatile default, serial, reference, nullable without anything: all in one migration, filled in one pass.
SELECT helper.remember('ac');
SELECT migrate_start('03_many', $m${"operations": [
  {"add_column": {"table": "people", "column": {"name": "token", "type": "uuid", "default": "gen_random_uuid()"}}},
  {"add_column": {"table": "people", "column": {"name": "number", "type": "bigserial"}}},
  {"add_column": {"table": "people", "up": "1", "column": {"name": "city", "type": "int", "nullable": true,
     "references": {"name": "people_city", "table": "cities", "column": "id", "on_delete": "SET NULL"}}}},
  {"add_column": {"table": "people", "column": {"name": "note", "type": "text", "nullable": true}}}]}$m$, 'ac');
CALL migrate_wait(schema_name => 'ac');
SELECT helper.changes('ac');
INSERT INTO ac_02_upper.people VALUES (20, 'old', 1, 'OLD 20');
INSERT INTO ac_03_many.people (id, name, stock, upper) VALUES (21, 'new', 1, 'NEW 21');
SELECT helper.try('INSERT INTO ac_03_many.people (id, name, stock, upper, city) VALUES (22, ''x'', 1, ''X 22'', 99)');
SELECT count(*), count(DISTINCT token) AS tokens, count(DISTINCT number) AS numbers, max(number), count(city) AS cities FROM ac_03_many.people;
SELECT migrate_complete('ac');
SELECT helper.changes('ac');
INSERT INTO ac.people (id, name, stock, upper) VALUES (23, 'after', 1, 'AFTER');
SELECT count(*), count(DISTINCT token) AS tokens, max(number) FROM ac.people;

-- up with a subquery and one that reads another new column of the same migration.
SELECT migrate_start('04_sub', $m${"operations": [
  {"add_column": {"table": "people", "up": "SELECT count(*) FROM cities WHERE cities.id <= people.id", "column": {"name": "cities", "type": "bigint"}}},
  {"add_column": {"table": "people", "up": "cities * 10", "column": {"name": "tenfold", "type": "int"}}}]}$m$, 'ac');
CALL migrate_wait(schema_name => 'ac');
SELECT DISTINCT cities, tenfold FROM ac_04_sub.people;
SELECT migrate_rollback(schema_name => 'ac');

-- Both a default and up: existing rows get up, also when the table is rewritten before they are filled; new rows the default.
BEGIN;
SELECT migrate_start('04_both', $m${"operations": [{"add_column": {"table": "people", "up": "length(name)", "column": {"name": "len", "type": "int", "default": "-1"}}}]}$m$, 'ac');
SELECT migrate_pause('ac');
COMMIT;
VACUUM FULL ac.people;
SELECT migrate_resume('ac');
CALL migrate_wait(schema_name => 'ac');
INSERT INTO ac_04_both.people (id, name, stock, upper) VALUES (30, 'by new', 1, 'BY NEW');
INSERT INTO ac_03_many.people (id, name, stock, upper) VALUES (31, 'by old', 1, 'BY OLD');
SELECT id, name, len FROM ac_04_both.people WHERE id IN (1, 30, 31) OR len <> length(name) ORDER BY id;
SELECT migrate_complete('ac');

-- What is refused.
\set VERBOSITY default
SELECT migrate_start('05', '{"operations": [{"add_column": {"table": "people", "column": {"name": "x", "type": "int"}}}]}', 'ac');
SELECT migrate_start('05', '{"operations": [{"add_column": {"table": "people", "column": {"name": "name", "type": "int", "nullable": true}}}]}', 'ac');
SELECT migrate_start('05', '{"operations": [{"add_column": {"table": "nobody", "column": {"name": "x", "type": "int", "nullable": true}}}]}', 'ac');
SELECT migrate_start('05', '{"operations": [{"add_column": {"table": "people", "up": "name", "column": {"name": "x", "type": "nothing"}}}]}', 'ac');
SELECT migrate_start('05', '{"operations": [{"add_column": {"table": "people", "up": "wrong(name)", "column": {"name": "x", "type": "int"}}}]}', 'ac');
SELECT migrate_start('05', '{"operations": [{"add_column": {"table": "people", "up": "nowhere", "column": {"name": "x", "type": "int"}}}]}', 'ac');
SELECT migrate_start('05', '{"operations": [{"add_column": {"table": "people", "up": "1", "column": {"name": "x", "type": "float", "default": "random()"}}}]}', 'ac');
SELECT migrate_start('05', '{"operations": [{"add_column": {"table": "people", "column": {"name": "x", "type": "int", "default": "''a''"}}}]}', 'ac');
SELECT helper.changes('ac') LIMIT 1;

-- A value that up cannot compute: the fill fails and says where; after the cause is mended it goes on.
UPDATE ac.people SET name = 'no number' WHERE id = 3;
SELECT migrate_start('06_number', $m${"operations": [{"add_column": {"table": "people", "up": "substring(name FROM '[a-z]+$|[0-9]+$')::integer",
  "column": {"name": "n", "type": "int", "nullable": true}}}]}$m$, 'ac');
\set VERBOSITY terse
CALL migrate_wait(schema_name => 'ac');
\set VERBOSITY default
SELECT state, phase, error_sqlstate FROM migrate_status('ac');
SELECT error_detail ~ '^Row: \(id\)=\(6\), ctid \(0,\d+\) of table ac.people\.$' AS names_the_row FROM pgmigrate.migration WHERE name = '06_number';
SELECT migrate_complete('ac');
SELECT migrate_rollback(schema_name => 'ac');
SET client_min_messages = warning;
DROP SCHEMA ac, ac_04_both CASCADE;
