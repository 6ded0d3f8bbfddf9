-- create_constraint: unique, check, primary key and foreign key; both versions, rollback, completion, what is refused.
CREATE SCHEMA cc;
CREATE TABLE cc.users (id integer PRIMARY KEY, tenant integer NOT NULL, UNIQUE (tenant, id));
CREATE TABLE cc.posts (id integer, tenant integer DEFAULT 1, user_id integer, title text, slug varchar(20) COLLATE "C");
COMMENT ON COLUMN cc.posts.slug IS 'in the address';
INSERT INTO cc.users VALUES (1, 1), (2, 1), (3, 2);
INSERT INTO cc.posts VALUES (1, 1, 1, 'one', 'one'), (2, 1, 2, 'two', 'one'), (3, 2, 9, NULL, NULL);
SELECT migrate_start('00_init', '{"operations": []}', 'cc');
SELECT migrate_complete('cc');
SELECT helper.remember('cc');

-- unique over two columns: up makes the duplicate differ. The index has the constraint's name from the start.
SELECT migrate_start('01_unique', $m${"operations": [{"create_constraint": {"table": "posts", "name": "posts_slug_title", "type": "unique",
  "columns": ["slug", "title"],
  "up": {"slug": "coalesce(slug, 'none')", "title": "CASE WHEN slug = 'one' THEN 'same' ELSE coalesce(title, 'none') END || id"},
  "down": {"slug": "slug", "title": "title"}}}]}$m$, 'cc');
CALL migrate_wait(schema_name => 'cc');
SELECT helper.changes('cc');
INSERT INTO cc_00_init.posts (id, title, slug) VALUES (4, 'by old', 'four');
INSERT INTO cc_01_unique.posts (id, title, slug) VALUES (5, 'by new', 'five');
SELECT helper.try($$INSERT INTO cc_01_unique.posts (id, title, slug) VALUES (6, 'by new', 'five')$$);
SELECT helper.try($$INSERT INTO cc_00_init.posts (id, title, slug) VALUES (2, 'again', 'one')$$);  -- up makes it a duplicate
INSERT INTO cc_00_init.posts (id, title, slug) VALUES (7, 'by new', 'five');  -- up makes it none
SELECT id, title, slug FROM cc_00_init.posts ORDER BY id;
SELECT id, title, slug FROM cc_01_unique.posts ORDER BY id;
SELECT migrate_rollback(schema_name => 'cc');
SELECT helper.changes('cc');
SELECT migrate_start('01_unique', $m${"operations": [{"create_constraint": {"table": "posts", "name": "posts_slug_title", "type": "unique",
  "columns": ["slug", "title"],
  "up": {"slug": "coalesce(slug, 'none')", "title": "CASE WHEN slug = 'one' THEN 'same' ELSE coalesce(title, 'none') END || id"},
  "down": {"slug": "slug", "title": "title"}}}]}$m$, 'cc');
CALL migrate_wait(schema_name => 'cc');
SELECT migrate_complete('cc');
SELECT helper.changes('cc');
SELECT helper.try($$INSERT INTO cc.posts (id, title, slug) VALUES (8, 'by new7', 'five')$$);

-- check, over two columns, with and without NO INHERIT
SELECT helper.remember('cc');
SELECT migrate_start('02_check', $m${"operations": [
  {"create_constraint": {"table": "posts", "name": "title_and_slug", "type": "check", "columns": ["title", "slug"], "check": "length(title) >= length(slug)",
    "up": {"title": "title || repeat('.', length(slug))", "slug": "slug"}, "down": {"title": "rtrim(title, '.')", "slug": "slug"}}},
  {"create_constraint": {"table": "posts", "name": "id_positive", "type": "check", "columns": ["id"], "check": "id > 0", "no_inherit": true,
    "up": {"id": "id"}, "down": {"id": "id"}}}]}$m$, 'cc');
CALL migrate_wait(schema_name => 'cc');
SELECT helper.changes('cc');
SELECT helper.try($$INSERT INTO cc_02_check.posts (id, title, slug) VALUES (10, 'a', 'longer')$$);
SELECT helper.try($$INSERT INTO cc_02_check.posts (id, title, slug) VALUES (-10, 'longest', 'longer')$$);
SELECT helper.try($$INSERT INTO cc_01_unique.posts (id, title, slug) VALUES (10, 'a', 'longer')$$);
SELECT title, slug FROM cc_02_check.posts WHERE id = 10;
INSERT INTO cc_02_check.posts (id, title, slug) VALUES (11, 'eleven...', 'elf');
SELECT title, slug FROM cc_01_unique.posts WHERE id = 11;
SELECT migrate_rollback(schema_name => 'cc');
SELECT helper.changes('cc');
SELECT migrate_start('02_check', $m${"operations": [
  {"create_constraint": {"table": "posts", "name": "title_and_slug", "type": "check", "columns": ["title", "slug"], "check": "length(title) >= length(slug)",
    "up": {"title": "title || repeat('.', length(slug))", "slug": "slug"}, "down": {"title": "rtrim(title, '.')", "slug": "slug"}}},
  {"create_constraint": {"table": "posts", "name": "id_positive", "type": "check", "columns": ["id"], "check": "id > 0", "no_inherit": true,
    "up": {"id": "id"}, "down": {"id": "id"}}}]}$m$, 'cc');
