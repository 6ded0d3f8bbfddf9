-- Every operation on a table that the same migration creates: at once, whatever it changes, for the table is empty and only the new version sees it.
CREATE SCHEMA cr;
CREATE TABLE cr.users (id integer PRIMARY KEY, name text);
INSERT INTO cr.users VALUES (1, 'Ann');
CREATE TABLE cr.orders (id integer CONSTRAINT orders_pkey PRIMARY KEY, CONSTRAINT orders_id CHECK (id > 0));
SELECT migrate_start('00_init', '{"operations": []}', 'cr');
SELECT migrate_complete('cr');
SELECT helper.remember('cr');

-- Columns.
SELECT migrate_start('01_columns', $m${"operations": [
  {"create_table": {"name": "t", "columns": [
    {"name": "id", "type": "serial", "pk": true},
    {"name": "code", "type": "text", "default": "'7'", "unique": true, "check": {"name": "code_check", "constraint": "code <> ''"}},
    {"name": "size", "type": "integer", "nullable": true, "default": "1 + 1"},
    {"name": "user_id", "type": "text", "nullable": true},
    {"name": "twice", "type": "integer", "nullable": true, "generated": {"expression": "size * 2"}},
    {"name": "note", "type": "text"}]}},
  {"rename_column": {"table": "t", "from": "code", "to": "number"}},
  {"alter_column": {"table": "t", "column": "id", "type": "bigint", "up": "id", "down": "id"}},
  {"alter_column": {"table": "t", "column": "user_id", "type": "integer", "nullable": false, "default": "1", "comment": "who", "references": {"name": "t_user", "table": "users", "column": "id", "on_delete": "CASCADE", "deferrable": true}, "up": "user_id::integer", "down": "user_id::text"}},
  {"alter_column": {"table": "t", "column": "note", "nullable": true, "down": "coalesce(note, '')"}},
  {"alter_column": {"table": "t", "column": "number", "type": "varchar(5)", "unique": {"name": "number_again"}, "check": {"name": "number_long", "constraint": "length(number) < 4"}, "up": "number", "down": "number"}},
  {"alter_column": {"table": "t", "column": "twice", "type": "bigint", "up": "twice", "down": "twice"}},
  {"add_column": {"table": "t", "up": "SELECT count(*) FROM users", "column": {"name": "added", "type": "integer", "unique": true, "comment": "it's new", "default": "5", "check": {"name": "added_check", "constraint": "added > 3 OR number = '0'"}}}},
  {"add_column": {"table": "t", "column": {"name": "counter", "type": "bigserial"}}},
  {"add_column": {"table": "t", "column": {"name": "parent", "type": "bigint", "nullable": true, "references": {"name": "t_parent", "table": "t", "column": "id"}}}},
  {"drop_column": {"table": "t", "column": "note"}},
  {"rename_table": {"from": "t", "to": "things"}},
  {"alter_column": {"table": "things", "column": "size", "default": null, "comment": "how big"}},
  {"create_index": {"name": "things_size", "table": "things", "columns": [{"column": "size", "sort": "DESC"}], "predicate": "added > 0"}}]}$m$, 'cr');
