-- "int to bigint on a primary key that foreign keys reference fails at completion" (pgroll #375, #935): the keys of other
-- tables are pointed to the new column, validated before completion, and keep their names and actions.
CREATE SCHEMA fk;
CREATE SCHEMA fk_other;
CREATE TABLE fk.users (id serial PRIMARY KEY, email text NOT NULL, boss integer CONSTRAINT users_boss REFERENCES fk.users ON DELETE SET NULL);
CREATE TABLE fk.posts (id integer PRIMARY KEY, author integer NOT NULL CONSTRAINT posts_author REFERENCES fk.users ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE fk_other.logins (who integer CONSTRAINT logins_who REFERENCES fk.users DEFERRABLE INITIALLY DEFERRED);
COMMENT ON CONSTRAINT logins_who ON fk_other.logins IS 'checked at commit';
CREATE TABLE fk.unchecked (who integer);
INSERT INTO fk.unchecked VALUES (-1);
ALTER TABLE fk.unchecked ADD CONSTRAINT unchecked_who FOREIGN KEY (who) REFERENCES fk.users NOT VALID;
INSERT INTO fk.users (email, boss) VALUES ('ann', NULL), ('bob', 1), ('eve', 2);
INSERT INTO fk.posts SELECT n, 1 + n % 3 FROM generate_series(1, 9) n;
INSERT INTO fk_other.logins VALUES (1), (NULL);
CREATE FUNCTION pg_temp.keys() RETURNS TABLE (of regclass, name name, definition text, validated boolean, comment text) LANGUAGE sql AS $$
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated, obj_description(oid, 'pg_constraint')
  FROM pg_constraint WHERE contype = 'f' AND confrelid = 'fk.users'::regclass ORDER BY 2, 1
$$;
SELECT migrate_start('00_init', '{"operations": []}', 'fk');
SELECT migrate_complete('fk');
SELECT helper.remember('fk');
SELECT * FROM pg_temp.keys();

\set bigger '{"operations": [{"alter_column": {"table": "users", "column": "id", "type": "bigint", "up": "id", "down": "id"}}]}'
SELECT phase, table_name, statement FROM migrate_plan('01_bigger', :'bigger', 'fk') WHERE phase = 'validate' OR statement ~ 'CONSTRAINT' ORDER BY step;
SELECT migrate_start('01_bigger', :'bigger', 'fk');
CALL migrate_wait(schema_name => 'fk');
SELECT * FROM pg_temp.keys();
-- Both versions are bound by both keys, and the actions work.
SELECT helper.try('INSERT INTO fk_00_init.posts VALUES (10, 99)');
SELECT helper.try('INSERT INTO fk_01_bigger.posts VALUES (10, 99)');
INSERT INTO fk_01_bigger.users (email, boss) VALUES ('new', 3);
INSERT INTO fk_00_init.posts VALUES (10, 4);
UPDATE fk_00_init.users SET id = 40 WHERE id = 4;
UPDATE fk_01_bigger.users SET id = 50 WHERE id = 3; -- referred to by "new", without an action on update
DELETE FROM fk_01_bigger.users WHERE id = 2;
SELECT * FROM fk_00_init.users ORDER BY id;
SELECT * FROM fk_01_bigger.users ORDER BY id;
SELECT * FROM fk_00_init.posts ORDER BY id;
SELECT migrate_rollback(schema_name => 'fk');
SELECT helper.changes('fk');
SELECT * FROM pg_temp.keys();
SELECT migrate_start('01_bigger', :'bigger', 'fk');
CALL migrate_wait(schema_name => 'fk');
SELECT migrate_complete('fk');
SELECT helper.changes('fk');
SELECT * FROM pg_temp.keys();
SELECT format_type(seqtypid, NULL) AS sequence, seqmax FROM pg_sequence WHERE seqrelid = 'fk.users_id_seq'::regclass;
SELECT setval('fk.users_id_seq', 3000000000);
INSERT INTO fk.users (email, boss) VALUES ('after two thousand million', 1) RETURNING id;
SELECT helper.try('DELETE FROM fk.users WHERE id = 1; SET CONSTRAINTS ALL IMMEDIATE');
SELECT helper.try('INSERT INTO fk.posts VALUES (11, 99)');

-- Both sides at once, also when the tables refer to each other (circular keys) and to themselves.
CREATE TABLE fk.a (id integer PRIMARY KEY, b integer, up integer CONSTRAINT a_up REFERENCES fk.a);
CREATE TABLE fk.b (id integer PRIMARY KEY, a integer CONSTRAINT b_a REFERENCES fk.a ON UPDATE CASCADE);
ALTER TABLE fk.a ADD CONSTRAINT a_b FOREIGN KEY (b) REFERENCES fk.b DEFERRABLE;
INSERT INTO fk.a VALUES (1, NULL, 1), (2, NULL, 1);
INSERT INTO fk.b VALUES (7, 1), (8, 2);
UPDATE fk.a SET b = 6 + id;
SELECT helper.remember('fk');
SELECT migrate_start('02_both', $m${"operations": [
  {"alter_column": {"table": "a", "column": "id", "type": "bigint", "up": "id", "down": "id"}},
  {"alter_column": {"table": "a", "column": "b", "type": "bigint", "up": "b", "down": "b"}},
  {"alter_column": {"table": "a", "column": "up", "type": "bigint", "up": "up", "down": "up"}},
  {"alter_column": {"table": "b", "column": "id", "type": "bigint", "up": "id", "down": "id"}},
  {"alter_column": {"table": "b", "column": "a", "type": "bigint", "up": "a", "down": "a"}},
  {"rename_constraint": {"table": "b", "from": "b_a", "to": "b_to_a"}},
  {"rename_table": {"from": "b", "to": "bees"}}]}$m$, 'fk');
CALL migrate_wait(schema_name => 'fk');
INSERT INTO fk_02_both.bees VALUES (9, 1);
INSERT INTO fk.a VALUES (3, 9, 2);
SELECT helper.try('INSERT INTO fk_02_both.a VALUES (4, 10, 2)');
SELECT helper.try('INSERT INTO fk.a VALUES (4, 9, 77)');
UPDATE fk.a SET id = 30 WHERE id = 3;
SELECT migrate_complete('fk');
SELECT helper.changes('fk');
SELECT * FROM fk.a ORDER BY id;
SELECT * FROM fk.bees ORDER BY id;

-- Other values on both sides, made alike; and what does not fit together is refused before anything is done.
CREATE TABLE fk.c (code text PRIMARY KEY);
CREATE TABLE fk.d (c text CONSTRAINT d_c REFERENCES fk.c);
INSERT INTO fk.c VALUES ('x'), ('y');
INSERT INTO fk.d VALUES ('x'), (NULL);
SELECT helper.remember('fk');
SELECT migrate_start('03_alike', $m${"operations": [
  {"alter_column": {"table": "c", "column": "code", "type": "varchar", "up": "upper(code)", "down": "lower(code)"}},
  {"alter_column": {"table": "d", "column": "c", "type": "varchar", "up": "upper(c)", "down": "lower(c)"}}]}$m$, 'fk');
CALL migrate_wait(schema_name => 'fk');
INSERT INTO fk.c VALUES ('z');
INSERT INTO fk_03_alike.d VALUES ('Z');
SELECT migrate_complete('fk');
SELECT helper.changes('fk');
SELECT * FROM fk.d ORDER BY c;
\set VERBOSITY default
SELECT migrate_start('04_unlike', $m${"operations": [
  {"alter_column": {"table": "c", "column": "code", "type": "text", "up": "code || '!'", "down": "code"}}]}$m$, 'fk');
SELECT migrate_start('04_dropped', '{"operations": [{"drop_column": {"table": "c", "column": "code"}}]}', 'fk');
\set VERBOSITY terse
-- A key that goes with its column, or is dropped, is no obstacle.
SELECT helper.remember('fk');
SELECT migrate_start('04_together', $m${"operations": [
  {"drop_column": {"table": "d", "column": "c", "down": "NULL"}},
  {"alter_column": {"table": "c", "column": "code", "type": "text", "up": "code || '!'", "down": "code"}}]}$m$, 'fk');
CALL migrate_wait(schema_name => 'fk');
SELECT migrate_complete('fk');
SELECT helper.changes('fk');
SELECT helper.remember('fk');
SELECT migrate_start('05_table_and_key', $m${"operations": [
  {"drop_column": {"table": "posts", "column": "author", "down": "1"}},
  {"drop_constraint": {"table": "unchecked", "name": "unchecked_who", "down": "who"}},
  {"sql": {"up": "ALTER TABLE fk_other.logins DROP CONSTRAINT logins_who", "onComplete": true}},
  {"drop_table": {"name": "c"}}]}$m$, 'fk');
CALL migrate_wait(schema_name => 'fk');
SELECT migrate_complete('fk');
SELECT helper.changes('fk');
SET client_min_messages = warning;
DROP SCHEMA fk, fk_other, fk_05_table_and_key CASCADE;
