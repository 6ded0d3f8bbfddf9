-- drop_constraint and drop_multicolumn_constraint: check, unique, foreign key; the old version stays bound, the new one is not.
CREATE SCHEMA dc;
CREATE TABLE dc.users (id integer PRIMARY KEY);
CREATE TABLE dc.posts (
    id integer PRIMARY KEY,
    title text NOT NULL DEFAULT 'none' CONSTRAINT title_long CHECK (length(title) > 2),
    slug text CONSTRAINT posts_slug_key UNIQUE,
    user_id integer CONSTRAINT posts_user REFERENCES dc.users ON DELETE CASCADE,
    low integer,
    high integer,
    CONSTRAINT low_high CHECK (low < high),
    CONSTRAINT low_high_key UNIQUE (low, high)
);
CREATE INDEX posts_title ON dc.posts (title);
INSERT INTO dc.users VALUES (1), (2);
INSERT INTO dc.posts VALUES (1, 'one', 'one', 1, 1, 2), (2, 'two', NULL, NULL, 2, 3);
SELECT migrate_start('00_init', '{"operations": []}', 'dc');
SELECT migrate_complete('dc');
SELECT helper.remember('dc');

-- check: down makes what the new version writes fit for the old one. An empty up is the column itself.
SELECT migrate_start('01_check', $m${"operations": [{"drop_constraint": {"table": "posts", "name": "title_long", "up": "", "down": "rpad(title, 3, '.')"}}]}$m$, 'dc');
CALL migrate_wait(schema_name => 'dc');
SELECT helper.changes('dc');
INSERT INTO dc_01_check.posts (id, title) VALUES (10, 'x');
SELECT helper.try($$INSERT INTO dc_00_init.posts (id, title) VALUES (11, 'x')$$);
SELECT helper.try($$INSERT INTO dc_01_check.posts (id, title) VALUES (11, NULL)$$);
SELECT id, o.title AS old, n.title AS new FROM dc_00_init.posts o JOIN dc_01_check.posts n USING (id) ORDER BY id;
SELECT migrate_rollback(schema_name => 'dc');
SELECT helper.changes('dc');
SELECT id, title FROM dc.posts ORDER BY id;
SELECT migrate_start('01_check', $m${"operations": [{"drop_constraint": {"table": "posts", "name": "title_long", "up": "", "down": "rpad(title, 3, '.')"}}]}$m$, 'dc');
CALL migrate_wait(schema_name => 'dc');
SELECT migrate_complete('dc');
SELECT helper.changes('dc');
INSERT INTO dc_01_check.posts (id, title) VALUES (12, 'x');

-- unique
SELECT helper.remember('dc');
SELECT migrate_start('02_unique', $m${"operations": [{"drop_constraint": {"table": "posts", "name": "posts_slug_key", "up": "coalesce(slug, 'none')", "down": "slug || id"}}]}$m$, 'dc');
CALL migrate_wait(schema_name => 'dc');
SELECT helper.changes('dc');
INSERT INTO dc_02_unique.posts (id, slug) VALUES (20, 'one');
SELECT helper.try($$INSERT INTO dc_01_check.posts (id, slug) VALUES (21, 'one')$$);
SELECT id, o.slug AS old, n.slug AS new FROM dc_01_check.posts o JOIN dc_02_unique.posts n USING (id) ORDER BY id;
SELECT migrate_rollback(schema_name => 'dc');
SELECT helper.changes('dc');
SELECT migrate_start('02_unique', $m${"operations": [{"drop_constraint": {"table": "posts", "name": "posts_slug_key", "up": "coalesce(slug, 'none')", "down": "slug || id"}}]}$m$, 'dc');
CALL migrate_wait(schema_name => 'dc');
SELECT migrate_complete('dc');
SELECT helper.changes('dc');

-- foreign key
SELECT helper.remember('dc');
SELECT migrate_start('03_foreign_key', $m${"operations": [{"drop_constraint": {"table": "posts", "name": "posts_user", "up": "user_id",
  "down": "SELECT u.id FROM users u WHERE u.id = user_id"}}]}$m$, 'dc');
CALL migrate_wait(schema_name => 'dc');
SELECT helper.changes('dc');
INSERT INTO dc_03_foreign_key.posts (id, user_id) VALUES (30, 99), (31, 2);
SELECT helper.try($$INSERT INTO dc_02_unique.posts (id, user_id) VALUES (32, 99)$$);
SELECT id, o.user_id AS old, n.user_id AS new FROM dc_02_unique.posts o JOIN dc_03_foreign_key.posts n USING (id) WHERE n.user_id IS NOT NULL ORDER BY id;
SELECT migrate_rollback(schema_name => 'dc');
SELECT helper.changes('dc');
SELECT migrate_start('03_foreign_key', $m${"operations": [{"drop_constraint": {"table": "posts", "name": "posts_user", "up": "user_id",
  "down": "SELECT u.id FROM users u WHERE u.id = user_id"}}]}$m$, 'dc');
