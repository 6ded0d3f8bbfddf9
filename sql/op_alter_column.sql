-- alter_column: each change alone and several at once; both versions; rollback; completion with every property kept.
CREATE SCHEMA al;
CREATE TABLE al.users (id integer PRIMARY KEY);
INSERT INTO al.users VALUES (1), (2);
CREATE TABLE al.posts (
    id serial PRIMARY KEY,
    title varchar(30) NOT NULL DEFAULT 'untitled' CHECK (title <> 'forbidden'),
    rating text,
    user_id integer CONSTRAINT posts_user REFERENCES al.users ON DELETE CASCADE,
    body text
);
COMMENT ON COLUMN al.posts.title IS 'what it is called';
CREATE UNIQUE INDEX posts_title ON al.posts (title text_pattern_ops DESC NULLS LAST, lower(rating)) INCLUDE (user_id) WHERE (title <> 'x');
CREATE INDEX posts_rating ON al.posts USING hash (rating) WITH (fillfactor = 70);
INSERT INTO al.posts (title, rating, user_id) VALUES ('one', '1', 1), ('two', '22', 2), ('three', NULL, NULL);
SELECT migrate_start('00_init', '{"operations": []}', 'al');
SELECT migrate_complete('al');
SELECT helper.remember('al');

-- type
SELECT migrate_start('01_type', '{"operations": [{"alter_column": {"table": "posts", "column": "rating", "type": "integer",
  "up": "CAST(rating AS integer)", "down": "CAST(rating AS text)"}}]}', 'al');
CALL migrate_wait(schema_name => 'al');
SELECT helper.changes('al');
INSERT INTO al_00_init.posts (title, rating) VALUES ('old', '333');
INSERT INTO al_01_type.posts (title, rating) VALUES ('new', 4444);
UPDATE al_00_init.posts SET rating = '7' WHERE title = 'one';
UPDATE al_01_type.posts SET rating = rating + 1 WHERE title = 'two';
SELECT helper.try($$UPDATE al_00_init.posts SET rating = 'many' WHERE title = 'two'$$);
SELECT helper.try($$INSERT INTO al_00_init.posts (title) VALUES ('forbidden')$$);
SELECT id, title, rating FROM al_00_init.posts ORDER BY id;
SELECT id, title, rating FROM al_01_type.posts ORDER BY id;
SELECT migrate_rollback(schema_name => 'al');
SELECT helper.changes('al');
SELECT migrate_start('01_type', '{"operations": [{"alter_column": {"table": "posts", "column": "rating", "type": "integer",
  "up": "CAST(rating AS integer)", "down": "CAST(rating AS text)"}}]}', 'al');
CALL migrate_wait(schema_name => 'al');
SELECT migrate_complete('al');
SELECT helper.changes('al');

-- not null, then nullable again
SELECT helper.remember('al');
SELECT migrate_start('02_not_null', '{"operations": [{"alter_column": {"table": "posts", "column": "rating", "nullable": false,
  "up": "SELECT CASE WHEN rating IS NULL THEN 0 ELSE rating END", "down": "rating"}}]}', 'al');
CALL migrate_wait(schema_name => 'al');
INSERT INTO al_01_type.posts (title, rating) VALUES ('null by old', NULL);
SELECT helper.try($$INSERT INTO al_02_not_null.posts (title, rating) VALUES ('null by new', NULL)$$);
SELECT title, o.rating AS old, n.rating AS new FROM al_01_type.posts o JOIN al_02_not_null.posts n USING (title) WHERE o.rating IS NULL ORDER BY 1;
SELECT migrate_complete('al');
SELECT helper.changes('al');
SELECT helper.try($$INSERT INTO al_02_not_null.posts (title, rating) VALUES ('null by new', NULL)$$);
SELECT helper.remember('al');
SELECT migrate_start('03_nullable', '{"operations": [{"alter_column": {"table": "posts", "column": "rating", "nullable": true,
  "up": "rating", "down": "coalesce(rating, -1)"}}]}', 'al');
CALL migrate_wait(schema_name => 'al');
INSERT INTO al_03_nullable.posts (title, rating) VALUES ('null by newer', NULL);
SELECT rating FROM al_02_not_null.posts WHERE title = 'null by newer';
UPDATE al_02_not_null.posts SET body = 'touched by old' WHERE title = 'null by newer';
SELECT title, rating FROM al_03_nullable.posts WHERE title = 'null by newer';
SELECT migrate_complete('al');
SELECT helper.changes('al');

-- unique, check and reference
SELECT helper.remember('al');
SELECT migrate_start('04_unique', $m${"operations": [
  {"alter_column": {"table": "posts", "column": "body", "unique": {"name": "posts_body_key"}, "up": "coalesce(body, '') || '-' || id", "down": "body"}},
  {"alter_column": {"table": "posts", "column": "rating", "check": {"name": "rating_range", "constraint": "rating BETWEEN 0 AND 99"}, "up": "least(rating, 99)", "down": "rating"}},
  {"alter_column": {"table": "posts", "column": "user_id", "references": {"name": "posts_user_again", "table": "users", "column": "id", "on_delete": "SET NULL"},
     "up": "SELECT CASE WHEN EXISTS (SELECT 1 FROM users WHERE users.id = user_id) THEN user_id END", "down": "user_id"}}]}$m$, 'al');
