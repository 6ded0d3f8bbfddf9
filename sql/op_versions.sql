-- What stands around the operations in a file: version_schema, an empty list, the old top-level name; old forms and YAML scalars.
CREATE SCHEMA ve;
CREATE TABLE ve.t (id integer PRIMARY KEY, a text, b integer);
INSERT INTO ve.t VALUES (1, 'one', 1);

-- No operations: a new version that looks like the one before.
SELECT migrate_start('01_empty', '{"operations": []}', 've');
INSERT INTO ve_01_empty.t VALUES (2, 'two', 2);
SELECT migrate_rollback(schema_name => 've');
SELECT migrate_start('01_empty', 'operations: []', 've');
SELECT migrate_complete('ve');

-- The version schema has another name than the migration; a name inside the file is ignored.
SELECT migrate_start('02_named', '{"name": "ignored", "version_schema": "v2", "operations": [{"rename_column": {"table": "t", "from": "b", "to": "c"}}]}', 've');
SELECT id, a, c FROM ve_v2.t ORDER BY id;
SELECT id, a, b FROM ve_01_empty.t ORDER BY id;
SELECT migrate_complete('ve');
SELECT name, version_schema, status FROM migrate_history('ve');
SELECT migrate_latest_version('ve');
SELECT nspname FROM pg_namespace WHERE nspname LIKE 've\_%' ORDER BY 1;
-- A name that must be quoted.
SELECT migrate_start('03', '{"version_schema": "Version \"3\"", "operations": []}', 've');
SELECT count(*) FROM "ve_Version ""3""".t;
SELECT migrate_complete('ve');
SELECT migrate_latest_version('ve');

-- The forms that create_index.columns had: a list of names, a map, a list of objects.
SELECT helper.remember('ve');
SELECT migrate_start('04_indexes', $m${"operations": [
  {"create_index": {"name": "names", "table": "t", "columns": ["a", "c"]}},
  {"create_index": {"name": "map", "table": "t", "columns": {"c": {"sort": "DESC", "nulls": "LAST"}, "a": {"collate": "\"C\""}, "id": {}}}},
  {"create_index": {"name": "objects", "table": "t", "columns": [{"column": "a", "opclass": {"name": "text_pattern_ops"}}, {"column": "c", "sort": "asc", "nulls": "first"}]}}]}$m$, 've');
CALL migrate_wait(schema_name => 've');
SELECT migrate_complete('ve');
SELECT helper.changes('ve');

-- YAML: quoted scalars are text, with SQL's quotes in them; block scalars, comments, and words that YAML takes for something else.
SELECT helper.remember('ve');
SELECT migrate_start('05_yaml', $m$
# a comment
operations:
  - add_column:
      table: t
      up: "'x' || a"
      column:
        name: d
        type: text
        default: "'it''s: # no comment'"
        comment: 'no: yes'
  - add_column:
      table: t
      column: {name: "yes", type: boolean, default: "true", nullable: false}
  - add_column:
      table: t
      up: |
        SELECT CASE
          WHEN a = 'one' THEN 1
          ELSE 2
        END
      column: {name: 'null', type: 'numeric(4,1)', check: {name: positive, constraint: '"null" > 0'}}
  - alter_column:
      table: t
      column: a
      default: null
      comment: ~
      nullable: no
      up: >-
        coalesce(a,
        'none')
  - sql:
      up: "COMMENT ON TABLE ve.t IS 'by onComplete'"
      onComplete: yes
$m$, 've');
CALL migrate_wait(schema_name => 've');
SELECT * FROM ve_05_yaml.t ORDER BY id;
INSERT INTO ve_05_yaml.t (id, a, "null") VALUES (3, 'three', 3);
SELECT * FROM ve_05_yaml.t WHERE id = 3;
SELECT migrate_complete('ve');
SELECT helper.changes('ve');

-- What is refused.
SELECT helper.try(format('SELECT migrate_start(%L, %L, ''ve'')', name, migration)) FROM (VALUES
  (1, '06', '{"operations": null}'),
  (2, '06', '{}'),
  (3, '06', '{"operations": {}}'),
  (4, '06', '{"operations": [], "version": 1}'),
  (5, '06', '{"operations": [{"create_tables": {}}]}'),
  (6, '06', '{"operations": [{"drop_table": {"name": "t"}, "drop_index": {"name": "names"}}]}'),
  (7, '06', '{"operations": [{"drop_table": {"name": "t", "cascade": true}}]}'),
  (8, '06', '{"operations": [{"drop_table": {}}]}'),
  (9, '06', '{"operations": [{"drop_table": {"name": 1.5}}]}'),
  (10, '06', '{"operations": [{"drop_table": "t"}]}'),
  (11, '06', 'operations: [drop_table: {name: t]'),
  (12, '06', ''),
  (13, '05_yaml', '{"operations": []}'),
  (14, '', '{"operations": []}'),
  (15, 'a_name_of_sixty_four_bytes_is_one_more_than_postgresql_can_store', '{"operations": []}'),
  (16, '06', '{"version_schema": "05_yaml", "operations": []}'),
  (17, '06', '{"version_schema": "a_name_of_sixty_one_bytes_and_the_schema_name_before_it_is_64", "operations": []}'),
  (18, '06', NULL)
) refused (n, name, migration) ORDER BY n;
SELECT helper.try($$SELECT migrate_start('06', '{"operations": []}', 'no such schema')$$);
SET client_min_messages = warning;
DROP SCHEMA ve, ve_05_yaml CASCADE;