CALL migrate_wait(schema_name => 'dc');
SELECT migrate_complete('dc');
SELECT helper.changes('dc');
DELETE FROM dc.users;

-- Several columns: check and unique of the same two in one migration. up may be left out, for some columns or for all.
SELECT helper.remember('dc');
SELECT migrate_start('04_several', $m${"operations": [
  {"drop_multicolumn_constraint": {"table": "posts", "name": "low_high", "up": {"low": "low"}, "down": {"low": "least(low, high - 1)", "high": "high"}}},
  {"drop_multicolumn_constraint": {"table": "posts", "name": "low_high_key", "down": {"low": "low", "high": "high"}}}]}$m$, 'dc');
CALL migrate_wait(schema_name => 'dc');
SELECT helper.changes('dc');
INSERT INTO dc_04_several.posts (id, low, high) VALUES (40, 9, 5);
SELECT helper.try($$INSERT INTO dc_03_foreign_key.posts (id, low, high) VALUES (41, 9, 5)$$);
SELECT helper.try($$INSERT INTO dc_03_foreign_key.posts (id, low, high) VALUES (41, 1, 2)$$);
SELECT id, o.low, o.high, n.low, n.high FROM dc_03_foreign_key.posts o JOIN dc_04_several.posts n USING (id) WHERE n.low IS NOT NULL ORDER BY id;
SELECT migrate_rollback(schema_name => 'dc');
SELECT helper.changes('dc');
SELECT migrate_start('04_several', $m${"operations": [
  {"drop_multicolumn_constraint": {"table": "posts", "name": "low_high", "up": {"low": "low"}, "down": {"low": "least(low, high - 1)", "high": "high"}}},
  {"drop_multicolumn_constraint": {"table": "posts", "name": "low_high_key", "down": {"low": "low", "high": "high"}}}]}$m$, 'dc');
CALL migrate_wait(schema_name => 'dc');
SELECT migrate_complete('dc');
SELECT helper.changes('dc');
INSERT INTO dc.posts (id, low, high) VALUES (42, 9, 5), (43, 9, 5);

-- One column is one of several: the operation takes it as well. A table without rows.
CREATE TABLE dc.empty (a integer CONSTRAINT a_positive CHECK (a > 0));
SELECT helper.remember('dc');
SELECT migrate_start('05_single', $m${"operations": [{"drop_multicolumn_constraint": {"table": "empty", "name": "a_positive", "down": {"a": "abs(a) + 1"}}}]}$m$, 'dc');
CALL migrate_wait(schema_name => 'dc');
INSERT INTO dc_05_single.empty VALUES (-1);
SELECT * FROM dc.empty;
SELECT migrate_complete('dc');
SELECT helper.changes('dc');

-- What is refused.
CREATE TABLE dc.rest (id integer PRIMARY KEY, a integer, b integer, CONSTRAINT a_b CHECK (a < b), EXCLUDE USING btree (a WITH =));
SELECT helper.try(format($$SELECT migrate_start('06', '{"operations": [%s]}', 'dc')$$, operation)) FROM (VALUES
  (1, '{"drop_constraint": {"table": "nobody", "name": "a_b", "down": "a"}}'),
  (2, '{"drop_constraint": {"table": "rest", "name": "A_B", "down": "a"}}'),
  (3, '{"drop_constraint": {"table": "rest", "name": "a_b", "down": "a"}}'),
  (4, '{"drop_constraint": {"table": "rest", "name": "a_b"}}'),
  (5, '{"drop_constraint": {"table": "rest", "name": "rest_pkey", "down": "id"}}'),
  (6, '{"drop_constraint": {"table": "rest", "name": "rest_a_excl", "down": "a"}}'),
  (7, '{"drop_constraint": {"table": "rest", "name": "", "down": "a"}}'),
  (8, '{"drop_multicolumn_constraint": {"table": "rest", "name": "a_b"}}'),
  (9, '{"drop_multicolumn_constraint": {"table": "rest", "name": "a_b", "down": {"a": "a"}}}'),
  (10, '{"drop_multicolumn_constraint": {"table": "rest", "name": "a_b", "down": {"a": "a", "b": "b", "id": "id"}}}'),
  (11, '{"drop_multicolumn_constraint": {"table": "rest", "name": "a_b", "up": {"id": "id"}, "down": {"a": "a", "b": "b"}}}'),
  (12, '{"drop_multicolumn_constraint": {"table": "rest", "name": "b_c", "down": {"a": "a"}}}'),
  (13, '{"drop_multicolumn_constraint": {"table": "rest", "name": "a_b", "down": {"a": "a", "b": "b"}}}, {"drop_multicolumn_constraint": {"table": "rest", "name": "a_b", "down": {"a": "a", "b": "b"}}}'),
  (14, '{"drop_column": {"table": "rest", "column": "b"}}, {"drop_constraint": {"table": "rest", "name": "a_b", "down": "a"}}')
) refused (n, operation) ORDER BY n;
SELECT count(*) FROM migrate_status('dc') WHERE state <> 'completed';
SET client_min_messages = warning;
DROP SCHEMA dc, dc_05_single CASCADE;
