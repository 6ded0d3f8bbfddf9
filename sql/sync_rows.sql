-- What the sync trigger makes of a row, written as the old version and as the new.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgmigrate;
RESET client_min_messages;
\pset null '<NULL>'
CREATE SCHEMA sync_rows;
SET search_path = sync_rows, public;

-- As migrate_start would make them.
CREATE FUNCTION rule(target text, expression text, VARIADIC parameters text[] DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('target', target, 'expression', expression, 'parameters', to_jsonb(parameters), 'is_immutable', true)
$$;
CREATE PROCEDURE keep_in_step(tbl regclass, up jsonb, down jsonb DEFAULT '[]', default_from_source jsonb DEFAULT '[]') LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER zz_sync BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION pgmigrate_sync(%L)', tbl,
        jsonb_build_object('new_version', 'sync_rows_02', 'old_version', 'sync_rows_01', 'search_path', 'sync_rows, public',
            'up', up, 'down', down, 'default_from_source', default_from_source));
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER zz_sync', tbl);
END
$$;

-- A type change: a writer of the old version knows c, one of the new version knows it as new_c.
CREATE TABLE item (id int PRIMARY KEY, c text, note text);
INSERT INTO item VALUES (1, '10', 'unfilled'), (2, NULL, 'unfilled');
ALTER TABLE item DROP COLUMN note, ADD COLUMN note text;  -- attribute numbers with a hole
ALTER TABLE item ADD COLUMN new_c bigint, ADD COLUMN twice bigint;
CALL keep_in_step('item',
    jsonb_build_array(rule('new_c', '($1)::bigint', 'c'), rule('twice', '($1 * 2)', 'new_c')),
    jsonb_build_array(rule('c', '($1)::text', 'new_c')));
SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'item'::regclass;

-- Old: up in order, a later entry reads what an earlier one made.
INSERT INTO item (id, c) VALUES (3, '30'), (4, NULL) RETURNING *;
-- A row that is not filled yet is filled by any write, one that is filled only when its source changes.
UPDATE item SET note = 'touched' WHERE id IN (1, 2) RETURNING *;
UPDATE item SET c = '31' WHERE id = 3 RETURNING *;
-- What the statement itself assigns stays, as long as its source stays (a statement that assigns both forms is an old one).
UPDATE item SET c = c, new_c = 77 WHERE id = 4 RETURNING *;
UPDATE item SET c = '40', new_c = 78 WHERE id = 4 RETURNING *;

SET pgmigrate.version = '02';
INSERT INTO item (id, new_c) VALUES (5, 50) RETURNING *;
INSERT INTO item (id, c, new_c) VALUES (6, 'both given', 60) RETURNING *;
UPDATE item SET new_c = 51 WHERE id = 5 RETURNING *;
UPDATE item SET note = 'shared column' WHERE id = 5 RETURNING *;
RESET pgmigrate.version;

-- Several rows in one statement, one error among them: nothing is written, the SQLSTATE is PostgreSQL's own.
INSERT INTO item (id, c) VALUES (7, '70'), (8, 'not a number');
\echo :SQLSTATE
SELECT count(*) FROM item WHERE id IN (7, 8);
-- Savepoints: the transaction goes on after a failure, again and again.
BEGIN;
SAVEPOINT s;
UPDATE item SET c = 'x' WHERE id = 1;
ROLLBACK TO s;
UPDATE item SET c = '11' WHERE id = 1 RETURNING *;
SAVEPOINT s;
UPDATE item SET c = '' WHERE id = 1;
ROLLBACK TO s;
UPDATE item SET c = '12' WHERE id = 1 RETURNING *;
ROLLBACK;
UPDATE item SET c = '13' WHERE id = 1 RETURNING *;

-- Before the new version is published, a NULL is a row that the fill has not come to: here the table was rewritten.
CREATE TABLE rewritten (id int, c int);
INSERT INTO rewritten VALUES (1, 1), (2, 2);
ALTER TABLE rewritten ADD COLUMN new_c bigint;
VACUUM FULL rewritten;
CALL keep_in_step('rewritten', jsonb_build_array(rule('new_c', 'COALESCE($1, 0)::bigint', 'c')));
UPDATE rewritten SET id = id WHERE id = 1 RETURNING *;
-- Once it is published, a NULL is what somebody wrote.
CREATE SCHEMA sync_rows_02;
UPDATE rewritten SET id = id WHERE id = 2 RETURNING *;
UPDATE rewritten SET c = 22 WHERE id = 2 RETURNING *;
DROP SCHEMA sync_rows_02;

