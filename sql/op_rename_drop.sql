-- rename_table, rename_column, drop_column, drop_table: only the new version's views change before completion.
CREATE SCHEMA rd;
CREATE TABLE rd.fruits (id integer PRIMARY KEY, name text NOT NULL, price numeric(10,2) NOT NULL DEFAULT 1.00, weight integer NOT NULL);
CREATE INDEX fruits_name ON rd.fruits (name);
INSERT INTO rd.fruits VALUES (1, 'apple', 1.50, 100);
CREATE TABLE rd.old_things (id integer);
SELECT migrate_start('00_init', '{"operations": []}', 'rd');
SELECT migrate_complete('rd');
SELECT helper.remember('rd');
SELECT migrate_start('01_all', $m${"operations": [
  {"rename_table": {"from": "fruits", "to": "food"}},
  {"rename_column": {"table": "food", "from": "name", "to": "label"}},
  {"drop_column": {"table": "food", "column": "price", "down": "0"}},
  {"drop_column": {"table": "food", "column": "weight", "down": "length(label)"}},
  {"drop_table": {"name": "old_things"}}]}$m$, 'rd');
SELECT state FROM migrate_status('rd');
SELECT helper.changes('rd');
INSERT INTO rd_01_all.food VALUES (2, 'banana');
INSERT INTO rd_00_init.fruits VALUES (3, 'cherry', 3, 5);
UPDATE rd_01_all.food SET label = 'apple pie' WHERE id = 1;
SELECT * FROM rd_00_init.fruits ORDER BY id;
SELECT * FROM rd_01_all.food ORDER BY id;
INSERT INTO rd_00_init.old_things VALUES (1);
SELECT helper.try('SELECT * FROM rd_01_all.old_things');
SELECT helper.try('SELECT name FROM rd_01_all.food');
SELECT helper.try('SELECT * FROM rd_01_all.fruits');
SELECT migrate_rollback(schema_name => 'rd');
SELECT helper.changes('rd');
SELECT migrate_start('01_all', $m${"operations": [
  {"rename_table": {"from": "fruits", "to": "food"}},
  {"rename_column": {"table": "food", "from": "name", "to": "label"}},
  {"drop_column": {"table": "food", "column": "price", "down": "0"}},
  {"drop_column": {"table": "food", "column": "weight", "down": "length(label)"}},
  {"drop_table": {"name": "old_things"}}]}$m$, 'rd');
SELECT migrate_complete('rd');
SELECT helper.facts('rd');
SELECT * FROM rd_01_all.food ORDER BY id;

-- Columns that swap their names; a table renamed away and another one into its place.
SELECT migrate_start('02_swap', $m${"operations": [
  {"rename_column": {"table": "food", "from": "id", "to": "tmp"}},
  {"rename_column": {"table": "food", "from": "label", "to": "id"}},
  {"rename_column": {"table": "food", "from": "tmp", "to": "label"}},
  {"rename_table": {"from": "food", "to": "dishes"}},
  {"create_table": {"name": "food", "columns": [{"name": "x", "type": "int", "pk": true}]}}]}$m$, 'rd');
SELECT * FROM rd_02_swap.dishes ORDER BY 1;
SELECT migrate_complete('rd');
SELECT helper.facts('rd');

-- A dropped NOT NULL column without down: new-version inserts cannot fill it, and we say so.
SELECT migrate_start('03_drop', '{"operations": [{"drop_column": {"table": "dishes", "column": "id"}}]}', 'rd');
SELECT helper.try('INSERT INTO rd_03_drop.dishes VALUES (9)');
SELECT migrate_rollback(schema_name => 'rd');

-- What is refused.
\set VERBOSITY default
SELECT migrate_start('04', '{"operations": [{"rename_table": {"from": "nobody", "to": "x"}}]}', 'rd');
SELECT migrate_start('04', '{"operations": [{"rename_table": {"from": "food", "to": "dishes"}}]}', 'rd');
SELECT migrate_start('04', '{"operations": [{"rename_column": {"table": "food", "from": "y", "to": "z"}}]}', 'rd');
SELECT migrate_start('04', '{"operations": [{"rename_column": {"table": "dishes", "from": "id", "to": "label"}}]}', 'rd');
SELECT migrate_start('04', '{"operations": [{"drop_column": {"table": "dishes", "column": "nothing"}}]}', 'rd');
SELECT migrate_start('04', '{"operations": [{"drop_table": {"name": "fruits"}}]}', 'rd');
SELECT migrate_start('04', '{"operations": [{"drop_table": {"name": "food"}}, {"drop_column": {"table": "food", "column": "x"}}]}', 'rd');
CREATE TABLE rd.eaten (food integer REFERENCES rd.food);
SELECT migrate_start('04', '{"operations": [{"drop_table": {"name": "food"}}]}', 'rd');
SET client_min_messages = warning;
DROP SCHEMA rd, rd_02_swap CASCADE;
