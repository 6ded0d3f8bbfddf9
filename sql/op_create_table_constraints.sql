-- create_table: every kind of constraint with every option it has; generated and identity columns.
CREATE SCHEMA tc;
CREATE TABLE tc.users (id integer PRIMARY KEY, tenant integer, code text, UNIQUE (tenant, code));
INSERT INTO tc.users VALUES (1, 1, 'a'), (2, 1, 'b');
SELECT helper.remember('tc');

SELECT migrate_start('01_keys', $m${"operations": [{"create_table": {"name": "keys", "columns": [
    {"name": "a", "type": "integer"}, {"name": "b", "type": "integer", "nullable": true}, {"name": "c", "type": "integer", "nullable": true}, {"name": "d", "type": "int4range", "nullable": true}],
  "constraints": [
    {"name": "the_key", "type": "primary_key", "columns": ["a"], "deferrable": true, "initially_deferred": true, "index_parameters": {"include_columns": ["b"], "storage_parameters": "fillfactor = 90"}},
    {"name": "unique_plain", "type": "unique", "columns": ["b", "c"]},
    {"name": "unique_nulls", "type": "unique", "columns": ["c"], "nulls_not_distinct": true, "index_parameters": {"include_columns": ["a", "b"], "tablespace": "pg_default"}},
    {"name": "unique_deferrable", "type": "unique", "columns": ["b"], "deferrable": true},
    {"name": "no_overlap", "type": "exclude", "exclude": {"index_method": "gist", "elements": "d WITH &&", "predicate": "a > 0"}, "deferrable": true},
    {"name": "no_twin", "type": "exclude", "exclude": {"index_method": "btree", "elements": "(b + c) WITH ="}, "index_parameters": {"storage_parameters": "fillfactor = 80"}},
    {"name": "c_small", "type": "check", "check": "c < 100"},
    {"name": "own", "type": "check", "check": "a IS DISTINCT FROM b", "no_inherit": true}]}}]}$m$, 'tc');
SELECT state FROM migrate_status('tc');
SELECT helper.changes('tc');
INSERT INTO tc_01_keys.keys VALUES (1, 2, NULL, '[1,5)'), (2, 3, 4, '[5,9)');
SELECT helper.try('INSERT INTO tc_01_keys.keys VALUES (3, 4, NULL, NULL)');
SELECT helper.try('INSERT INTO tc_01_keys.keys VALUES (3, 3, 4, NULL)');
SELECT helper.try('INSERT INTO tc_01_keys.keys VALUES (3, 4, 5, ''[8,10)'')');
SELECT helper.try('INSERT INTO tc_01_keys.keys VALUES (3, 6, 1, NULL)');
SELECT helper.try('INSERT INTO tc_01_keys.keys VALUES (3, 1, 100, NULL)');
SELECT helper.try('INSERT INTO tc_01_keys.keys VALUES (4, 3, 6, NULL)');
SELECT helper.try('INSERT INTO tc_01_keys.keys VALUES (1, 8, 9, NULL); SET CONSTRAINTS ALL IMMEDIATE');
SELECT migrate_rollback(schema_name => 'tc');
SELECT helper.changes('tc');

-- Foreign keys: of columns and of the table, match types, actions, columns to set, deferrable; to itself.
SELECT migrate_start('02_references', $m${"operations": [{"create_table": {"name": "refs", "columns": [
    {"name": "id", "type": "integer", "pk": true},
    {"name": "user_id", "type": "integer", "nullable": true, "references": {"name": "refs_user", "table": "users", "column": "id", "on_delete": "set null", "on_update": "CASCADE", "match_type": "full"}},
    {"name": "owner_id", "type": "integer", "nullable": true, "references": {"name": "refs_owner", "table": "users", "column": "id", "on_delete": "RESTRICT", "deferrable": true, "initially_deferred": true}},
    {"name": "tenant", "type": "integer", "default": "1"}, {"name": "code", "type": "text", "nullable": true},
    {"name": "parent", "type": "integer", "nullable": true}],
  "constraints": [
    {"name": "refs_code", "type": "foreign_key", "columns": ["tenant", "code"], "references": {"table": "users", "columns": ["tenant", "code"], "on_delete": "SET NULL", "on_delete_set_columns": ["code"], "on_update": "NO ACTION"}},
    {"name": "refs_full", "type": "foreign_key", "columns": ["tenant", "code"], "references": {"table": "users", "columns": ["tenant", "code"], "match_type": "FULL", "on_delete": "SET DEFAULT"}, "deferrable": true},
    {"name": "refs_parent", "type": "foreign_key", "columns": ["parent"], "references": {"table": "refs", "columns": ["id"], "on_delete": "CASCADE"}, "deferrable": true, "initially_deferred": true}]}}]}$m$, 'tc');