-- A dropped column: new writers do not know it, "down" gives its value.
CREATE TABLE dropped (id int, gone int NOT NULL, name text);
CALL keep_in_step('dropped', '[]', jsonb_build_array(rule('gone', '0')));
CREATE TABLE dropped_from (id int, gone text NOT NULL, name text);
CALL keep_in_step('dropped_from', '[]', jsonb_build_array(rule('gone', 'upper($1)', 'name')));
SET pgmigrate.version = 'sync_rows_02';
INSERT INTO dropped (id, name) VALUES (1, 'a') RETURNING *;
INSERT INTO dropped_from (id, name) VALUES (1, 'a') RETURNING *;
RESET pgmigrate.version;
UPDATE dropped SET gone = 5, name = 'b' RETURNING *;
UPDATE dropped_from SET gone = 'kept', name = 'b' RETURNING *;
SET pgmigrate.version = 'sync_rows_02';
UPDATE dropped SET name = 'c' RETURNING *;
UPDATE dropped_from SET id = 2 RETURNING *;
UPDATE dropped_from SET name = 'c' RETURNING *;
RESET pgmigrate.version;

-- An added column computed from one that both versions have. What a new writer gave it is his: changing the other column
-- does not overwrite it; an old writer's change does.
CREATE TABLE person (id int, name text, nick text);
CALL keep_in_step('person', jsonb_build_array(rule('nick', 'lower($1)', 'name')));
INSERT INTO person (id, name) VALUES (1, 'Robert') RETURNING *;
SET pgmigrate.version = '02';
INSERT INTO person VALUES (2, 'Anna', 'Annie') RETURNING *;
UPDATE person SET nick = 'Bob' WHERE id = 1 RETURNING *;
UPDATE person SET name = 'Robert B.' WHERE id = 1 RETURNING *;
RESET pgmigrate.version;
UPDATE person SET name = 'Robert C.' WHERE id = 1 RETURNING *;

-- A user's own trigger changes the source column behind the statement's back: whoever writes, both forms agree.
CREATE TABLE cleaned (id int, email text, new_email text);
CREATE FUNCTION clean() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.email := trim(NEW.email); RETURN NEW; END $$;
CREATE TRIGGER clean BEFORE INSERT OR UPDATE ON cleaned FOR EACH ROW EXECUTE FUNCTION clean();
CALL keep_in_step('cleaned', jsonb_build_array(rule('new_email', 'lower($1)', 'email')), jsonb_build_array(rule('email', '$1', 'new_email')));
INSERT INTO cleaned (id, email) VALUES (1, ' A@b.c ') RETURNING *;
UPDATE cleaned SET email = ' D@e.f ' RETURNING *;
ALTER TABLE cleaned DISABLE TRIGGER clean;
UPDATE cleaned SET email = ' G@h.i ' RETURNING *;
ALTER TABLE cleaned ENABLE TRIGGER clean;
SET pgmigrate.version = '02';
UPDATE cleaned SET id = 2 RETURNING *;
UPDATE cleaned SET new_email = 'new@x.y' RETURNING *;
RESET pgmigrate.version;

-- A sequence behind the old column: the new one follows it, and each INSERT draws from it once.
CREATE TABLE seq (id serial, name text, new_id bigint, other bigint);
CALL keep_in_step('seq', jsonb_build_array(rule('new_id', '($1)::bigint', 'id')), jsonb_build_array(rule('id', '($1)::integer', 'new_id')), '["new_id"]');
CREATE VIEW seq_new WITH (security_invoker) AS SELECT new_id AS id, name FROM seq;
SET pgmigrate.version = '02';
INSERT INTO seq_new (name) VALUES ('omitted') RETURNING *;
INSERT INTO seq_new VALUES (DEFAULT, 'default') RETURNING *;
INSERT INTO seq_new (id, name) VALUES (100, 'given') RETURNING *;
INSERT INTO seq_new (name) SELECT 'several' FROM generate_series(1, 2) RETURNING *;
INSERT INTO seq_new VALUES (3000000000, 'does not fit the old type');
INSERT INTO seq_new (name) VALUES ('after an error') RETURNING *;
RESET pgmigrate.version;
INSERT INTO seq (name) VALUES ('old') RETURNING *;
TABLE seq;

-- Types: domains, enums, lengths, arrays, composites, and values stored out of line.
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TYPE colour AS ENUM ('red', 'green');
CREATE TYPE pair AS (a int, b text);
CREATE TABLE typed (id int, d int, e text, v text, n numeric, a int[], r pair,
    new_d positive, new_e colour, new_v varchar(5), new_n numeric(4, 1), new_a text[], new_r text);
CALL keep_in_step('typed', jsonb_build_array(rule('new_d', '($1)::sync_rows.positive', 'd'), rule('new_e', '($1)::sync_rows.colour', 'e'),
    rule('new_v', '$1', 'v'), rule('new_n', '$1', 'n'), rule('new_a', '($1 || 0)', 'a'), rule('new_r', '(($1).b || ($1).a)', 'r')));
