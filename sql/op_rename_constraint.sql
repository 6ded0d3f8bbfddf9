-- rename_constraint: the old name until completion, and for the constraint's index as well.
CREATE SCHEMA rc;
CREATE TABLE rc.users (id integer CONSTRAINT users_key PRIMARY KEY);
CREATE TABLE rc.posts (
    id integer,
    user_id integer CONSTRAINT posts_user REFERENCES rc.users,
    title text CONSTRAINT title_long CHECK (length(title) > 2),
    slug text CONSTRAINT posts_slug_key UNIQUE DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON CONSTRAINT title_long ON rc.posts IS 'at least three';
INSERT INTO rc.users VALUES (1);
INSERT INTO rc.posts VALUES (1, 1, 'one', 'one');
SELECT migrate_start('00_init', '{"operations": []}', 'rc');
SELECT migrate_complete('rc');
SELECT helper.remember('rc');

SELECT migrate_start('01_rename', $m${"operations": [
  {"rename_constraint": {"table": "posts", "from": "title_long", "to": "Title \"long\""}},
  {"rename_constraint": {"table": "posts", "from": "posts_slug_key", "to": "slug_key"}},
  {"rename_constraint": {"table": "posts", "from": "posts_user", "to": "title_long"}}]}$m$, 'rc');
SELECT state FROM migrate_status('rc') WHERE name = '01_rename';
SELECT helper.changes('rc');
SELECT helper.try($$INSERT INTO rc_00_init.posts (title) VALUES ('x')$$);
SELECT helper.try($$INSERT INTO rc_01_rename.posts (title) VALUES ('x')$$);
SELECT helper.try($$INSERT INTO rc_01_rename.posts (user_id) VALUES (2)$$);
SELECT migrate_rollback(schema_name => 'rc');
SELECT helper.changes('rc');
SELECT migrate_start('01_rename', $m${"operations": [
  {"rename_constraint": {"table": "posts", "from": "title_long", "to": "Title \"long\""}},
  {"rename_constraint": {"table": "posts", "from": "posts_slug_key", "to": "slug_key"}},
  {"rename_constraint": {"table": "posts", "from": "posts_user", "to": "title_long"}}]}$m$, 'rc');
SELECT migrate_complete('rc');
SELECT helper.changes('rc');
SELECT helper.try($$INSERT INTO rc_01_rename.posts (title) VALUES ('x')$$);
SELECT helper.try($$INSERT INTO rc_01_rename.posts (user_id) VALUES (2)$$);

-- Names change places; and a constraint whose column is replaced in the same migration.
SELECT helper.remember('rc');
SELECT migrate_start('02_swap', $m${"operations": [
  {"rename_constraint": {"table": "posts", "from": "title_long", "to": "for a moment"}},
  {"rename_constraint": {"table": "posts", "from": "Title \"long\"", "to": "title_long"}},
  {"rename_constraint": {"table": "posts", "from": "for a moment", "to": "Title \"long\""}},
  {"alter_column": {"table": "posts", "column": "title", "type": "varchar(30)", "up": "title", "down": "title"}}]}$m$, 'rc');
CALL migrate_wait(schema_name => 'rc');
SELECT migrate_complete('rc');
SELECT helper.changes('rc');

-- What is refused: as each operation finds the schema.
SELECT helper.try(format($$SELECT migrate_start('03', '{"operations": [%s]}', 'rc')$$, operation)) FROM (VALUES
  (1, '{"rename_constraint": {"table": "nobody", "from": "slug_key", "to": "n"}}'),
  (2, '{"rename_constraint": {"table": "posts", "from": "nothing", "to": "n"}}'),
  (3, '{"rename_constraint": {"table": "posts", "from": "slug_key", "to": "title_long"}}'),
  (4, '{"rename_constraint": {"table": "posts", "from": "slug_key", "to": "users_key"}}'),
  (5, '{"rename_constraint": {"table": "posts", "from": "slug_key", "to": "a_name_of_sixty_four_bytes_is_one_more_than_postgresql_can_store_"}}'),
  (6, '{"rename_constraint": {"table": "posts", "from": "slug_key", "to": ""}}'),
  (7, '{"rename_constraint": {"table": "posts", "from": "slug_key", "to": "a"}}, {"rename_constraint": {"table": "posts", "from": "slug_key", "to": "b"}}'),
  (8, '{"drop_constraint": {"table": "posts", "name": "slug_key", "down": "slug"}}, {"rename_constraint": {"table": "posts", "from": "slug_key", "to": "b"}}'),
  (9, '{"drop_column": {"table": "posts", "column": "slug"}}, {"rename_constraint": {"table": "posts", "from": "slug_key", "to": "b"}}')
) refused (n, operation) ORDER BY n;
SET client_min_messages = warning;
DROP SCHEMA rc, rc_02_swap CASCADE;
