-- Every rule that a migration must keep before anything is changed, once; against the schema as each operation finds it.
-- create_table and create_constraint have theirs in their own files (op_create_table_constraints, op_create_constraint).
CREATE SCHEMA va;
CREATE TABLE va.users (id integer PRIMARY KEY, name text NOT NULL, age integer, CONSTRAINT age_range CHECK (age < 200));
CREATE TABLE va.posts (id serial PRIMARY KEY, user_id integer CONSTRAINT posts_user REFERENCES va.users, title text CONSTRAINT posts_title UNIQUE,
    a integer, b integer, twice integer GENERATED ALWAYS AS (a * 2) STORED, number integer GENERATED ALWAYS AS IDENTITY, CONSTRAINT a_b CHECK (a < b));
CREATE INDEX posts_a ON va.posts (a);
CREATE VIEW va.a_view AS SELECT 1 AS one;
-- One table for each operation: what migrate_start says; migrate_plan and migrate_check say the same (see helper.refusal).
CREATE FUNCTION va.refusal(operations text) RETURNS text LANGUAGE sql AS $$ SELECT helper.refusal(operations, 'va') $$;
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

-- What only PostgreSQL knows of an index, also of one that follows its column: it is tried before anything is done.
CREATE TABLE va.things (id integer PRIMARY KEY, name text, doc jsonb, n integer, during int4range, CONSTRAINT things_n UNIQUE (n), CONSTRAINT things_during EXCLUDE USING gist (during WITH &&));
CREATE INDEX things_pattern ON va.things (name text_pattern_ops);
CREATE INDEX things_doc ON va.things USING gin (doc);
CREATE INDEX things_length ON va.things ((length(name)));
CREATE INDEX things_partial ON va.things (id) WHERE n > 0;
CREATE UNIQUE INDEX things_expression ON va.things ((n + 1));
SELECT helper.remember('va');
SELECT va.refusal(operation) FROM (VALUES
  (1, '{"create_index": {"name": "i", "table": "things", "columns": [{"column": "name", "opclass": {"name": "int4_ops"}}]}}'),
  (2, '{"create_index": {"name": "i", "table": "things", "columns": [{"column": "name", "opclass": {"name": "no_such_ops"}}]}}'),
  (3, '{"create_index": {"name": "i", "table": "things", "columns": [{"column": "name", "opclass": {"name": "text_ops", "params": ["a = 1"]}}]}}'),
  (4, '{"create_index": {"name": "i", "table": "things", "columns": [{"column": "n", "collate": "\"C\""}]}}'),
  (5, '{"create_index": {"name": "i", "table": "things", "columns": [{"column": "name", "collate": "klingon"}]}}'),
  (6, '{"create_index": {"name": "i", "table": "things", "method": "gist", "columns": [{"column": "n"}]}}'),
  (7, '{"create_index": {"name": "i", "table": "things", "method": "hash", "columns": ["n", "name"]}}'),
  (8, '{"create_index": {"name": "i", "table": "things", "method": "hash", "unique": true, "columns": ["n"]}}'),
  (9, '{"create_index": {"name": "i", "table": "things", "method": "brin", "columns": [{"column": "n", "sort": "DESC"}]}}'),
  (10, '{"create_index": {"name": "i", "table": "things", "columns": ["n"], "storage_parameters": "fillfactor = 5"}}'),
  (11, '{"create_index": {"name": "i", "table": "things", "columns": ["n"], "storage_parameters": "nonsense = 5"}}'),
  (12, '{"create_index": {"name": "i", "table": "things", "columns": ["n"], "storage_parameters": "fillfactor = )"}}'),
  (13, '{"create_index": {"name": "i", "table": "things", "columns": ["n"], "predicate": "name < now()::text"}}'),
  (14, '{"create_index": {"name": "i", "table": "things", "columns": ["n"], "predicate": "n IN (SELECT id FROM va.users)"}}'),
  (15, '{"create_constraint": {"table": "things", "name": "u", "type": "unique", "columns": ["id"], "index_parameters": {"tablespace": "nowhere"}, "up": {"id": "id"}, "down": {"id": "id"}}}'),
  (16, '{"create_constraint": {"table": "things", "name": "u", "type": "unique", "columns": ["doc"], "index_parameters": {"storage_parameters": "fillfactor = 0"}, "up": {"doc": "doc"}, "down": {"doc": "doc"}}}'),
  (17, '{"add_column": {"table": "things", "column": {"name": "p", "type": "point", "nullable": true, "unique": true}}}'),
  (18, '{"alter_column": {"table": "things", "column": "name", "type": "integer", "up": "1", "down": "''x''"}}'),
  (19, '{"alter_column": {"table": "things", "column": "doc", "type": "json", "up": "doc::json", "down": "doc::jsonb"}}'),
  (20, '{"alter_column": {"table": "things", "column": "n", "type": "point", "up": "point(n, n)", "down": "1"}}'),
  (21, '{"alter_column": {"table": "things", "column": "during", "type": "text", "up": "during::text", "down": "during::int4range"}}'),
  (22, '{"alter_column": {"table": "things", "column": "id", "type": "json", "up": "to_json(id)", "down": "1"}}'),
  (23, '{"create_table": {"name": "n", "columns": [{"name": "a", "type": "json", "unique": true}]}}'),
  (24, '{"create_table": {"name": "n", "columns": [{"name": "a", "type": "int"}], "constraints": [{"name": "x", "type": "exclude", "exclude": {"index_method": "gist", "elements": "a WITH ="}}]}}'),
  (25, '{"create_table": {"name": "n", "columns": [{"name": "a", "type": "int"}]}}, {"create_index": {"name": "i", "table": "n", "method": "gist", "columns": ["a"]}}')
) t (n, operation) ORDER BY n;

