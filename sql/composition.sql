-- Several operations in one migration, each applied to the schema its predecessors left; what pgroll cannot do is marked with its issue.
CREATE SCHEMA co;
CREATE TABLE co.users (id integer PRIMARY KEY, name text NOT NULL, age text DEFAULT '7', note text, CONSTRAINT users_note CHECK (note <> 'bad'));
CREATE TABLE co.posts (id integer PRIMARY KEY, user_id integer, title text, rating integer NOT NULL DEFAULT 0, CONSTRAINT posts_title UNIQUE (title));
INSERT INTO co.users VALUES (1, 'Ann', '33', NULL), (2, 'Bob', NULL, 'good');
INSERT INTO co.posts VALUES (1, 1, 'one', 1), (2, 2, 'two', 2), (3, NULL, NULL, 3);
SELECT migrate_start('00_init', '{"operations": []}', 'co');
SELECT migrate_complete('co');
SELECT helper.remember('co');

-- rename_table and rename_column first, then everything else under the new names. The foreign key is validated.
SELECT migrate_start('01_renamed', $m${"operations": [
  {"rename_table": {"from": "users", "to": "people"}},
  {"rename_table": {"from": "posts", "to": "articles"}},
  {"rename_column": {"table": "articles", "from": "user_id", "to": "person_id"}},
  {"rename_column": {"table": "people", "from": "age", "to": "years"}},
  {"add_column": {"table": "people", "up": "years || '!'", "column": {"name": "age", "type": "text", "nullable": true}}},
  {"alter_column": {"table": "people", "column": "years", "type": "integer", "nullable": false, "default": "8", "comment": "since birth", "up": "coalesce(years::integer, 0)", "down": "nullif(years, 0)::text"}},
  {"alter_column": {"table": "people", "column": "years", "check": {"name": "years_range", "constraint": "years < 200"}, "up": "years", "down": "years"}},
  {"alter_column": {"table": "articles", "column": "person_id", "references": {"name": "articles_person", "table": "people", "column": "id", "on_delete": "CASCADE"}, "up": "person_id", "down": "person_id"}},
  {"create_constraint": {"table": "articles", "name": "person_title", "type": "unique", "columns": ["person_id", "title"], "up": {"person_id": "person_id", "title": "title"}, "down": {"person_id": "person_id", "title": "title"}}},
  {"drop_constraint": {"table": "articles", "name": "posts_title", "up": "title", "down": "title"}},
  {"rename_constraint": {"table": "people", "from": "users_note", "to": "people_note"}},
  {"create_index": {"name": "people_years", "table": "people", "columns": [{"column": "years"}], "predicate": "years > 10 AND age IS NOT NULL"}},
  {"drop_column": {"table": "articles", "column": "rating", "down": "length(title)"}},
  {"set_replica_identity": {"table": "articles", "identity": {"type": "full"}}}]}$m$, 'co');
CALL migrate_wait(schema_name => 'co');
SELECT helper.changes('co');
SELECT * FROM co_01_renamed.people ORDER BY id;
INSERT INTO co_01_renamed.people (id, name) VALUES (3, 'Cid');
INSERT INTO co_01_renamed.articles VALUES (4, 3, 'four');
SELECT helper.try($$INSERT INTO co_01_renamed.articles VALUES (5, 9, 'five')$$);
SELECT helper.try($$INSERT INTO co_01_renamed.people (id, name, years) VALUES (4, 'Dee', 200)$$);
SELECT * FROM co_00_init.users ORDER BY id;
SELECT * FROM co_00_init.posts ORDER BY id;
SELECT migrate_rollback(schema_name => 'co');
SELECT helper.changes('co');
SELECT migrate_start('01_renamed', $m${"operations": [
  {"rename_table": {"from": "users", "to": "people"}},
  {"rename_table": {"from": "posts", "to": "articles"}},
  {"rename_column": {"table": "articles", "from": "user_id", "to": "person_id"}},
  {"rename_column": {"table": "people", "from": "age", "to": "years"}},
  {"add_column": {"table": "people", "up": "years || '!'", "column": {"name": "age", "type": "text", "nullable": true}}},
  {"alter_column": {"table": "people", "column": "years", "type": "integer", "nullable": false, "default": "8", "comment": "since birth", "up": "coalesce(years::integer, 0)", "down": "nullif(years, 0)::text"}},
  {"alter_column": {"table": "people", "column": "years", "check": {"name": "years_range", "constraint": "years < 200"}, "up": "years", "down": "years"}},
  {"alter_column": {"table": "articles", "column": "person_id", "references": {"name": "articles_person", "table": "people", "column": "id", "on_delete": "CASCADE"}, "up": "person_id", "down": "person_id"}},
  {"create_constraint": {"table": "articles", "name": "person_title", "type": "unique", "columns": ["person_id", "title"], "up": {"person_id": "person_id", "title": "title"}, "down": {"person_id": "person_id", "title": "title"}}},
  {"drop_constraint": {"table": "articles", "name": "posts_title", "up": "title", "down": "title"}},
  {"rename_constraint": {"table": "people", "from": "users_note", "to": "people_note"}},
  {"create_index": {"name": "people_years", "table": "people", "columns": [{"column": "years"}], "predicate": "years > 10 AND age IS NOT NULL"}},
  {"drop_column": {"table": "articles", "column": "rating", "down": "length(title)"}},
  {"set_replica_identity": {"table": "articles", "identity": {"type": "full"}}}]}$m$, 'co');