CALL migrate_wait(schema_name => 'cc');
SELECT migrate_complete('cc');
SELECT helper.changes('cc');

-- primary key: the columns become NOT NULL
SELECT helper.remember('cc');
SELECT migrate_start('03_primary_key', $m${"operations": [{"create_constraint": {"table": "posts", "name": "posts_pkey", "type": "primary_key",
  "columns": ["tenant", "id"], "up": {"tenant": "coalesce(tenant, 0)", "id": "id"}, "down": {"tenant": "nullif(tenant, 0)", "id": "id"}}}]}$m$, 'cc');
CALL migrate_wait(schema_name => 'cc');
SELECT helper.changes('cc');
SELECT helper.try($$INSERT INTO cc_03_primary_key.posts (id, title, slug) VALUES (1, 'a second 1', 'x')$$);
SELECT helper.try($$INSERT INTO cc_03_primary_key.posts (id, tenant, title, slug) VALUES (20, NULL, 'no tenant', 'x')$$);
INSERT INTO cc_02_check.posts (id, tenant, title, slug) VALUES (20, NULL, 'no tenant', 'x');
SELECT tenant FROM cc_03_primary_key.posts WHERE id = 20;
SELECT migrate_rollback(schema_name => 'cc');
SELECT helper.changes('cc');
SELECT migrate_start('03_primary_key', $m${"operations": [{"create_constraint": {"table": "posts", "name": "posts_pkey", "type": "primary_key",
  "columns": ["tenant", "id"], "up": {"tenant": "coalesce(tenant, 0)", "id": "id"}, "down": {"tenant": "nullif(tenant, 0)", "id": "id"}}}]}$m$, 'cc');
CALL migrate_wait(schema_name => 'cc');
SELECT migrate_complete('cc');
SELECT helper.changes('cc');
SELECT helper.try($$INSERT INTO cc.posts (id, tenant, title, slug) VALUES (21, NULL, 'no tenant', 'x')$$);

-- foreign key over two columns, which sets one of them
SELECT helper.remember('cc');
SELECT migrate_start('04_foreign_key', $m${"operations": [{"create_constraint": {"table": "posts", "name": "posts_user", "type": "foreign_key",
  "columns": ["tenant", "user_id"], "references": {"table": "users", "columns": ["tenant", "id"], "on_delete": "SET NULL", "on_update": "CASCADE", "on_delete_set_columns": ["user_id"]},
  "up": {"tenant": "tenant", "user_id": "SELECT u.id FROM users u WHERE u.id = user_id AND u.tenant = posts.tenant"}, "down": {"tenant": "tenant", "user_id": "user_id"}}}]}$m$, 'cc');
CALL migrate_wait(schema_name => 'cc');
SELECT helper.changes('cc');
SELECT id, o.user_id AS old, n.user_id AS new FROM cc_03_primary_key.posts o JOIN cc_04_foreign_key.posts n USING (tenant, id) WHERE o.user_id IS NOT NULL ORDER BY id;
SELECT helper.try($$INSERT INTO cc_04_foreign_key.posts (id, user_id, title, slug) VALUES (30, 3, 'of another tenant', 'x')$$);
SELECT helper.try($$INSERT INTO cc_03_primary_key.posts (id, user_id, title, slug) VALUES (30, 3, 'of another tenant', 'x')$$);
INSERT INTO cc_04_foreign_key.posts (id, user_id, title, slug) VALUES (31, 2, 'a user''s', 'x');
SELECT user_id FROM cc_03_primary_key.posts WHERE id = 31;
SELECT migrate_rollback(schema_name => 'cc');
SELECT helper.changes('cc');
SELECT migrate_start('04_foreign_key', $m${"operations": [{"create_constraint": {"table": "posts", "name": "posts_user", "type": "foreign_key",
  "columns": ["tenant", "user_id"], "references": {"table": "users", "columns": ["tenant", "id"], "on_delete": "SET NULL", "on_update": "CASCADE", "on_delete_set_columns": ["user_id"]},
  "up": {"tenant": "tenant", "user_id": "SELECT u.id FROM users u WHERE u.id = user_id AND u.tenant = posts.tenant"}, "down": {"tenant": "tenant", "user_id": "user_id"}}}]}$m$, 'cc');
CALL migrate_wait(schema_name => 'cc');
SELECT migrate_complete('cc');
SELECT helper.changes('cc');
DELETE FROM cc.users WHERE id = 2;
UPDATE cc.users SET id = 100 WHERE id = 1;
SELECT id, tenant, user_id FROM cc.posts WHERE id IN (1, 2, 31) ORDER BY id;

