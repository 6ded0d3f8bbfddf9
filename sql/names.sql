-- Names of every kind: mixed case, quotes, keywords, 63 bytes, Unicode, and those we and others use for our own purposes
-- (xataio/pgroll#826, #831: case; #64: length; a column called search_path or latest_schema collides with its trigger's variables).
CREATE SCHEMA "Na mes";
CREATE TABLE "Na mes"."Täble ""of"" names" (
    id integer PRIMARY KEY,
    "Mixed Case" integer,
    "quo""te" integer,
    "apos'trophe" integer,
    "dollar$1" integer,
    "a.b" integer,
    "select" integer,
    "user" integer,
    "order" integer,
    "old" integer,
    "new" integer,
    "oid" integer,
    "value" integer,
    "search_path" integer,
    "latest_schema" integer,
    "tg_op" integer,
    "public" integer,
    "t" integer,
    "_pgmigrate_new_old" integer,
    "_pgmigrate_not_null_old" integer,
    "_pgmigrate_new_new" integer,
    "$1" integer,
    "%s" integer,
    "{}" integer,
    "back\slash" integer,
    "é😀" integer,
    "a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___" integer,
    "größeääääääääääääääääääääääääääää" integer
);
INSERT INTO "Na mes"."Täble ""of"" names" (id, "old", "new", "Mixed Case") VALUES (1, 10, 20, 30), (2, NULL, NULL, NULL);
SELECT migrate_start('00_init', '{"operations": []}', 'Na mes');
SELECT migrate_complete('Na mes');
SELECT helper.remember('"Na mes"');

-- Every column is replaced. Names of ours give way to those that are there.
SELECT migrate_start('01 "Every" column', $m${"operations": [
  {"alter_column": {"table": "Täble \"of\" names", "column": "Mixed Case", "type": "bigint", "nullable": false, "up": "coalesce(\"Mixed Case\", 0)", "down": "\"Mixed Case\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "quo\"te", "type": "bigint", "nullable": false, "up": "coalesce(\"quo\"\"te\", 1)", "down": "\"quo\"\"te\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "apos'trophe", "type": "bigint", "nullable": false, "up": "coalesce(\"apos'trophe\", 2)", "down": "\"apos'trophe\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "dollar$1", "type": "bigint", "nullable": false, "up": "coalesce(\"dollar$1\", 3)", "down": "\"dollar$1\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "a.b", "type": "bigint", "nullable": false, "up": "coalesce(\"a.b\", 4)", "down": "\"a.b\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "select", "type": "bigint", "nullable": false, "up": "coalesce(\"select\", 5)", "down": "\"select\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "user", "type": "bigint", "nullable": false, "up": "coalesce(\"user\", 6)", "down": "\"user\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "order", "type": "bigint", "nullable": false, "up": "coalesce(\"order\", 7)", "down": "\"order\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "old", "type": "bigint", "nullable": false, "up": "coalesce(\"old\", 8)", "down": "\"old\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "new", "type": "bigint", "nullable": false, "up": "coalesce(\"new\", 9)", "down": "\"new\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "oid", "type": "bigint", "nullable": false, "up": "coalesce(\"oid\", 10)", "down": "\"oid\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "value", "type": "bigint", "nullable": false, "up": "coalesce(\"value\", 11)", "down": "\"value\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "search_path", "type": "bigint", "nullable": false, "up": "coalesce(\"search_path\", 12)", "down": "\"search_path\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "latest_schema", "type": "bigint", "nullable": false, "up": "coalesce(\"latest_schema\", 13)", "down": "\"latest_schema\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "tg_op", "type": "bigint", "nullable": false, "up": "coalesce(\"tg_op\", 14)", "down": "\"tg_op\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "public", "type": "bigint", "nullable": false, "up": "coalesce(\"public\", 15)", "down": "\"public\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "t", "type": "bigint", "nullable": false, "up": "coalesce(\"t\", 16)", "down": "\"t\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "_pgmigrate_new_old", "type": "bigint", "nullable": false, "up": "coalesce(\"_pgmigrate_new_old\", 17)", "down": "\"_pgmigrate_new_old\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "_pgmigrate_not_null_old", "type": "bigint", "nullable": false, "up": "coalesce(\"_pgmigrate_not_null_old\", 18)", "down": "\"_pgmigrate_not_null_old\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "_pgmigrate_new_new", "type": "bigint", "nullable": false, "up": "coalesce(\"_pgmigrate_new_new\", 19)", "down": "\"_pgmigrate_new_new\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "$1", "type": "bigint", "nullable": false, "up": "coalesce(\"$1\", 20)", "down": "\"$1\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "%s", "type": "bigint", "nullable": false, "up": "coalesce(\"%s\", 21)", "down": "\"%s\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "{}", "type": "bigint", "nullable": false, "up": "coalesce(\"{}\", 22)", "down": "\"{}\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "back\\slash", "type": "bigint", "nullable": false, "up": "coalesce(\"back\\slash\", 23)", "down": "\"back\\slash\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "é😀", "type": "bigint", "nullable": false, "up": "coalesce(\"é😀\", 24)", "down": "\"é😀\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___", "type": "bigint", "nullable": false, "up": "coalesce(\"a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___\", 25)", "down": "\"a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "größeääääääääääääääääääääääääääää", "type": "bigint", "nullable": false, "up": "coalesce(\"größeääääääääääääääääääääääääääää\", 26)", "down": "\"größeääääääääääääääääääääääääääää\""}}]}$m$, 'Na mes');
CALL migrate_wait(schema_name => 'Na mes');
SELECT count(*) AS replaced FROM pg_attribute WHERE attrelid = '"Na mes"."Täble ""of"" names"'::regclass AND attname LIKE '\_pgmigrate\_new\_%';
SELECT bool_and(octet_length(attname::text) <= 63) FROM pg_attribute WHERE attrelid = '"Na mes"."Täble ""of"" names"'::regclass;
INSERT INTO "Na mes_00_init"."Täble ""of"" names" (id, "Mixed Case") VALUES (3, 33);
\x on
SELECT * FROM "Na mes_01 ""Every"" column"."Täble ""of"" names" ORDER BY id;
UPDATE "Na mes_01 ""Every"" column"."Täble ""of"" names" SET "old" = -1, "_pgmigrate_new_old" = -2, "größeääääääääääääääääääääääääääää" = -3, "quo""te" = -4, "$1" = -5 WHERE id = 2;
SELECT * FROM "Na mes_00_init"."Täble ""of"" names" WHERE id = 2;
\x off
SELECT migrate_rollback(schema_name => 'Na mes');
SELECT helper.changes('"Na mes"');
SELECT migrate_start('01 "Every" column', $m${"operations": [
  {"alter_column": {"table": "Täble \"of\" names", "column": "Mixed Case", "type": "bigint", "nullable": false, "up": "coalesce(\"Mixed Case\", 0)", "down": "\"Mixed Case\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "quo\"te", "type": "bigint", "nullable": false, "up": "coalesce(\"quo\"\"te\", 1)", "down": "\"quo\"\"te\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "apos'trophe", "type": "bigint", "nullable": false, "up": "coalesce(\"apos'trophe\", 2)", "down": "\"apos'trophe\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "dollar$1", "type": "bigint", "nullable": false, "up": "coalesce(\"dollar$1\", 3)", "down": "\"dollar$1\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "a.b", "type": "bigint", "nullable": false, "up": "coalesce(\"a.b\", 4)", "down": "\"a.b\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "select", "type": "bigint", "nullable": false, "up": "coalesce(\"select\", 5)", "down": "\"select\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "user", "type": "bigint", "nullable": false, "up": "coalesce(\"user\", 6)", "down": "\"user\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "order", "type": "bigint", "nullable": false, "up": "coalesce(\"order\", 7)", "down": "\"order\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "old", "type": "bigint", "nullable": false, "up": "coalesce(\"old\", 8)", "down": "\"old\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "new", "type": "bigint", "nullable": false, "up": "coalesce(\"new\", 9)", "down": "\"new\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "oid", "type": "bigint", "nullable": false, "up": "coalesce(\"oid\", 10)", "down": "\"oid\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "value", "type": "bigint", "nullable": false, "up": "coalesce(\"value\", 11)", "down": "\"value\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "search_path", "type": "bigint", "nullable": false, "up": "coalesce(\"search_path\", 12)", "down": "\"search_path\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "latest_schema", "type": "bigint", "nullable": false, "up": "coalesce(\"latest_schema\", 13)", "down": "\"latest_schema\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "tg_op", "type": "bigint", "nullable": false, "up": "coalesce(\"tg_op\", 14)", "down": "\"tg_op\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "public", "type": "bigint", "nullable": false, "up": "coalesce(\"public\", 15)", "down": "\"public\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "t", "type": "bigint", "nullable": false, "up": "coalesce(\"t\", 16)", "down": "\"t\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "_pgmigrate_new_old", "type": "bigint", "nullable": false, "up": "coalesce(\"_pgmigrate_new_old\", 17)", "down": "\"_pgmigrate_new_old\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "_pgmigrate_not_null_old", "type": "bigint", "nullable": false, "up": "coalesce(\"_pgmigrate_not_null_old\", 18)", "down": "\"_pgmigrate_not_null_old\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "_pgmigrate_new_new", "type": "bigint", "nullable": false, "up": "coalesce(\"_pgmigrate_new_new\", 19)", "down": "\"_pgmigrate_new_new\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "$1", "type": "bigint", "nullable": false, "up": "coalesce(\"$1\", 20)", "down": "\"$1\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "%s", "type": "bigint", "nullable": false, "up": "coalesce(\"%s\", 21)", "down": "\"%s\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "{}", "type": "bigint", "nullable": false, "up": "coalesce(\"{}\", 22)", "down": "\"{}\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "back\\slash", "type": "bigint", "nullable": false, "up": "coalesce(\"back\\slash\", 23)", "down": "\"back\\slash\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "é😀", "type": "bigint", "nullable": false, "up": "coalesce(\"é😀\", 24)", "down": "\"é😀\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___", "type": "bigint", "nullable": false, "up": "coalesce(\"a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___\", 25)", "down": "\"a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___\""}},
  {"alter_column": {"table": "Täble \"of\" names", "column": "größeääääääääääääääääääääääääääää", "type": "bigint", "nullable": false, "up": "coalesce(\"größeääääääääääääääääääääääääääää\", 26)", "down": "\"größeääääääääääääääääääääääääääää\""}}]}$m$, 'Na mes');
CALL migrate_wait(schema_name => 'Na mes');
SELECT migrate_complete('Na mes');
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull FROM pg_attribute a WHERE a.attrelid = '"Na mes"."Täble ""of"" names"'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum;

-- The other operations under such names.
SELECT helper.remember('"Na mes"');
SELECT migrate_start('02', $m${"operations": [
  {"create_table": {"name": "a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___", "columns": [{"name": "a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___", "type": "serial", "pk": true}, {"name": "Ref", "type": "int", "unique": true, "references": {"name": "größeääääääääääääääääääääääääääää", "table": "Täble \"of\" names", "column": "id"}}]}},
  {"add_column": {"table": "Täble \"of\" names", "up": "\"quo\"\"te\" * 10 + id", "column": {"name": "_pgmigrate_new_added", "type": "bigint", "unique": true, "nullable": true, "check": {"name": "Check \"it\"", "constraint": "\"_pgmigrate_new_added\" < 1000"}}}},
  {"rename_column": {"table": "Täble \"of\" names", "from": "select", "to": "from"}},
  {"drop_column": {"table": "Täble \"of\" names", "column": "größeääääääääääääääääääääääääääää", "down": "\"from\""}},
  {"create_index": {"name": "Index \"it\"", "table": "Täble \"of\" names", "columns": [{"column": "from"}, {"column": "é😀"}], "predicate": "\"from\" > \"é😀\""}},
  {"create_constraint": {"table": "Täble \"of\" names", "name": "Unique \"it\"", "type": "unique", "columns": ["apos'trophe", "new"], "up": {"apos'trophe": "\"apos'trophe\" + id", "new": "new"}, "down": {"apos'trophe": "\"apos'trophe\" - id", "new": "new"}}},
  {"rename_table": {"from": "Täble \"of\" names", "to": "TABLE"}}]}$m$, 'Na mes');
CALL migrate_wait(schema_name => 'Na mes');
INSERT INTO "Na mes_02"."a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___" ("Ref") VALUES (1);
SELECT * FROM "Na mes_02"."a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___";
SELECT id, "from", "_pgmigrate_new_added" FROM "Na mes_02"."TABLE" ORDER BY id;
SELECT migrate_rollback(schema_name => 'Na mes');
SELECT helper.changes('"Na mes"');
SELECT migrate_start('02', $m${"operations": [
  {"create_table": {"name": "a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___", "columns": [{"name": "a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___", "type": "serial", "pk": true}, {"name": "Ref", "type": "int", "unique": true, "references": {"name": "größeääääääääääääääääääääääääääää", "table": "Täble \"of\" names", "column": "id"}}]}},
  {"add_column": {"table": "Täble \"of\" names", "up": "\"quo\"\"te\" * 10 + id", "column": {"name": "_pgmigrate_new_added", "type": "bigint", "unique": true, "nullable": true, "check": {"name": "Check \"it\"", "constraint": "\"_pgmigrate_new_added\" < 1000"}}}},
  {"rename_column": {"table": "Täble \"of\" names", "from": "select", "to": "from"}},
  {"drop_column": {"table": "Täble \"of\" names", "column": "größeääääääääääääääääääääääääääää", "down": "\"from\""}},
  {"create_index": {"name": "Index \"it\"", "table": "Täble \"of\" names", "columns": [{"column": "from"}, {"column": "é😀"}], "predicate": "\"from\" > \"é😀\""}},
  {"create_constraint": {"table": "Täble \"of\" names", "name": "Unique \"it\"", "type": "unique", "columns": ["apos'trophe", "new"], "up": {"apos'trophe": "\"apos'trophe\" + id", "new": "new"}, "down": {"apos'trophe": "\"apos'trophe\" - id", "new": "new"}}},
  {"rename_table": {"from": "Täble \"of\" names", "to": "TABLE"}}]}$m$, 'Na mes');
CALL migrate_wait(schema_name => 'Na mes');
SELECT migrate_complete('Na mes');
SELECT helper.changes('"Na mes"') AS change ORDER BY 1;

-- Names that begin alike in their first 63 bytes; a name that is too long is refused, not cut.
SELECT helper.remember('"Na mes"');
SELECT migrate_start('03', $m${"operations": [
  {"add_column": {"table": "TABLE", "up": "1", "column": {"name": "a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store__a", "type": "int", "unique": true}}},
  {"add_column": {"table": "TABLE", "up": "id", "column": {"name": "a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store__b", "type": "int", "unique": true}}}]}$m$, 'Na mes');
SELECT migrate_rollback(schema_name => 'Na mes');
SELECT migrate_start('03', $m${"operations": [
  {"add_column": {"table": "TABLE", "up": "id + 1", "column": {"name": "a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store__a", "type": "int", "unique": true}}},
  {"add_column": {"table": "TABLE", "up": "id", "column": {"name": "a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store__b", "type": "int", "unique": true}}}]}$m$, 'Na mes');
CALL migrate_wait(schema_name => 'Na mes');
SELECT migrate_complete('Na mes');
SELECT helper.changes('"Na mes"') AS change ORDER BY 1;
SELECT helper.try(format($$SELECT migrate_start('04', '{"operations": [%s]}', 'Na mes')$$, operation)) FROM (VALUES
  (1, '{"rename_table": {"from": "TABLE", "to": "a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___x"}}'),
  (2, '{"rename_column": {"table": "TABLE", "from": "id", "to": "größeääääääääääääääääääääääääääääx"}}'),
  (3, '{"create_index": {"name": "a_name_of_sixty_three_bytes_is_all_that_postgresql_can_store___x", "table": "TABLE", "columns": ["id"]}}'),
  (4, '{"add_column": {"table": "TABLE", "column": {"name": "ctid", "type": "int", "nullable": true}}}'),
  (5, '{"rename_column": {"table": "TABLE", "from": "id", "to": "xmin"}}'),
  (6, '{"create_table": {"name": "x", "columns": [{"name": "tableoid", "type": "int"}]}}')
) refused (n, operation) ORDER BY n;
SET client_min_messages = warning;
DROP SCHEMA "Na mes", "Na mes_03" CASCADE;
