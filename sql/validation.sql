-- Every rule that a migration must keep before anything is changed, once; against the schema as each operation finds it.
-- create_table and create_constraint have theirs in their own files (op_create_table_constraints, op_create_constraint).
CREATE SCHEMA va;
CREATE TABLE va.users (id integer PRIMARY KEY, name text NOT NULL, age integer, CONSTRAINT age_range CHECK (age < 200));
CREATE TABLE va.posts (id serial PRIMARY KEY, user_id integer CONSTRAINT posts_user REFERENCES va.users, title text CONSTRAINT posts_title UNIQUE,
    a integer, b integer, twice integer GENERATED ALWAYS AS (a * 2) STORED, number integer GENERATED ALWAYS AS IDENTITY, CONSTRAINT a_b CHECK (a < b));
CREATE INDEX posts_a ON va.posts (a);
CREATE VIEW va.a_view AS SELECT 1 AS one;
CREATE FUNCTION va.refusal(operations text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM migrate_start('01', format('{"operations": [%s]}', operations), 'va');
	RAISE EXCEPTION 'accepted';
EXCEPTION WHEN others THEN
	RETURN sqlstate || ' ' || sqlerrm;
END
$$;
SELECT helper.remember('va');

-- create_table
SELECT va.refusal(operation) FROM (VALUES
  (1, '{"create_table": {"name": "posts", "columns": []}}'),
  (2, '{"create_table": {"name": "a_view", "columns": []}}'),
  (3, '{"create_table": {"name": "n", "columns": [{"name": "a", "type": "int", "pk": true}], "constraints": [{"name": "k", "type": "primary_key", "columns": ["a"]}]}}'),
  (4, '{"create_table": {"name": "n", "columns": [{"name": "a", "type": "int", "references": {"name": "f", "table": "Users", "column": "id"}}]}}'),
  (5, '{"create_table": {"name": "n", "columns": [{"name": "a", "type": "int", "references": {"name": "f", "table": "users", "column": "ID"}}]}}'),
  (6, '{"create_table": {"name": "n", "columns": [{"name": "a", "type": "int", "references": {"name": "f", "table": "users", "column": "id", "on_delete": "vanish"}}]}}'),
  (7, '{"create_table": {"name": "n", "columns": [{"name": "xmin", "type": "int"}]}}')
) t (n, operation) ORDER BY n;

-- rename_table, drop_table
SELECT va.refusal(operation) FROM (VALUES
  (1, '{"rename_table": {"from": "nobody", "to": "n"}}'),
  (2, '{"rename_table": {"from": "users", "to": "posts"}}'),
  (3, '{"rename_table": {"from": "users", "to": "a_view"}}'),
  (4, '{"rename_table": {"from": "users", "to": "users"}}'),
  (5, '{"rename_table": {"from": "users"}}'),
  (6, '{"drop_table": {"name": "nobody"}}'),
  (7, '{"drop_table": {"name": "a_view"}}'),
  (8, '{"drop_table": {"name": "users"}}'),
  (9, '{"drop_table": {"name": "posts"}}, {"drop_table": {"name": "posts"}}')
) t (n, operation) ORDER BY n;

-- add_column
SELECT va.refusal(operation) FROM (VALUES
  (1, '{"add_column": {"table": "nobody", "column": {"name": "n", "type": "int", "nullable": true}}}'),
  (2, '{"add_column": {"table": "users", "column": {"name": "age", "type": "int", "nullable": true}}}'),
  (3, '{"add_column": {"table": "users", "column": {"type": "int", "nullable": true}}}'),
  (4, '{"add_column": {"table": "users", "column": {"name": "n", "nullable": true}}}'),
  (5, '{"add_column": {"table": "users", "column": {"name": "n", "type": "nonsense", "nullable": true}}}'),
  (6, '{"add_column": {"table": "users", "column": {"name": "n", "type": "int"}}}'),
  (7, '{"add_column": {"table": "users", "up": "id", "column": {"name": "n", "type": "int", "pk": true}}}'),
  (8, '{"add_column": {"table": "users", "column": {"name": "n", "type": "int", "generated": {"expression": "age * 2"}}}}'),
  (9, '{"add_column": {"table": "users", "column": {"name": "n", "type": "int", "generated": {"expression": "1", "identity": {}}}}}'),
  (10, '{"add_column": {"table": "users", "up": "now()", "column": {"name": "n", "type": "timestamptz", "default": "clock_timestamp()"}}}'),
  (11, '{"add_column": {"table": "users", "column": {"name": "n", "type": "int", "nullable": true, "check": {"name": "age_range", "constraint": "n > 0"}}}}'),
  (12, '{"add_column": {"table": "users", "column": {"name": "n", "type": "int", "nullable": true, "check": {"name": "c", "constraint": "n"}}}}'),
  (13, '{"add_column": {"table": "posts", "column": {"name": "n", "type": "int", "nullable": true, "references": {"name": "posts_user", "table": "users", "column": "id"}}}}'),
  (14, '{"add_column": {"table": "posts", "column": {"name": "n", "type": "int", "nullable": true, "references": {"name": "f", "table": "nobody", "column": "id"}}}}'),
  (15, '{"add_column": {"table": "posts", "column": {"name": "n", "type": "int", "nullable": true, "references": {"name": "f", "table": "users", "column": "name"}}}}'),
  (16, '{"add_column": {"table": "posts", "column": {"name": "n", "type": "text", "nullable": true, "references": {"name": "f", "table": "users", "column": "id"}}}}'),
  (17, '{"add_column": {"table": "users", "up": "nothing + 1", "column": {"name": "n", "type": "int"}}}'),
  (18, '{"add_column": {"table": "users", "up": "id; DROP TABLE users", "column": {"name": "n", "type": "int"}}}'),
  (19, '{"add_column": {"table": "users", "up": "id", "column": {"name": "tableoid", "type": "int"}}}'),
  (20, '{"add_column": {"table": "users", "up": "sum(id)", "column": {"name": "n", "type": "int"}}}'),
  (21, '{"add_column": {"table": "a_view", "up": "1", "column": {"name": "n", "type": "int"}}}')
) t (n, operation) ORDER BY n;

-- rename_column, drop_column
SELECT va.refusal(operation) FROM (VALUES
  (1, '{"rename_column": {"table": "nobody", "from": "a", "to": "b"}}'),
  (2, '{"rename_column": {"table": "users", "from": "nothing", "to": "b"}}'),
  (3, '{"rename_column": {"table": "users", "from": "age", "to": "name"}}'),
  (4, '{"rename_column": {"table": "users", "from": "age", "to": "age"}}'),
  (5, '{"rename_column": {"table": "users", "from": "age", "to": "cmax"}}'),
  (6, '{"rename_column": {"table": "users", "from": "", "to": "x"}}'),
  (7, '{"rename_column": {"table": "users", "from": "age", "to": ""}}'),
  (8, '{"rename_column": {"table": "users", "column": "age", "name": "x"}}'),
  (9, '{"drop_column": {"table": "nobody", "column": "a"}}'),
  (10, '{"drop_column": {"table": "users", "column": "nothing"}}'),
  (11, '{"drop_column": {"table": "users", "column": "ctid"}}'),
  (12, '{"drop_column": {"table": "users", "column": "id"}}')
) t (n, operation) ORDER BY n;

-- alter_column
SELECT va.refusal(operation) FROM (VALUES
  (1, '{"alter_column": {"table": "nobody", "column": "a", "comment": "x"}}'),
  (2, '{"alter_column": {"table": "users", "column": "nothing", "comment": "x"}}'),
  (3, '{"alter_column": {"table": "users", "column": "age", "up": "", "down": ""}}'),
  (4, '{"alter_column": {"table": "users", "column": "age", "type": "bigint", "up": "age"}}'),
  (5, '{"alter_column": {"table": "users", "column": "age", "type": "bigint", "down": "age"}}'),
  (6, '{"alter_column": {"table": "users", "column": "age", "nullable": false, "down": "age"}}'),
  (7, '{"alter_column": {"table": "users", "column": "name", "nullable": true, "up": "name"}}'),
  (8, '{"alter_column": {"table": "users", "column": "name", "nullable": false, "up": "name"}}'),
  (9, '{"alter_column": {"table": "users", "column": "age", "nullable": true, "down": "age"}}'),
  (10, '{"alter_column": {"table": "users", "column": "age", "unique": {}}}'),
  (11, '{"alter_column": {"table": "posts", "column": "a", "unique": {"name": "posts_title"}}}'),
  (12, '{"alter_column": {"table": "posts", "column": "a", "unique": {"name": "users_pkey"}}}'),
  (13, '{"alter_column": {"table": "users", "column": "age", "check": {"constraint": "age > 0"}, "up": "age", "down": "age"}}'),
  (14, '{"alter_column": {"table": "users", "column": "age", "check": {"name": "c"}, "up": "age", "down": "age"}}'),
  (15, '{"alter_column": {"table": "users", "column": "age", "check": {"name": "age_range", "constraint": "age > 0"}, "up": "age", "down": "age"}}'),
  (16, '{"alter_column": {"table": "users", "column": "age", "check": {"name": "c", "constraint": "age > 0"}, "up": "age"}}'),
  (17, '{"alter_column": {"table": "posts", "column": "a", "references": {"name": "posts_user", "table": "users", "column": "id"}, "up": "a", "down": "a"}}'),
  (18, '{"alter_column": {"table": "posts", "column": "a", "references": {"name": "f", "table": "nobody", "column": "id"}, "up": "a", "down": "a"}}'),
  (19, '{"alter_column": {"table": "posts", "column": "a", "references": {"name": "f", "table": "users", "column": "nothing"}, "up": "a", "down": "a"}}'),
  (20, '{"alter_column": {"table": "posts", "column": "a", "references": {"name": "f", "table": "users", "column": "id"}, "down": "a"}}'),
  (21, '{"alter_column": {"table": "posts", "column": "a", "references": {"table": "users", "column": "id"}, "up": "a", "down": "a"}}'),
  (22, '{"alter_column": {"table": "users", "column": "age", "type": "nonsense", "up": "age", "down": "age"}}'),
  (23, '{"alter_column": {"table": "users", "column": "age", "default": "''seven''"}}'),
  (24, '{"alter_column": {"table": "users", "column": "age", "default": "name"}}'),
  (25, '{"alter_column": {"table": "posts", "column": "twice", "type": "bigint", "up": "twice", "down": "twice"}}'),
  (26, '{"alter_column": {"table": "posts", "column": "number", "default": "1"}}'),
  (27, '{"alter_column": {"table": "users", "column": "age", "name": "years"}}'),
  (28, '{"alter_column": {"table": "users", "column": "age", "nullable": "perhaps", "up": "age"}}')
) t (n, operation) ORDER BY n;

-- Constraints and indexes
SELECT va.refusal(operation) FROM (VALUES
  (1, '{"drop_constraint": {"table": "posts", "name": "nothing", "down": "a"}}'),
  (2, '{"drop_constraint": {"table": "posts", "name": "a_b", "down": "a"}}'),
  (3, '{"drop_multicolumn_constraint": {"table": "posts", "name": "a_b", "down": {"a": "a"}}}'),
  (4, '{"drop_multicolumn_constraint": {"table": "posts", "name": "a_b", "up": {"title": "title"}, "down": {"a": "a", "b": "b"}}}'),
  (5, '{"rename_constraint": {"table": "posts", "from": "nothing", "to": "n"}}'),
  (6, '{"rename_constraint": {"table": "posts", "from": "a_b", "to": "posts_user"}}'),
  (7, '{"create_constraint": {"table": "posts", "name": "a_b", "type": "check", "check": "a > 0", "columns": ["a"], "up": {"a": "a"}, "down": {"a": "a"}}}'),
  (8, '{"create_index": {"name": "i", "table": "nobody", "columns": ["a"]}}'),
  (9, '{"create_index": {"name": "i", "table": "posts", "columns": ["nothing"]}}'),
  (10, '{"create_index": {"name": "posts_a", "table": "users", "columns": ["age"]}}'),
  (11, '{"create_index": {"name": "i", "table": "posts", "columns": []}}'),
  (12, '{"create_index": {"name": "i", "table": "posts", "columns": [{"sort": "ASC"}]}}'),
  (13, '{"create_index": {"name": "i", "table": "posts", "columns": [{"column": "a", "sort": "UP"}]}}'),
  (14, '{"create_index": {"table": "posts", "columns": ["a"]}}'),
  (15, '{"create_index": {"name": "i", "table": "posts", "columns": ["a"], "predicate": "a +"}}'),
  (16, '{"create_index": {"name": "i", "table": "posts", "columns": ["a"], "predicate": "a"}}'),
  (17, '{"drop_index": {"name": "nothing"}}'),
  (18, '{"drop_index": {"name": "posts_title"}}'),
  (19, '{"set_replica_identity": {"table": "posts", "identity": {"type": "index", "index": "nothing"}}}')
) t (n, operation) ORDER BY n;

-- sql
SELECT va.refusal(operation) FROM (VALUES
  (1, '{"sql": {"up": ""}}'),
  (2, '{"sql": {"down": "SELECT 1"}}'),
  (3, '{"sql": {"up": "SELECT 1", "down": "SELECT 1", "onComplete": true}}'),
  (4, '{"sql": {"up": "SELECT 1", "oncomplete": true}}'),
  (5, '{"sql": {"up": "SELECT nonsense"}}'),
  (6, '{"sql": {"up": "COMMIT"}}')
) t (n, operation) ORDER BY n;

-- Nothing has been done, and migrate_plan says the same, with the place in the file.
SELECT helper.changes('va');
SELECT count(*) FROM migrate_status('va');
\set VERBOSITY default
SELECT * FROM migrate_plan('01', '{"operations": [{"drop_column": {"table": "users", "column": "age"}}, {"add_column": {"table": "users", "column": {"name": "name", "type": "int", "nullable": true}}}]}', 'va');
SELECT * FROM migrate_plan('01', '{"operations": [{"alter_column": {"table": "users", "column": "age", "nullable": true, "down": "age"}}]}', 'va');
SELECT * FROM migrate_plan('01', '{"operations": [{"add_column": {"table": "users", "up": "nothing", "column": {"name": "n", "type": "int"}}}]}', 'va');
SELECT * FROM migrate_plan('01', '{"operations": [{"add_column": {"table": "users", "column": {"name": "n", "type": "int"}}}]}', 'va');
SELECT migrate_start('01', '{"operations": [{"add_column": {"table": "users", "column": {"name": "n", "type": "int", "nullable": true}}}, {"drop_table": {"name": "Posts"}}]}', 'va');
SET client_min_messages = warning;
DROP SCHEMA va CASCADE;