SELECT helper.changes('tc');
INSERT INTO tc_02_references.refs (id, user_id, code, parent) VALUES (1, 1, 'a', 2), (2, NULL, 'b', NULL);
SELECT helper.try('INSERT INTO tc_02_references.refs (id, user_id) VALUES (3, 9)');
SELECT helper.try('INSERT INTO tc_02_references.refs (id, code) VALUES (3, ''z'')');
SELECT helper.try('INSERT INTO tc_02_references.refs (id, code) VALUES (3, NULL)');
SELECT helper.try('INSERT INTO tc_02_references.refs (id, code, owner_id) VALUES (3, ''a'', 9); SET CONSTRAINTS ALL IMMEDIATE');
SELECT migrate_complete('tc');
UPDATE tc.users SET id = 11 WHERE id = 1;
SELECT id, user_id, code FROM tc.refs ORDER BY id;
DELETE FROM tc.refs WHERE id = 2;
SELECT count(*) FROM tc.refs;
SELECT helper.changes('tc');

-- Columns: generated, identity in both forms, a default that is an expression, comments, a column check without inheritance.
SELECT helper.remember('tc');
SELECT migrate_start('03_columns', $m${"operations": [{"create_table": {"name": "cols", "comment": "it's all here", "columns": [
    {"name": "id", "type": "bigint", "pk": true, "generated": {"identity": {"user_specified_values": "ALWAYS", "sequence_options": "START WITH 100 INCREMENT BY 10"}}},
    {"name": "number", "type": "integer", "unique": true, "generated": {"identity": {"user_specified_values": "by default"}}},
    {"name": "first", "type": "text"}, {"name": "last", "type": "text", "default": "upper('x' || 1)", "comment": "the family's"},
    {"name": "full", "type": "text", "generated": {"expression": "first || ' ' || last"}},
    {"name": "small", "type": "smallserial"},
    {"name": "tags", "type": "varchar(5)[]", "default": "'{}'", "check": {"name": "few", "constraint": "cardinality(tags) < 3", "no_inherit": true}}]}}]}$m$, 'tc');
SELECT helper.changes('tc');
INSERT INTO tc_03_columns.cols (first) VALUES ('a') RETURNING *;
INSERT INTO tc_03_columns.cols (first, last, number, tags) VALUES ('b', 'c', 50, '{x,y}') RETURNING *;
SELECT helper.try($$INSERT INTO tc_03_columns.cols (id, first) VALUES (1, 'x')$$);
SELECT helper.try($$INSERT INTO tc_03_columns.cols (first, "full") VALUES ('x', 'x')$$);
SELECT helper.try($$INSERT INTO tc_03_columns.cols (first, tags) VALUES ('x', '{1,2,3}')$$);
SELECT helper.try($$INSERT INTO tc_03_columns.cols (first, number) VALUES ('x', 50)$$);
SELECT helper.try($$INSERT INTO tc_03_columns.cols (last) VALUES ('x')$$);
SELECT migrate_rollback(schema_name => 'tc');
SELECT helper.changes('tc');

-- A constraint takes a name that the columns' keys would have; a table without columns, and one without rows or constraints.
SELECT migrate_start('04_names', $m${"operations": [
  {"create_table": {"name": "k", "columns": [{"name": "a", "type": "integer"}], "constraints": [{"name": "k_pkey", "type": "primary_key", "columns": ["a"]}]}},
  {"create_table": {"name": "bare", "columns": [{"name": "Mixed Case", "type": "text", "nullable": true}]}},
  {"create_table": {"name": "nothing", "columns": []}}]}$m$, 'tc');
SELECT migrate_complete('tc');
SELECT helper.changes('tc');