-- What only PostgreSQL knows of a foreign key.
CREATE TABLE va.targets (id integer PRIMARY KEY, code text UNIQUE, part integer, late integer UNIQUE DEFERRABLE);
CREATE UNIQUE INDEX targets_part ON va.targets (part) WHERE part > 0;
ALTER TABLE va.things ADD target integer CONSTRAINT things_target REFERENCES va.targets;
SELECT helper.remember('va');
SELECT va.refusal(operation) FROM (VALUES
  (1, '{"alter_column": {"table": "things", "column": "n", "references": {"name": "f", "table": "targets", "column": "part"}, "up": "n", "down": "n"}}'),
  (2, '{"alter_column": {"table": "things", "column": "n", "references": {"name": "f", "table": "targets", "column": "code"}, "up": "n", "down": "n"}}'),
  (3, '{"alter_column": {"table": "things", "column": "n", "references": {"name": "f", "table": "targets", "column": "late"}, "up": "n", "down": "n"}}'),
  (4, '{"alter_column": {"table": "things", "column": "target", "type": "text", "up": "target::text", "down": "target::integer"}}'),
  (5, '{"add_column": {"table": "things", "column": {"name": "x", "type": "date", "nullable": true, "references": {"name": "f", "table": "targets", "column": "id"}}}}'),
  (6, '{"create_constraint": {"table": "things", "name": "f", "type": "foreign_key", "columns": ["id", "n"], "references": {"table": "targets", "columns": ["id", "part"]}, "up": {"id": "id", "n": "n"}, "down": {"id": "id", "n": "n"}}}'),
  (7, '{"create_constraint": {"table": "things", "name": "f", "type": "foreign_key", "columns": ["name"], "references": {"table": "targets", "columns": ["id"]}, "up": {"name": "name"}, "down": {"name": "name"}}}'),
  (8, '{"create_table": {"name": "n", "columns": [{"name": "a", "type": "text", "references": {"name": "f", "table": "targets", "column": "id"}}]}}'),
  (9, '{"create_table": {"name": "n", "columns": [{"name": "a", "type": "int", "references": {"name": "f", "table": "targets", "column": "part"}}]}}'),
  (10, '{"create_table": {"name": "n", "columns": [{"name": "a", "type": "int"}, {"name": "b", "type": "text", "references": {"name": "f", "table": "n", "column": "a"}}]}}'),
  (11, '{"create_constraint": {"table": "things", "name": "f", "type": "foreign_key", "columns": ["n"], "references": {"table": "targets", "columns": ["id"], "match_type": "PARTIAL"}, "up": {"n": "n"}, "down": {"n": "n"}}}')
) t (n, operation) ORDER BY n;

