-- create_table: all kinds of columns and constraints; visible as a whole from the start, gone after rollback.
CREATE SCHEMA ct;
CREATE TABLE ct.users (id integer PRIMARY KEY, name text);
INSERT INTO ct.users VALUES (1, 'one');
SELECT helper.remember('ct');
SELECT migrate_start('01_orders', $m${"operations": [{"create_table": {"name": "orders", "comment": "what was bought", "columns": [
  {"name": "id", "type": "serial", "pk": true},
  {"name": "user_id", "type": "int", "references": {"name": "orders_user", "table": "users", "column": "id", "on_delete": "cascade"}},
  {"name": "code", "type": "varchar(10)", "unique": true, "default": "'none'", "comment": "its code"},
  {"name": "quantity", "type": "int", "nullable": true, "check": {"name": "positive", "constraint": "quantity > 0"}},
  {"name": "parent", "type": "int", "nullable": true, "references": {"name": "orders_parent", "table": "orders", "column": "id"}},
  {"name": "twice", "type": "int", "nullable": true, "generated": {"expression": "quantity * 2"}}],
  "constraints": [{"name": "code_long", "type": "check", "check": "length(code) > 1 AND \"code\" <> ';'"},
                  {"name": "both", "type": "unique", "columns": ["user_id", "code"], "index_parameters": {"include_columns": ["quantity"]}}]}}]}$m$, 'ct');
SELECT helper.changes('ct');
SELECT state, version_schema FROM migrate_status('ct');
INSERT INTO ct_01_orders.orders (user_id, quantity) VALUES (1, 3) RETURNING *;
SELECT helper.try('INSERT INTO ct_01_orders.orders (user_id) VALUES (2)');
SELECT helper.try('INSERT INTO ct_01_orders.orders (user_id, code) VALUES (1, ''x'')');
SELECT helper.try('INSERT INTO ct_01_orders.orders (user_id, code, quantity) VALUES (1, ''xy'', 0)');
SELECT migrate_rollback(schema_name => 'ct');
SELECT helper.changes('ct');

-- The same name can be used again after a rollback.
SELECT migrate_start('01_orders', '{"operations": [{"create_table": {"name": "orders", "columns": [{"name": "id", "type": "int", "pk": true}]}}]}', 'ct');
SELECT migrate_complete('ct');
SELECT helper.changes('ct');

-- Tables that the same migration creates are changed at once: several operations on one.
SELECT migrate_start('02_more', $m${"operations": [
  {"create_table": {"name": "tasks", "columns": [{"name": "id", "type": "int"}, {"name": "title", "type": "text"}]}},
  {"add_column": {"table": "tasks", "column": {"name": "due", "type": "date", "default": "current_date", "check": {"name": "not_old", "constraint": "due > '2000-01-01'"}}}},
  {"rename_column": {"table": "tasks", "from": "title", "to": "name"}},
  {"create_index": {"name": "tasks_name", "table": "tasks", "columns": [{"column": "name"}], "predicate": "due IS NOT NULL"}},
  {"create_constraint": {"name": "tasks_pkey", "table": "tasks", "type": "primary_key", "columns": ["id"], "up": {"id": "id"}, "down": {"id": "id"}}},
  {"drop_column": {"table": "tasks", "column": "name"}}]}$m$, 'ct');
SELECT state FROM migrate_status('ct');
SELECT helper.facts('ct');
SELECT migrate_rollback(schema_name => 'ct');
SELECT helper.changes('ct');

-- drop and create under the same name: the old table keeps it until completion.
SELECT migrate_start('02_swap', $m${"operations": [
  {"drop_table": {"name": "orders"}},
  {"create_table": {"name": "orders", "columns": [{"name": "number", "type": "bigint", "pk": true}]}}]}$m$, 'ct');
INSERT INTO ct_01_orders.orders VALUES (1);
INSERT INTO ct_02_swap.orders VALUES (2);
SELECT helper.facts('ct');
SELECT migrate_complete('ct');
SELECT helper.facts('ct');
SELECT * FROM ct.orders;
SET client_min_messages = warning;
DROP SCHEMA ct, ct_02_swap CASCADE;