SELECT state FROM migrate_status('cr') WHERE name = '01_columns';
INSERT INTO cr_01_columns.things (number) VALUES ('7') RETURNING *;
INSERT INTO cr_01_columns.things (number, size, added, parent) VALUES ('8', 4, 9, 1) RETURNING *;
SELECT helper.try($$INSERT INTO cr_01_columns.things (number, added) VALUES ('7', 20)$$);
SELECT helper.try($$INSERT INTO cr_01_columns.things (number, added) VALUES ('1000', 2000)$$);
SELECT helper.try($$INSERT INTO cr_01_columns.things (number, user_id, added) VALUES ('9', 2, 10)$$);
SELECT helper.try($$INSERT INTO cr_01_columns.things (number, user_id, added) VALUES ('9', NULL, 10)$$);
SELECT helper.try($$INSERT INTO cr_01_columns.things (number, added) VALUES ('9', 3)$$);
SELECT helper.try($$INSERT INTO cr_01_columns.things (number, added, parent) VALUES ('9', 10, 77)$$);
SELECT migrate_rollback(schema_name => 'cr');
SELECT helper.changes('cr');
SELECT migrate_start('01_columns', $m${"operations": [
  {"create_table": {"name": "t", "columns": [
    {"name": "id", "type": "serial", "pk": true},
    {"name": "code", "type": "text", "default": "'7'", "unique": true, "check": {"name": "code_check", "constraint": "code <> ''"}},
    {"name": "size", "type": "integer", "nullable": true, "default": "1 + 1"},
    {"name": "user_id", "type": "text", "nullable": true},
    {"name": "twice", "type": "integer", "nullable": true, "generated": {"expression": "size * 2"}},
    {"name": "note", "type": "text"}]}},
  {"rename_column": {"table": "t", "from": "code", "to": "number"}},
  {"alter_column": {"table": "t", "column": "id", "type": "bigint", "up": "id", "down": "id"}},
  {"alter_column": {"table": "t", "column": "user_id", "type": "integer", "nullable": false, "default": "1", "comment": "who", "references": {"name": "t_user", "table": "users", "column": "id", "on_delete": "CASCADE", "deferrable": true}, "up": "user_id::integer", "down": "user_id::text"}},
  {"alter_column": {"table": "t", "column": "note", "nullable": true, "down": "coalesce(note, '')"}},
  {"alter_column": {"table": "t", "column": "number", "type": "varchar(5)", "unique": {"name": "number_again"}, "check": {"name": "number_long", "constraint": "length(number) < 4"}, "up": "number", "down": "number"}},
  {"alter_column": {"table": "t", "column": "twice", "type": "bigint", "up": "twice", "down": "twice"}},
  {"add_column": {"table": "t", "up": "SELECT count(*) FROM users", "column": {"name": "added", "type": "integer", "unique": true, "comment": "it's new", "default": "5", "check": {"name": "added_check", "constraint": "added > 3 OR number = '0'"}}}},
  {"add_column": {"table": "t", "column": {"name": "counter", "type": "bigserial"}}},
  {"add_column": {"table": "t", "column": {"name": "parent", "type": "bigint", "nullable": true, "references": {"name": "t_parent", "table": "t", "column": "id"}}}},
  {"drop_column": {"table": "t", "column": "note"}},
  {"rename_table": {"from": "t", "to": "things"}},
  {"alter_column": {"table": "things", "column": "size", "default": null, "comment": "how big"}},
  {"create_index": {"name": "things_size", "table": "things", "columns": [{"column": "size", "sort": "DESC"}], "predicate": "added > 0"}}]}$m$, 'cr');
SELECT migrate_complete('cr');
SELECT helper.changes('cr');

-- Constraints and indexes: made, renamed and dropped. A name is free again when what had it is gone.
SELECT helper.remember('cr');
SELECT migrate_start('02_constraints', $m${"operations": [
  {"create_table": {"name": "c", "columns": [{"name": "a", "type": "integer"}, {"name": "b", "type": "integer", "unique": true, "check": {"name": "b_check", "constraint": "b > 0"}},
      {"name": "u", "type": "integer", "references": {"name": "c_user", "table": "users", "column": "id"}}], "constraints": [{"name": "a_b", "type": "check", "check": "a < b"}]}},
  {"create_constraint": {"table": "c", "name": "c_pkey", "type": "primary_key", "columns": ["a", "b"], "up": {"a": "a", "b": "b"}, "down": {"a": "a", "b": "b"}}},
  {"create_constraint": {"table": "c", "name": "c_unique", "type": "unique", "columns": ["a"], "index_parameters": {"include_columns": ["u"]}, "up": {"a": "a"}, "down": {"a": "a"}}},
  {"create_constraint": {"table": "c", "name": "c_check", "type": "check", "columns": ["a"], "check": "a <> 5", "no_inherit": true, "up": {"a": "a"}, "down": {"a": "a"}}},
  {"create_constraint": {"table": "c", "name": "c_order", "type": "foreign_key", "columns": ["a"], "references": {"table": "orders", "columns": ["id"], "on_delete": "RESTRICT"}, "up": {"a": "a"}, "down": {"a": "a"}}},
  {"rename_constraint": {"table": "c", "from": "c_check", "to": "a_not_five"}},
  {"rename_constraint": {"table": "c", "from": "c_unique", "to": "c_check"}},
  {"drop_constraint": {"table": "c", "name": "c_b_key", "down": "b"}},
  {"drop_constraint": {"table": "c", "name": "c_user", "up": "u", "down": "u"}},
  {"drop_multicolumn_constraint": {"table": "c", "name": "a_b", "down": {"a": "a", "b": "b"}}},
  {"create_index": {"name": "c_b_key", "table": "c", "columns": ["b"]}},
  {"create_index": {"name": "c_u", "table": "c", "columns": ["u"], "unique": true}},
  {"drop_index": {"name": "c_b_key"}},
  {"create_index": {"name": "c_b_key", "table": "c", "columns": ["b", "a"]}},
  {"add_column": {"table": "c", "column": {"name": "gone", "type": "integer", "unique": true, "nullable": true}}},
  {"create_index": {"name": "c_gone", "table": "c", "columns": ["gone"]}},
  {"drop_column": {"table": "c", "column": "gone"}},
  {"create_index": {"name": "c_gone", "table": "c", "columns": ["u", "a"]}},
  {"set_replica_identity": {"table": "c", "identity": {"type": "index", "index": "c_u"}}},
  {"create_table": {"name": "d", "columns": [{"name": "a", "type": "serial", "pk": true}]}},
  {"drop_table": {"name": "d"}},
  {"create_table": {"name": "d", "columns": [{"name": "b", "type": "text", "pk": true}]}}]}$m$, 'cr');