-- What is refused.
SELECT helper.refusal(format('{"create_table": {"name": "n", "columns": [{"name": "a", "type": "integer"}, {"name": "b", "type": "integer"}], "constraints": [%s]}}', c), 'tc') FROM (VALUES
  (1, '{"type": "unique", "columns": ["a"]}'),
  (2, '{"name": "c", "columns": ["a"]}'),
  (3, '{"name": "c", "type": "unique"}'),
  (4, '{"name": "c", "type": "unique", "columns": ["x"]}'),
  (5, '{"name": "c", "type": "unique", "columns": ["a", "a"]}'),
  (6, '{"name": "c", "type": "unique", "columns": ["a"], "check": "a > 0"}'),
  (7, '{"name": "c", "type": "unique", "columns": ["a"], "no_inherit": true}'),
  (8, '{"name": "c", "type": "unique", "columns": ["a"], "initially_deferred": true}'),
  (9, '{"name": "c", "type": "check"}'),
  (10, '{"name": "c", "type": "check", "check": "a > 0", "deferrable": true}'),
  (11, '{"name": "c", "type": "check", "check": "a > 0", "nulls_not_distinct": true}'),
  (12, '{"name": "c", "type": "check", "check": "a > 0", "index_parameters": {"include_columns": ["b"]}}'),
  (13, '{"name": "c", "type": "check", "check": "a > z"}'),
  (14, '{"name": "c", "type": "primary_key"}'),
  (15, '{"name": "c", "type": "primary_key", "columns": ["a"]}, {"name": "d", "type": "primary_key", "columns": ["b"]}'),
  (16, '{"name": "c", "type": "foreign_key", "references": {"table": "users", "columns": ["id"]}}'),
  (17, '{"name": "c", "type": "foreign_key", "columns": ["a"]}'),
  (18, '{"name": "c", "type": "foreign_key", "columns": ["a"], "references": {"table": "nobody", "columns": ["id"]}}'),
  (19, '{"name": "c", "type": "foreign_key", "columns": ["a"], "references": {"table": "users", "columns": ["nothing"]}}'),
  (20, '{"name": "c", "type": "foreign_key", "columns": ["a", "b"], "references": {"table": "users", "columns": ["id"]}}'),
  (21, '{"name": "c", "type": "foreign_key", "columns": ["a"], "references": {"table": "users", "columns": ["id"], "on_delete_set_columns": ["a"]}}'),
  (22, '{"name": "c", "type": "foreign_key", "columns": ["a"], "references": {"table": "users", "columns": ["id"], "on_delete": "SET NULL", "on_delete_set_columns": ["b"]}}'),
  (23, '{"name": "c", "type": "foreign_key", "columns": ["a"], "references": {"table": "users", "columns": ["id"], "match_type": "partial"}}'),
  (24, '{"name": "c", "type": "foreign_key", "columns": ["a"], "references": {"table": "users", "columns": ["id"], "on_update": "explode"}}'),
  (25, '{"name": "c", "type": "exclude"}'),
  (26, '{"name": "c", "type": "exclude", "exclude": {"index_method": "gist"}}'),
  (27, '{"name": "c", "type": "exclude", "columns": ["a"], "exclude": {"elements": "a WITH ="}}'),
  (28, '{"name": "users_pkey", "type": "unique", "columns": ["a"]}'),
  (29, '{"name": "c", "type": "unique", "columns": ["a"]}, {"name": "c", "type": "check", "check": "a > 0"}'),
  (30, '{"name": "c", "type": "nothing", "columns": ["a"]}'),
  (31, '{"name": "a_name_of_sixty_four_bytes_is_one_more_than_postgresql_can_store_", "type": "check", "check": "a > 0"}')
) refused (n, c) ORDER BY n;
SELECT helper.refusal(format('{"create_table": {"name": "n", "columns": [%s]}}', c), 'tc') FROM (VALUES
  (1, '{"type": "integer"}'),
  (2, '{"name": "a"}'),
  (3, '{"name": "a", "type": "nonsense"}'),
  (4, '{"name": "a", "type": "integer"}, {"name": "a", "type": "text"}'),
  (5, '{"name": "a", "type": "integer", "default": "''x''"}'),
  (6, '{"name": "a", "type": "integer", "default": "b"}'),
  (7, '{"name": "a", "type": "integer", "generated": {}}'),
  (8, '{"name": "a", "type": "integer", "generated": {"expression": "1", "identity": {}}}'),
  (9, '{"name": "a", "type": "integer", "generated": {"expression": "random()"}}'),
  (10, '{"name": "a", "type": "text", "generated": {"identity": {}}}'),
  (11, '{"name": "a", "type": "integer", "generated": {"identity": {"user_specified_values": "SOMETIMES"}}}'),
  (12, '{"name": "a", "type": "integer", "check": {"constraint": "a > 0"}}'),
  (13, '{"name": "a", "type": "integer", "check": {"name": "c"}}'),
  (14, '{"name": "a", "type": "integer", "check": {"name": "c", "constraint": "a + 1"}}'),
  (15, '{"name": "a", "type": "integer", "references": {"table": "users", "column": "id"}}'),
  (16, '{"name": "a", "type": "integer", "references": {"name": "f", "table": "users"}}'),
  (17, '{"name": "a", "type": "integer", "references": {"name": "f", "table": "users", "column": "tenant"}}'),
  (18, '{"name": "a_name_of_sixty_four_bytes_is_one_more_than_postgresql_can_store_", "type": "integer"}')
) refused (n, c) ORDER BY n;
SELECT helper.try($$SELECT migrate_start('05', '{"operations": [{"create_table": {"name": "users", "columns": []}}]}', 'tc')$$);
SELECT helper.try($$SELECT migrate_start('05', '{"operations": [{"create_table": {"name": "users_pkey", "columns": []}}]}', 'tc')$$);
SELECT helper.try($$SELECT migrate_start('05', '{"operations": [{"create_table": {"name": "n"}}]}', 'tc')$$);
SELECT count(*) FROM migrate_status('tc') WHERE state <> 'completed';
SET client_min_messages = warning;
DROP SCHEMA tc, tc_04_names CASCADE;
