-- Keys that make backfills and constraints hard elsewhere.
CREATE SCHEMA ke;
-- xataio/pgroll#1035: tables with a GENERATED ALWAYS AS IDENTITY key cannot be filled.
CREATE TABLE ke.always (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text);
INSERT INTO ke.always (a) SELECT 'a' || g FROM generate_series(1, 5) g;
-- Without any key: the fill needs none (xataio/pgroll reads such a table once per batch). Rows that are equal are filled one by one.
CREATE TABLE ke.none (a integer, b text);
INSERT INTO ke.none VALUES (1, 'x'), (1, 'x'), (NULL, NULL), (2, 'y');
-- A foreign key from a table to itself, and two tables that point to each other.
CREATE TABLE ke.tree (id integer PRIMARY KEY, parent integer REFERENCES ke.tree ON DELETE CASCADE);
INSERT INTO ke.tree VALUES (1, NULL), (2, 1), (3, 2);
CREATE TABLE ke.hens (id integer PRIMARY KEY, egg integer);
CREATE TABLE ke.eggs (id integer PRIMARY KEY, hen integer REFERENCES ke.hens DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE ke.hens ADD FOREIGN KEY (egg) REFERENCES ke.eggs DEFERRABLE INITIALLY DEFERRED;
BEGIN;
INSERT INTO ke.hens VALUES (1, 1);
INSERT INTO ke.eggs VALUES (1, 1), (2, 1);
COMMIT;
-- Composite keys, one of them referenced, in another order than the columns have.
CREATE TABLE ke.grid (y integer, x integer, a text, PRIMARY KEY (x, y));
CREATE TABLE ke.cells (x integer, y integer, note text, FOREIGN KEY (x, y) REFERENCES ke.grid (x, y) ON UPDATE CASCADE, UNIQUE (note, y));
INSERT INTO ke.grid VALUES (1, 2, 'a'), (2, 1, 'b');
INSERT INTO ke.cells VALUES (2, 1, 'first'), (1, 2, 'second');
SELECT migrate_start('00_init', '{"operations": []}', 'ke');
SELECT migrate_complete('ke');
SELECT helper.remember('ke');

SELECT migrate_start('01_fill', $m${"operations": [
  {"alter_column": {"table": "always", "column": "a", "nullable": false, "up": "coalesce(a, '')", "down": "a"}},
  {"add_column": {"table": "none", "up": "coalesce(a, -1)", "column": {"name": "c", "type": "integer"}}},
  {"alter_column": {"table": "none", "column": "b", "type": "varchar(5)", "up": "upper(b)", "down": "b"}}]}$m$, 'ke');
CALL migrate_wait(schema_name => 'ke');
INSERT INTO ke_00_init.always (a) VALUES ('by old') RETURNING id;
INSERT INTO ke_01_fill.always (a) VALUES ('by new') RETURNING id;
SELECT helper.try($$INSERT INTO ke_01_fill.always (id, a) VALUES (100, 'x')$$);
SELECT * FROM ke_01_fill.always ORDER BY id;
SELECT * FROM ke_01_fill.none ORDER BY a, b;
SELECT migrate_rollback(schema_name => 'ke');
SELECT helper.changes('ke');
SELECT migrate_start('01_fill', $m${"operations": [
  {"alter_column": {"table": "always", "column": "a", "nullable": false, "up": "coalesce(a, '')", "down": "a"}},
  {"add_column": {"table": "none", "up": "coalesce(a, -1)", "column": {"name": "c", "type": "integer"}}},
  {"alter_column": {"table": "none", "column": "b", "type": "varchar(5)", "up": "upper(b)", "down": "b"}}]}$m$, 'ke');
CALL migrate_wait(schema_name => 'ke');
SELECT migrate_complete('ke');
SELECT helper.changes('ke');

-- The identity key itself: kind, sequence and its value stay.
SELECT helper.remember('ke');
SELECT migrate_start('02_identity', '{"operations": [{"alter_column": {"table": "always", "column": "id", "type": "numeric", "up": "id", "down": "id"}}]}', 'ke');
CALL migrate_wait(schema_name => 'ke');
SELECT migrate_rollback(schema_name => 'ke');
SELECT migrate_start('02_identity', '{"operations": [{"alter_column": {"table": "always", "column": "id", "type": "integer", "up": "id", "down": "id"}}]}', 'ke');
CALL migrate_wait(schema_name => 'ke');
INSERT INTO ke_01_fill.always (a) VALUES ('old 2') RETURNING id;
INSERT INTO ke_02_identity.always (a) VALUES ('new 2') RETURNING id;
SELECT migrate_rollback(schema_name => 'ke');
SELECT helper.changes('ke');
SELECT migrate_start('02_identity', '{"operations": [{"alter_column": {"table": "always", "column": "id", "type": "integer", "up": "id", "down": "id"}}]}', 'ke');
CALL migrate_wait(schema_name => 'ke');
SELECT migrate_complete('ke');
SELECT helper.changes('ke');
INSERT INTO ke.always (a) VALUES ('after') RETURNING id;
SELECT attidentity FROM pg_attribute WHERE attrelid = 'ke.always'::regclass AND attname = 'id';

-- Self-referencing and circular foreign keys, on both ends (xataio/pgroll#935: a referenced key cannot change its type).
SELECT helper.remember('ke');
SELECT migrate_start('03_circles', $m${"operations": [
  {"alter_column": {"table": "tree", "column": "id", "type": "bigint", "up": "id", "down": "id"}},
  {"alter_column": {"table": "tree", "column": "parent", "type": "bigint", "up": "parent", "down": "parent"}},
  {"alter_column": {"table": "hens", "column": "id", "type": "bigint", "up": "id", "down": "id"}},
  {"alter_column": {"table": "eggs", "column": "id", "type": "bigint", "up": "id", "down": "id"}},
  {"alter_column": {"table": "eggs", "column": "hen", "type": "bigint", "up": "hen", "down": "hen"}}]}$m$, 'ke');
CALL migrate_wait(schema_name => 'ke');
INSERT INTO ke_02_identity.tree VALUES (4, 3);
INSERT INTO ke_03_circles.tree VALUES (5, 4);
SELECT helper.try('INSERT INTO ke_03_circles.tree VALUES (6, 66)');
SELECT helper.try('INSERT INTO ke_02_identity.tree VALUES (6, 66)');
BEGIN;
INSERT INTO ke_03_circles.hens VALUES (2, 3);
INSERT INTO ke_03_circles.eggs VALUES (3, 2);
COMMIT;
SELECT * FROM ke_02_identity.hens ORDER BY id;
DELETE FROM ke_03_circles.tree WHERE id = 3;
SELECT * FROM ke_02_identity.tree ORDER BY id;
SELECT migrate_rollback(schema_name => 'ke');
SELECT helper.changes('ke');
SELECT migrate_start('03_circles', $m${"operations": [
  {"alter_column": {"table": "tree", "column": "id", "type": "bigint", "up": "id", "down": "id"}},
  {"alter_column": {"table": "tree", "column": "parent", "type": "bigint", "up": "parent", "down": "parent"}},
  {"alter_column": {"table": "hens", "column": "id", "type": "bigint", "up": "id", "down": "id"}},
  {"alter_column": {"table": "eggs", "column": "id", "type": "bigint", "up": "id", "down": "id"}},
  {"alter_column": {"table": "eggs", "column": "hen", "type": "bigint", "up": "hen", "down": "hen"}}]}$m$, 'ke');
CALL migrate_wait(schema_name => 'ke');
SELECT migrate_complete('ke');
SELECT helper.changes('ke');
SELECT count(*) FROM pg_constraint WHERE connamespace = 'ke'::regnamespace AND NOT convalidated;

-- Composite keys: columns keep their order in key and reference.
SELECT helper.remember('ke');
SELECT migrate_start('04_composite', $m${"operations": [
  {"alter_column": {"table": "grid", "column": "y", "type": "bigint", "up": "y", "down": "y"}},
  {"alter_column": {"table": "cells", "column": "y", "type": "bigint", "up": "y", "down": "y"}}]}$m$, 'ke');
CALL migrate_wait(schema_name => 'ke');
UPDATE ke_04_composite.grid SET y = 20 WHERE y = 2;
UPDATE ke_03_circles.grid SET x = 30 WHERE x = 2;
SELECT * FROM ke_03_circles.cells ORDER BY x;
SELECT * FROM ke_04_composite.cells ORDER BY x;
SELECT helper.try('INSERT INTO ke_04_composite.grid (x, y) VALUES (1, 20)');
SELECT migrate_complete('ke');
SELECT helper.changes('ke');
SET client_min_messages = warning;
DROP SCHEMA ke, ke_04_composite CASCADE;