SELECT migrate_rollback(schema_name => 'cr');
SELECT helper.changes('cr');
SELECT migrate_start('02_constraints', $m${"operations": [
  {"create_table": {"name": "c", "columns": [{"name": "a", "type": "integer"}, {"name": "b", "type": "integer", "unique": true, "check": {"name": "b_check", "constraint": "b > 0"}},
      {"name": "u", "type": "integer", "references": {"name": "c_user", "table": "users", "column": "id"}}], "constraints": [{"name": "a_b", "type": "check", "check": "a < b"}]}},
  {"create_constraint": {"table": "c", "name": "c_pkey", "type": "primary_key", "columns": ["a", "b"], "up": {"a": "a", "b": "b"}, "down": {"a": "a", "b": "b"}}},
  {"create_constraint": {"table": "c", "name": "c_unique", "type": "unique", "columns": ["a"], "index_parameters": {"include_columns": ["u"]}, "up": {"a": "a"}, "down": {"a": "a"}}},
  {"create_constraint": {"table": "c", "name": "c_check", "type": "check", "columns": ["a"], "check": "a <> 5", "no_inherit": true, "up": {"a": "a"}, "down": {"a": "a"}}},
  {"create_constraint": {"table": "c", "name": "c_order", "type": "foreign_key", "columns": ["a"], "references": {"table": "orders", "columns": ["id"], "on_delete": "RESTRICT"}, "up": {"a": "a"}, "down": {"a": "a"}}},
  {"rename_constraint": {"table": "c", "from": "c_check", "to": "a_not_five"}},
  {"rename_constraint": {"table": "c", "from": "c_unique", "to": "c_check"}},
  {"drop_constraint": {"table": "c", "name": "c_b_key", "down": "b"}},
  {"drop_constraint": {"table": "c", "name": "c_user", "up": "u", "down": "u"}},
  {"drop_multicolumn_constraint": {"table": "c", "name": "a_b", "down": {"a": "a", "b": "b"}}},
  {"create_index": {"name": "c_b_key", "table": "c", "columns": ["b"]}},
  {"create_index": {"name": "c_u", "table": "c", "columns": ["u"], "unique": true}},
  {"drop_index": {"name": "c_b_key"}},
  {"create_index": {"name": "c_b_key", "table": "c", "columns": ["b", "a"]}},
  {"add_column": {"table": "c", "column": {"name": "gone", "type": "integer", "unique": true, "nullable": true}}},
  {"create_index": {"name": "c_gone", "table": "c", "columns": ["gone"]}},
  {"drop_column": {"table": "c", "column": "gone"}},
  {"create_index": {"name": "c_gone", "table": "c", "columns": ["u", "a"]}},
  {"set_replica_identity": {"table": "c", "identity": {"type": "index", "index": "c_u"}}},
  {"create_table": {"name": "d", "columns": [{"name": "a", "type": "serial", "pk": true}]}},
  {"drop_table": {"name": "d"}},
  {"create_table": {"name": "d", "columns": [{"name": "b", "type": "text", "pk": true}]}}]}$m$, 'cr');
SELECT migrate_complete('cr');
SELECT helper.changes('cr');