CALL migrate_wait(schema_name => 'co');
SELECT migrate_complete('co');
SELECT helper.changes('co');
SELECT conname, convalidated FROM pg_constraint WHERE connamespace = 'co'::regnamespace AND NOT convalidated;

-- Two changes of type of one column (xataio/pgroll#946); the second sees what the first has made, and down goes back through both.
SELECT helper.remember('co');
SELECT migrate_start('02_types', $m${"operations": [
  {"alter_column": {"table": "people", "column": "years", "type": "numeric(6,1)", "up": "years + 0.5", "down": "floor(years)::integer"}},
  {"alter_column": {"table": "people", "column": "years", "type": "text", "up": "'y' || years", "down": "substr(years, 2)::numeric"}}]}$m$, 'co');
CALL migrate_wait(schema_name => 'co');
SELECT id, years FROM co_02_types.people ORDER BY id;
SELECT migrate_rollback(schema_name => 'co');
SELECT helper.changes('co');
-- What has no meaning for the new type goes with a warning. The migration may drop it itself.
SELECT migrate_start('02_types', $m${"operations": [
  {"drop_constraint": {"table": "people", "name": "years_range", "up": "years", "down": "least(years, 199)"}},
  {"alter_column": {"table": "people", "column": "years", "type": "numeric(6,1)", "up": "years + 0.5", "down": "floor(years)::integer"}},
  {"alter_column": {"table": "people", "column": "years", "type": "text", "up": "'y' || years", "down": "substr(years, 2)::numeric"}}]}$m$, 'co');
CALL migrate_wait(schema_name => 'co');
INSERT INTO co_02_types.people (id, name, years) VALUES (10, 'Eve', 'y250.5');
INSERT INTO co_01_renamed.people (id, name, years) VALUES (11, 'Fay', 20);
SELECT id, o.years AS old, n.years AS new FROM co_01_renamed.people o JOIN co_02_types.people n USING (id) ORDER BY id;
SELECT migrate_complete('co');
SELECT helper.changes('co');

-- A partial index on a column that is altered in the same migration, before or after it (xataio/pgroll#1003).
SELECT helper.remember('co');
SELECT migrate_start('03_partial', $m${"operations": [
  {"create_index": {"name": "before", "table": "people", "columns": [{"column": "id"}], "predicate": "name <> ''"}},
  {"alter_column": {"table": "people", "column": "name", "type": "varchar(20)", "up": "upper(name)", "down": "name"}},
  {"create_index": {"name": "after", "table": "people", "columns": [{"column": "name"}], "predicate": "length(name) > 2"}}]}$m$, 'co');
CALL migrate_wait(schema_name => 'co');
SELECT migrate_rollback(schema_name => 'co');
SELECT helper.changes('co');
SELECT migrate_start('03_partial', $m${"operations": [
  {"create_index": {"name": "before", "table": "people", "columns": [{"column": "id"}], "predicate": "name <> ''"}},
  {"alter_column": {"table": "people", "column": "name", "type": "varchar(20)", "up": "upper(name)", "down": "name"}},
  {"create_index": {"name": "after", "table": "people", "columns": [{"column": "name"}], "predicate": "length(name) > 2"}}]}$m$, 'co');
CALL migrate_wait(schema_name => 'co');
SELECT migrate_complete('co');
SELECT helper.changes('co');

-- A column dropped and added again under the same name: another column, which the old version does not see.
SELECT helper.remember('co');
SELECT migrate_start('04_again', $m${"operations": [
  {"drop_column": {"table": "people", "column": "note", "down": "'from ' || id"}},
  {"add_column": {"table": "people", "up": "id * 10", "column": {"name": "note", "type": "integer", "unique": true}}},
  {"drop_column": {"table": "people", "column": "age"}},
  {"rename_column": {"table": "people", "from": "years", "to": "age"}}]}$m$, 'co');
CALL migrate_wait(schema_name => 'co');
INSERT INTO co_04_again.people (id, name, age, note) VALUES (20, 'Gil', 'y1', 7);
INSERT INTO co_03_partial.people (id, name, note) VALUES (21, 'Hal', 'a note');
SELECT id, name, note FROM co_03_partial.people ORDER BY id;
SELECT id, age, note FROM co_04_again.people ORDER BY id;
SELECT migrate_rollback(schema_name => 'co');
SELECT helper.changes('co');
SELECT migrate_start('04_again', $m${"operations": [
  {"drop_column": {"table": "people", "column": "note", "down": "'from ' || id"}},
  {"add_column": {"table": "people", "up": "id * 10", "column": {"name": "note", "type": "integer", "unique": true}}},
  {"drop_column": {"table": "people", "column": "age"}},
  {"rename_column": {"table": "people", "from": "years", "to": "age"}}]}$m$, 'co');
CALL migrate_wait(schema_name => 'co');
SELECT migrate_complete('co');
SELECT helper.changes('co');

-- What a migration adds it may rename, change and drop again: nothing is left of it.
SELECT helper.remember('co');
SELECT migrate_start('05_undone', $m${"operations": [
  {"add_column": {"table": "people", "up": "id", "column": {"name": "x", "type": "integer", "check": {"name": "x_check", "constraint": "x > 0"}, "unique": true}}},
  {"rename_column": {"table": "people", "from": "x", "to": "y"}},
  {"alter_column": {"table": "people", "column": "y", "type": "text", "up": "'y' || y", "down": "substr(y, 2)::integer"}},
  {"create_index": {"name": "people_y", "table": "people", "columns": [{"column": "y"}]}},
  {"drop_column": {"table": "people", "column": "y"}},
  {"add_column": {"table": "people", "up": "name", "column": {"name": "kept", "type": "text"}}},
  {"rename_column": {"table": "people", "from": "kept", "to": "name 2"}},
  {"create_table": {"name": "temporary", "columns": [{"name": "a", "type": "serial"}]}},
  {"rename_table": {"from": "temporary", "to": "permanent"}},
  {"drop_table": {"name": "permanent"}},
  {"alter_column": {"table": "people", "column": "name", "nullable": true, "down": "coalesce(name, '')"}},
  {"alter_column": {"table": "people", "column": "name", "nullable": false, "up": "coalesce(name, '-')"}}]}$m$, 'co');
CALL migrate_wait(schema_name => 'co');
SELECT migrate_complete('co');
SELECT helper.changes('co');

-- Two tables and two columns change their names with each other; the constraint of a column that is renamed follows.
SELECT helper.remember('co');
SELECT migrate_start('06_swap', $m${"operations": [
  {"rename_table": {"from": "people", "to": "tmp"}}, {"rename_table": {"from": "articles", "to": "people"}}, {"rename_table": {"from": "tmp", "to": "articles"}},
  {"rename_column": {"table": "articles", "from": "age", "to": "tmp"}}, {"rename_column": {"table": "articles", "from": "note", "to": "age"}},
  {"rename_column": {"table": "articles", "from": "tmp", "to": "note"}}]}$m$, 'co');
SELECT id, age, note FROM co_06_swap.articles ORDER BY id;
SELECT * FROM co_06_swap.people ORDER BY id;
SELECT migrate_rollback(schema_name => 'co');
SELECT helper.changes('co');
SELECT migrate_start('06_swap', $m${"operations": [
  {"rename_table": {"from": "people", "to": "tmp"}}, {"rename_table": {"from": "articles", "to": "people"}}, {"rename_table": {"from": "tmp", "to": "articles"}},
  {"rename_column": {"table": "articles", "from": "age", "to": "tmp"}}, {"rename_column": {"table": "articles", "from": "note", "to": "age"}},
  {"rename_column": {"table": "articles", "from": "tmp", "to": "note"}}]}$m$, 'co');
SELECT migrate_complete('co');
SELECT helper.changes('co');

-- Empty tables of the same migration: a table, one that refers to it, and one that was there.
SELECT helper.remember('co');
SELECT migrate_start('07_new', $m${"operations": [
  {"create_table": {"name": "tags", "columns": [{"name": "id", "type": "serial", "pk": true}, {"name": "label", "type": "text", "unique": true}]}},
  {"create_table": {"name": "tagged", "columns": [{"name": "tag", "type": "int", "references": {"name": "tagged_tag", "table": "tags", "column": "id"}}, {"name": "person", "type": "int", "references": {"name": "tagged_person", "table": "articles", "column": "id"}}]}},
  {"rename_table": {"from": "tagged", "to": "links"}},
  {"add_column": {"table": "articles", "column": {"name": "tag", "type": "int", "nullable": true, "references": {"name": "articles_tag", "table": "tags", "column": "id"}}}},
  {"rename_column": {"table": "tags", "from": "label", "to": "text"}}]}$m$, 'co');
CALL migrate_wait(schema_name => 'co');
INSERT INTO co_07_new.tags (text) VALUES ('a tag');
UPDATE co_07_new.articles SET tag = 1 WHERE id = 1;
INSERT INTO co_07_new.links VALUES (1, 1);
SELECT migrate_rollback(schema_name => 'co');
SELECT helper.changes('co');
SELECT migrate_start('07_new', $m${"operations": [
  {"create_table": {"name": "tags", "columns": [{"name": "id", "type": "serial", "pk": true}, {"name": "label", "type": "text", "unique": true}]}},
  {"create_table": {"name": "tagged", "columns": [{"name": "tag", "type": "int", "references": {"name": "tagged_tag", "table": "tags", "column": "id"}}, {"name": "person", "type": "int", "references": {"name": "tagged_person", "table": "articles", "column": "id"}}]}},
  {"rename_table": {"from": "tagged", "to": "links"}},
  {"add_column": {"table": "articles", "column": {"name": "tag", "type": "int", "nullable": true, "references": {"name": "articles_tag", "table": "tags", "column": "id"}}}},
  {"rename_column": {"table": "tags", "from": "label", "to": "text"}}]}$m$, 'co');
CALL migrate_wait(schema_name => 'co');
SELECT migrate_complete('co');
SELECT helper.changes('co');

-- What goes wrong in a later operation leaves nothing of the earlier ones, and names are those of that point.
SELECT helper.remember('co');
SELECT helper.try(format($$SELECT migrate_start('08', '{"operations": [%s]}', 'co')$$, operations)) FROM (VALUES
  (1, '{"rename_table": {"from": "people", "to": "p"}}, {"drop_column": {"table": "people", "column": "title"}}'),
  (2, '{"rename_column": {"table": "people", "from": "title", "to": "t"}}, {"drop_column": {"table": "people", "column": "title"}}'),
  (3, '{"drop_column": {"table": "people", "column": "title"}}, {"create_index": {"name": "i", "table": "people", "columns": ["title"]}}'),
  (4, '{"drop_table": {"name": "people"}}, {"rename_table": {"from": "people", "to": "p"}}'),
  (5, '{"create_table": {"name": "n", "columns": []}}, {"create_table": {"name": "n", "columns": []}}'),
  (6, '{"create_table": {"name": "n", "columns": []}}, {"rename_table": {"from": "people", "to": "n"}}'),
  (7, '{"create_index": {"name": "i", "table": "people", "columns": ["title"]}}, {"create_index": {"name": "i", "table": "people", "columns": ["id"]}}'),
  (8, '{"create_index": {"name": "i", "table": "people", "columns": ["title"]}}, {"create_table": {"name": "i", "columns": []}}'),
  (9, '{"add_column": {"table": "people", "column": {"name": "n", "type": "int", "nullable": true}}}, {"rename_column": {"table": "people", "from": "title", "to": "n"}}'),
  (10, '{"add_column": {"table": "people", "column": {"name": "n", "type": "int", "nullable": true}}}, {"alter_column": {"table": "people", "column": "n", "nullable": true, "down": "n"}}'),
  (11, '{"drop_index": {"name": "before"}}, {"drop_index": {"name": "before"}}'),
  (12, '{"alter_column": {"table": "people", "column": "title", "check": {"name": "c", "constraint": "title <> ''''''''"}, "up": "title", "down": "title"}}, {"rename_constraint": {"table": "people", "from": "person_title", "to": "c"}}'),
  (13, '{"rename_column": {"table": "people", "from": "title", "to": "t"}}, {"alter_column": {"table": "people", "column": "t", "nullable": false, "up": "title"}}')
) refused (n, operations) ORDER BY n;
SELECT helper.changes('co');
SET client_min_messages = warning;
DROP SCHEMA co, co_07_new CASCADE;