-- Replica identities, types, names
SELECT va.refusal(operation) FROM (VALUES
  (1, '{"set_replica_identity": {"table": "nobody", "identity": {"type": "full"}}}'),
  (2, '{"set_replica_identity": {"table": "things", "identity": {"type": "whatever"}}}'),
  (3, '{"set_replica_identity": {"table": "things", "identity": {"type": "index", "index": "things_pattern"}}}'),
  (4, '{"set_replica_identity": {"table": "things", "identity": {"type": "index", "index": "things_n"}}}'),
  (5, '{"set_replica_identity": {"table": "things", "identity": {"type": "index", "index": "things_expression"}}}'),
  (6, '{"set_replica_identity": {"table": "things", "identity": {"type": "index", "index": "users_pkey"}}}'),
  (7, '{"add_column": {"table": "things", "column": {"name": "x", "type": "anyelement", "nullable": true}}}'),
  (8, '{"add_column": {"table": "things", "column": {"name": "x", "type": "text COLLATE klingon", "nullable": true}}}'),
  (9, '{"add_column": {"table": "things", "column": {"name": "x", "type": "integer COLLATE \"C\"", "nullable": true}}}'),
  (10, '{"add_column": {"table": "things", "column": {"name": "x", "type": "text COLLATE \"C\" PRIMARY KEY", "nullable": true}}}'),
  (11, '{"add_column": {"table": "things", "column": {"name": "x", "type": "text, y int", "nullable": true}}}'),
  (12, '{"add_column": {"table": "things", "column": {"name": "x", "type": "varchar(0)", "nullable": true}}}'),
  (13, '{"add_column": {"table": "things", "column": {"name": "x", "type": "smallint", "default": "100000"}}}'),
  (14, '{"add_column": {"table": "things", "column": {"name": "a_name_of_sixty_four_bytes_is_one_more_than_postgresql_can_store_", "type": "int", "nullable": true}}}'),
  (15, '{"rename_column": {"table": "things", "from": "n", "to": "a_name_of_sixty_four_bytes_is_one_more_than_postgresql_can_store_"}}'),
  (16, '{"rename_table": {"from": "things", "to": "a_name_of_sixty_four_bytes_is_one_more_than_postgresql_can_store_"}}'),
  (17, '{"create_table": {"name": "a_name_of_sixty_four_bytes_is_one_more_than_postgresql_can_store_", "columns": []}}'),
  (18, '{"create_index": {"name": "a_name_of_sixty_four_bytes_is_one_more_than_postgresql_can_store_", "table": "things", "columns": ["n"]}}'),
  (19, '{"rename_constraint": {"table": "things", "from": "things_n", "to": "a_name_of_sixty_four_bytes_is_one_more_than_postgresql_can_store_"}}'),
  (20, '{"drop_constraint": {"table": "nobody", "name": "x", "down": "a"}}'),
  (21, '{"drop_constraint": {"table": "posts", "down": "a"}}'),
  (22, '{"drop_constraint": {"table": "posts", "name": "posts_title"}}'),
  (23, '{"drop_multicolumn_constraint": {"table": "posts", "name": "a_b"}}'),
  (24, '{"drop_constraint": {"table": "posts", "name": "posts_pkey", "down": "id"}}'),
  (25, '{"drop_constraint": {"table": "things", "name": "things_during", "down": "during"}}'),
  (26, '{"rename_constraint": {"table": "nobody", "from": "x", "to": "y"}}'),
  (27, '{"drop_index": {"name": "things_pkey"}}')
) t (n, operation) ORDER BY n;

-- sql
SELECT va.refusal(operation) FROM (VALUES
  (1, '{"sql": {"up": ""}}'),
  (2, '{"sql": {"down": "SELECT 1"}}'),
  (3, '{"sql": {"up": "SELECT 1", "down": "SELECT 1", "onComplete": true}}'),
  (4, '{"sql": {"up": "SELECT 1", "oncomplete": true}}'),
  (5, '{"sql": {"up": "SELECT nonsense"}}'),
  (6, '{"sql": {"up": "COMMIT"}}'),
  (7, '{"sql": {"up": "SELECT 1; SELEKT 2"}}'),
  (8, '{"sql": {"up": "CREATE TABLE va.made (a int)", "down": "DORP TABLE va.made"}}'),
  (9, '{"sql": {"up": "ALTER TABLE va.things ADD", "onComplete": true}}'),
  (10, '{"sql": {"up": "UPDATE nobody SET a = 1"}}'),
  (11, '{"sql": {"up": "SELECT 1"}}, {"add_column": {"table": "things", "column": {"name": "n", "type": "int", "nullable": true}}}')
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