INSERT INTO typed VALUES (1, 5, 'red', 'short', 12.34, '{1,2}', (7, 'x')) RETURNING *;
INSERT INTO typed (id, d) VALUES (2, -5);
INSERT INTO typed (id, e) VALUES (2, 'blue');
INSERT INTO typed (id, v) VALUES (2, 'too long');
INSERT INTO typed (id, n) VALUES (2, 12345);
INSERT INTO typed (id) VALUES (3) RETURNING *;
UPDATE typed SET a = a || 3, r = (8, 'y') WHERE id = 1 RETURNING new_a, new_r;

CREATE TABLE wide (id int, doc text, new_doc text);
ALTER TABLE wide ALTER doc SET STORAGE EXTERNAL, ALTER new_doc SET STORAGE EXTERNAL;
CALL keep_in_step('wide', jsonb_build_array(rule('new_doc', '$1', 'doc')), jsonb_build_array(rule('doc', '$1', 'new_doc')));
INSERT INTO wide VALUES (1, repeat('a', 100000));
UPDATE wide SET id = 2 RETURNING id, length(new_doc), new_doc = doc;
UPDATE wide SET doc = repeat('b', 100000) RETURNING id, left(new_doc, 3), new_doc = doc;
SET pgmigrate.version = '02';
UPDATE wide SET new_doc = 'short' RETURNING id, doc, new_doc;
RESET pgmigrate.version;
CREATE TABLE wide_copy (LIKE wide);
CALL keep_in_step('wide_copy', jsonb_build_array(rule('new_doc', '$1', 'doc')));
UPDATE wide SET doc = repeat('c', 100000);
INSERT INTO wide_copy SELECT id, doc FROM wide;
DROP TABLE wide;  -- and with it the chunks that the copy must not depend on
SELECT id, length(doc), left(new_doc, 3), new_doc = doc FROM wide_copy;

-- Partitions, whose columns are numbered in another order than the parent's.
CREATE TABLE part (id int, c int, new_c bigint) PARTITION BY RANGE (id);
CREATE TABLE part_1 (new_c bigint, gone int, id int, c int);
ALTER TABLE part_1 DROP COLUMN gone;
ALTER TABLE part ATTACH PARTITION part_1 FOR VALUES FROM (0) TO (10);
CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (10) TO (20);
CALL keep_in_step('part', jsonb_build_array(rule('new_c', '($1)::bigint', 'c')), jsonb_build_array(rule('c', '($1)::integer', 'new_c')));
INSERT INTO part (id, c) VALUES (1, 1), (11, 11) RETURNING tableoid::regclass, *;
INSERT INTO part (id, new_c) VALUES (2, 2), (12, 12) RETURNING tableoid::regclass, *;
UPDATE part SET c = c + 100 WHERE id IN (1, 11) RETURNING tableoid::regclass, *;
UPDATE part SET new_c = new_c + 100 WHERE id IN (2, 12) RETURNING tableoid::regclass, *;
UPDATE part SET id = id + 10 WHERE id < 10 RETURNING tableoid::regclass, *;
INSERT INTO part_1 (id, new_c) VALUES (3, 3) RETURNING *;

-- In bulk.
CREATE TABLE bulk (id int, c int, new_c bigint);
CALL keep_in_step('bulk', jsonb_build_array(rule('new_c', '($1)::bigint', 'c')), jsonb_build_array(rule('c', '($1)::integer', 'new_c')));
INSERT INTO bulk (id, c) SELECT g, g FROM generate_series(1, 10000) g;
UPDATE bulk SET c = c + 1 WHERE id % 2 = 0;
UPDATE bulk SET new_c = new_c + 5 WHERE id % 2 = 1;
SELECT count(*), count(*) FILTER (WHERE c = new_c), sum(c) FROM bulk;

-- Wrong use of the function.
SELECT pgmigrate_sync();
CREATE TABLE wrong (id int);
CREATE TRIGGER wrong AFTER INSERT ON wrong FOR EACH ROW EXECUTE FUNCTION pgmigrate_sync('{}');
INSERT INTO wrong VALUES (1);
DROP TRIGGER wrong ON wrong;
CREATE TRIGGER wrong BEFORE INSERT ON wrong FOR EACH ROW EXECUTE FUNCTION pgmigrate_sync();
INSERT INTO wrong VALUES (1);
\echo :SQLSTATE
DROP TRIGGER wrong ON wrong;
CREATE TRIGGER wrong BEFORE INSERT ON wrong FOR EACH ROW EXECUTE FUNCTION pgmigrate_sync('{"up": 1}');
\set VERBOSITY terse
INSERT INTO wrong VALUES (1);
\set VERBOSITY default
DROP TRIGGER wrong ON wrong;
CREATE TRIGGER wrong BEFORE DELETE ON wrong FOR EACH ROW EXECUTE FUNCTION pgmigrate_sync('{}');
INSERT INTO wrong VALUES (1);
DELETE FROM wrong;

SET client_min_messages = warning;
DROP SCHEMA sync_rows CASCADE;