-- A table that takes the place of one that is dropped: its own key's name waits until completion, or is given up before.
SELECT helper.remember('cr');
SELECT migrate_start('03_instead', $m${"operations": [
  {"drop_table": {"name": "d"}}, {"drop_table": {"name": "things"}},
  {"create_table": {"name": "d", "columns": [{"name": "n", "type": "integer", "pk": true}]}},
  {"alter_column": {"table": "d", "column": "n", "type": "bigint", "up": "n", "down": "n"}},
  {"add_column": {"table": "d", "column": {"name": "m", "type": "serial"}}},
  {"create_table": {"name": "things", "columns": [{"name": "id", "type": "integer", "unique": true}]}},
  {"create_constraint": {"table": "things", "name": "t_pkey", "type": "primary_key", "columns": ["id"], "up": {"id": "id"}, "down": {"id": "id"}}},
  {"rename_constraint": {"table": "things", "from": "things_id_key", "to": "own_name"}}]}$m$, 'cr');
INSERT INTO cr_03_instead.d VALUES (5000000000);
SELECT migrate_complete('cr');
SELECT helper.changes('cr');

-- What is refused.
CREATE FUNCTION cr.refusal(operation text) RETURNS text LANGUAGE sql AS $$
SELECT helper.refusal('{"create_table": {"name": "n", "columns": [{"name": "a", "type": "integer", "pk": true}, {"name": "b", "type": "text", "nullable": true, "unique": true}]}}, ' || operation, 'cr')
$$;
SELECT cr.refusal(operation) FROM (VALUES
  (1, '{"alter_column": {"table": "n", "column": "x", "comment": "c"}}'),
  (2, '{"alter_column": {"table": "n", "column": "a", "nullable": false, "up": "a"}}'),
  (3, '{"alter_column": {"table": "n", "column": "b", "nullable": true, "down": "b"}}'),
  (4, '{"alter_column": {"table": "n", "column": "a", "nullable": true, "down": "a"}}'),
  (5, '{"alter_column": {"table": "n", "column": "b", "type": "nonsense", "up": "b", "down": "b"}}'),
  (6, '{"alter_column": {"table": "n", "column": "b", "type": "integer", "up": "nothing", "down": "b"}}'),
  (7, '{"alter_column": {"table": "n", "column": "b", "default": "a"}}'),
  (8, '{"alter_column": {"table": "n", "column": "b", "unique": {"name": "n_b_key"}}}'),
  (9, '{"alter_column": {"table": "n", "column": "b", "unique": {"name": "users_pkey"}}}'),
  (10, '{"alter_column": {"table": "n", "column": "b", "check": {"name": "c", "constraint": "b"}, "up": "b", "down": "b"}}'),
  (11, '{"add_column": {"table": "n", "column": {"name": "a", "type": "integer", "nullable": true}}}'),
  (12, '{"add_column": {"table": "n", "up": "nothing", "column": {"name": "c", "type": "integer"}}}'),
  (13, '{"create_constraint": {"table": "n", "name": "again", "type": "primary_key", "columns": ["b"], "up": {"b": "b"}, "down": {"b": "b"}}}'),
  (14, '{"create_constraint": {"table": "n", "name": "n_b_key", "type": "check", "check": "b > ''''''''", "columns": ["b"], "up": {"b": "b"}, "down": {"b": "b"}}}'),
  (15, '{"create_constraint": {"table": "n", "name": "c", "type": "unique", "columns": ["x"], "up": {"x": "x"}, "down": {"x": "x"}}}'),
  (16, '{"create_constraint": {"table": "n", "name": "c", "type": "unique", "columns": ["b"], "up": {"b": "nothing"}, "down": {"b": "b"}}}'),
  (17, '{"drop_constraint": {"table": "n", "name": "nothing", "down": "a"}}'),
  (18, '{"drop_constraint": {"table": "n", "name": "n_pkey", "down": "a"}}'),
  (19, '{"drop_multicolumn_constraint": {"table": "n", "name": "n_b_key", "down": {"a": "a"}}}'),
  (20, '{"rename_constraint": {"table": "n", "from": "nothing", "to": "c"}}'),
  (21, '{"rename_constraint": {"table": "n", "from": "n_b_key", "to": "n_pkey"}}'),
  (22, '{"rename_constraint": {"table": "n", "from": "n_b_key", "to": "users_pkey"}}'),
  (23, '{"drop_index": {"name": "n_b_key"}}'),
  (24, '{"drop_column": {"table": "n", "column": "b"}}, {"drop_constraint": {"table": "n", "name": "n_b_key", "down": "b"}}'),
  (25, '{"create_index": {"name": "n_b_key", "table": "n", "columns": ["a"]}}'),
  (26, '{"set_replica_identity": {"table": "n", "identity": {"type": "index", "index": "nothing"}}}')
) t (n, operation) ORDER BY n;
SELECT helper.changes('cr');
SET client_min_messages = warning;
DROP SCHEMA cr, cr_03_instead CASCADE;