-- A table without rows, and options of the key's index.
CREATE TABLE cc.empty (a integer, b integer, c integer);
SELECT helper.remember('cc');
SELECT migrate_start('05_empty', $m${"operations": [{"create_constraint": {"table": "empty", "name": "empty_key", "type": "unique", "columns": ["a"],
  "index_parameters": {"include_columns": ["b"], "storage_parameters": "fillfactor = 80"}, "up": {"a": "a + 1"}, "down": {"a": "a - 1"}}},
  {"create_constraint": {"table": "empty", "name": "empty_check", "type": "check", "columns": ["c"], "check": "c < 10", "up": {"c": "c"}, "down": {"c": "c"}}}]}$m$, 'cc');
CALL migrate_wait(schema_name => 'cc');
INSERT INTO cc_04_foreign_key.posts (id, title, slug) VALUES (40, 'another table', 'x');
INSERT INTO cc_05_empty.empty VALUES (1, 1, 1);
SELECT * FROM cc.empty;
SELECT migrate_complete('cc');
SELECT helper.changes('cc');

-- What is refused.
SELECT helper.refusal(format('{"create_constraint": %s}', operation), 'cc') FROM (VALUES
  (1, '{"table": "nobody", "name": "n", "type": "unique", "columns": ["a"], "up": {"a": "a"}, "down": {"a": "a"}}'),
  (2, '{"table": "posts", "name": "n", "type": "unique", "columns": ["a"], "up": {"a": "a"}, "down": {"a": "a"}}'),
  (3, '{"table": "posts", "name": "posts_user", "type": "unique", "columns": ["id"], "up": {"id": "id"}, "down": {"id": "id"}}'),
  (4, '{"table": "posts", "name": "empty_key", "type": "unique", "columns": ["id"], "up": {"id": "id"}, "down": {"id": "id"}}'),
  (5, '{"table": "posts", "name": "n", "type": "primary_key", "columns": ["title"], "up": {"title": "title"}, "down": {"title": "title"}}'),
  (6, '{"table": "posts", "name": "n", "type": "unique", "columns": ["id"], "up": {"id": "id"}, "down": {}}'),
  (7, '{"table": "posts", "name": "n", "type": "unique", "columns": ["id"], "up": {}, "down": {"id": "id"}}'),
  (8, '{"table": "posts", "name": "n", "type": "unique", "columns": ["id"], "up": {"id": "id", "title": "title"}, "down": {"id": "id"}}'),
  (9, '{"table": "posts", "name": "n", "type": "unique", "up": {}, "down": {}}'),
  (10, '{"table": "posts", "name": "n", "type": "check", "columns": ["id"], "up": {"id": "id"}, "down": {"id": "id"}}'),
  (11, '{"table": "posts", "name": "n", "type": "check", "columns": ["id"], "check": "id + 1", "up": {"id": "id"}, "down": {"id": "id"}}'),
  (12, '{"table": "posts", "name": "n", "type": "check", "columns": ["id"], "check": "missing > 1", "up": {"id": "id"}, "down": {"id": "id"}}'),
  (13, '{"table": "posts", "name": "n", "type": "foreign_key", "columns": ["id"], "up": {"id": "id"}, "down": {"id": "id"}}'),
  (14, '{"table": "posts", "name": "n", "type": "foreign_key", "columns": ["id"], "references": {"table": "nobody", "columns": ["id"]}, "up": {"id": "id"}, "down": {"id": "id"}}'),
  (15, '{"table": "posts", "name": "n", "type": "foreign_key", "columns": ["id"], "references": {"table": "users", "columns": ["nothing"]}, "up": {"id": "id"}, "down": {"id": "id"}}'),
  (16, '{"table": "posts", "name": "n", "type": "foreign_key", "columns": ["id"], "references": {"table": "users", "columns": ["id"], "on_delete": "explode"}, "up": {"id": "id"}, "down": {"id": "id"}}'),
  (17, '{"table": "posts", "name": "n", "type": "foreign_key", "columns": ["id"], "references": {"table": "users", "columns": ["tenant"]}, "up": {"id": "id"}, "down": {"id": "id"}}'),
  (18, '{"table": "posts", "name": "n", "type": "exclude", "columns": ["id"], "up": {"id": "id"}, "down": {"id": "id"}}'),
  (19, '{"table": "posts", "name": "n", "type": "unique", "columns": ["id"], "up": {"id": "nothing"}, "down": {"id": "id"}}'),
  (20, '{"table": "posts", "name": "a_name_of_sixty_four_bytes_is_one_more_than_postgresql_can_store_", "type": "unique", "columns": ["id"], "up": {"id": "id"}, "down": {"id": "id"}}')
) refused (n, operation) ORDER BY n;
SELECT count(*) FROM migrate_status('cc') WHERE state <> 'completed';

-- Rows that cannot have it: the worker says so, and nothing is published.
SELECT migrate_start('06_duplicates', $m${"operations": [{"create_constraint": {"table": "posts", "name": "posts_slug", "type": "unique", "columns": ["slug"],
  "up": {"slug": "slug"}, "down": {"slug": "slug"}}}]}$m$, 'cc');
\set VERBOSITY terse
CALL migrate_wait(schema_name => 'cc');
SELECT migrate_rollback(schema_name => 'cc');
SET client_min_messages = warning;
DROP SCHEMA cc, cc_05_empty CASCADE;