CALL migrate_wait(schema_name => 'al');
SELECT helper.changes('al');
SELECT id, rating, user_id, body FROM al_04_unique.posts ORDER BY id;
SELECT helper.try($$INSERT INTO al_04_unique.posts (title, body) VALUES ('dup', (SELECT min(body) FROM al_04_unique.posts))$$);
SELECT helper.try($$INSERT INTO al_04_unique.posts (title, rating) VALUES ('big', 100)$$);
SELECT helper.try($$INSERT INTO al_04_unique.posts (title, user_id) VALUES ('nobody', 77)$$);
SELECT helper.try($$INSERT INTO al_03_nullable.posts (title, rating) VALUES ('big by old', 100)$$);
SELECT migrate_complete('al');
SELECT helper.changes('al');
DELETE FROM al.users WHERE id = 2;
SELECT id, user_id FROM al.posts WHERE title = 'two';

-- default and comment only: nothing is filled, the version's view carries them until completion.
SELECT helper.remember('al');
SELECT pg_relation_size('al.posts') AS size_before \gset
SELECT migrate_start('05_default', '{"operations": [
  {"alter_column": {"table": "posts", "column": "title", "default": null}},
  {"alter_column": {"table": "posts", "column": "rating", "default": "5", "comment": "out of 99"}}]}', 'al');
SELECT state FROM migrate_status('al');
SELECT s.phase, s.statement FROM pgmigrate.step s JOIN pgmigrate.migration m ON m.id = s.migration_id WHERE m.name = '05_default' AND s.phase <> 'publish' ORDER BY s.position;
INSERT INTO al_04_unique.posts (body) VALUES ('default of old') RETURNING title, rating;
SELECT helper.try($$INSERT INTO al_05_default.posts (body) VALUES ('default of new')$$);
INSERT INTO al_05_default.posts (title, body) VALUES ('no title', 'default of new') RETURNING title, rating;
UPDATE al_05_default.posts SET rating = DEFAULT WHERE title = 'no title' RETURNING rating;
SELECT pg_relation_size('al.posts') = :size_before AS not_rewritten;
SELECT migrate_complete('al');
SELECT helper.changes('al');

-- several changes at once, and a broken down: a warning, as pgroll accepts such files.
SELECT helper.remember('al');
SELECT migrate_start('06_multiple', $m${"operations": [{"alter_column": {"table": "posts", "column": "body", "type": "varchar(40)",
  "default": "'unknown'", "nullable": false, "comment": "the text", "unique": {"name": "posts_body_unique"},
  "check": {"name": "body_length", "constraint": "length(body) > 3"},
  "up": "SELECT CASE WHEN body IS NULL OR length(body) <= 3 THEN 'placeholder ' || id ELSE body END", "down": "the_body"}}]}$m$, 'al');
CALL migrate_wait(schema_name => 'al');
INSERT INTO al_06_multiple.posts (title, body) VALUES ('through new', 'a body');
SELECT body FROM al_05_default.posts WHERE title = 'through new';
SELECT migrate_complete('al');
SELECT helper.changes('al');

-- A serial primary key: one nextval per insert, whichever version; name of the key and sequence kept.
SELECT helper.remember('al');
SELECT migrate_start('07_key', '{"operations": [{"alter_column": {"table": "posts", "column": "id", "type": "bigint", "up": "id", "down": "id"}}]}', 'al');
CALL migrate_wait(schema_name => 'al');
SELECT last_value AS before FROM al.posts_id_seq \gset
INSERT INTO al_06_multiple.posts (title, body) VALUES ('old key', 'body of old') RETURNING id - :before AS step;
INSERT INTO al_07_key.posts (title, body) VALUES ('new key', 'body of new') RETURNING id - :before AS step;
SELECT count(*) FROM al_06_multiple.posts o JOIN al_07_key.posts n ON n.id = o.id AND n.title = o.title;
SELECT helper.try('INSERT INTO al_07_key.posts (id, title, body) VALUES (5000000000, ''big'', ''too big for old'')');
SELECT migrate_complete('al');
SELECT helper.changes('al');
INSERT INTO al.posts (id, title, body) VALUES (5000000000, 'big', 'now it fits');
INSERT INTO al.posts (title, body) VALUES ('next', 'body of next') RETURNING id - :before AS step;

-- What is refused.
\set VERBOSITY default
SELECT migrate_start('08', '{"operations": [{"alter_column": {"table": "posts", "column": "title", "nullable": false, "up": "title"}}]}', 'al');
SELECT migrate_start('08', '{"operations": [{"alter_column": {"table": "posts", "column": "rating", "nullable": true, "down": "1"}}]}', 'al');
SELECT migrate_start('08', '{"operations": [{"alter_column": {"table": "posts", "column": "missing", "comment": "x"}}]}', 'al');
SELECT migrate_start('08', '{"operations": [{"alter_column": {"table": "posts", "column": "rating", "unique": {"name": "posts_body_unique"}, "up": "rating"}}]}', 'al');
SELECT migrate_start('08', '{"operations": [{"alter_column": {"table": "posts", "column": "rating", "type": "date", "up": "rating", "down": "1"}}]}', 'al');
SELECT migrate_start('08', '{"operations": [{"alter_column": {"table": "posts", "column": "user_id", "references": {"name": "f", "table": "nobody", "column": "id"}, "up": "user_id", "down": "user_id"}}]}', 'al');
SELECT state FROM migrate_status('al');
SET client_min_messages = warning;
DROP SCHEMA al, al_07_key CASCADE;
