-- As which version a statement writes (#829: "search_path is too weak a mark"; #380, #371): known from the view it writes to, then from its columns, then from the session.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgmigrate;
RESET client_min_messages;
\pset null '<NULL>'
CREATE SCHEMA sync_app;
CREATE SCHEMA sync_app_01;
CREATE SCHEMA sync_app_02;
CREATE SCHEMA sync_else;

-- The old version has c, the new one has it as a bigint, ten times as large.
CREATE TABLE sync_app.t (id int PRIMARY KEY, c int DEFAULT 7, note text, new_c bigint);
CREATE VIEW sync_app_01.t WITH (security_invoker) AS SELECT id, c, note FROM sync_app.t;
CREATE VIEW sync_app_02.t WITH (security_invoker) AS SELECT id, new_c AS c, note FROM sync_app.t;
CREATE TRIGGER zz_sync BEFORE INSERT OR UPDATE ON sync_app.t FOR EACH ROW EXECUTE FUNCTION pgmigrate_sync('{
    "new_version": "sync_app_02", "old_version": "sync_app_01", "search_path": "sync_app, public",
    "up": [{"target": "new_c", "expression": "($1 * (10)::bigint)", "parameters": ["c"], "is_immutable": true}],
    "down": [{"target": "c", "expression": "(($1 / (10)::bigint))::integer", "parameters": ["new_c"], "is_immutable": true}],
    "default_from_source": []}');
ALTER TABLE sync_app.t ENABLE ALWAYS TRIGGER zz_sync;
-- Who wrote the row? An old writer's new_c is ten times c and never odd; new writers use numbers that end in 1.
CREATE FUNCTION sync_app.rows() RETURNS SETOF text LANGUAGE sql AS
    $$ SELECT format('%s: c %s, new_c %s%s', id, c, new_c, ', ' || note) FROM sync_app.t ORDER BY id $$;
CREATE PROCEDURE sync_app.again() LANGUAGE sql AS $$ DELETE FROM sync_app.t $$;

-- The first statement of a session: in a session without shared_preload_libraries it is the one that loads the library.
\c -
INSERT INTO sync_app_02.t VALUES (1, 11);
\c -
UPDATE sync_app_02.t SET c = 21;
SELECT sync_app.rows();
\c -
\pset null '<NULL>'
COPY sync_app.t (id, c) FROM stdin;
2	5
3	6
\.
SELECT sync_app.rows();
CALL sync_app.again();

-- The view decides, whatever the search_path.
SET search_path = sync_app_01;
INSERT INTO t VALUES (1, 1);
INSERT INTO sync_app_02.t VALUES (2, 21);
SET search_path = sync_app_02;
INSERT INTO t VALUES (3, 31);
INSERT INTO sync_app_01.t VALUES (4, 4);
SET search_path = sync_else, public;
INSERT INTO sync_app_01.t VALUES (5, 5);
INSERT INTO sync_app_02.t VALUES (6, 61);
SET pgmigrate.version = 'sync_app_02';
INSERT INTO sync_app_01.t VALUES (7, 7);
RESET pgmigrate.version;
SELECT sync_app.rows();
UPDATE sync_app_02.t SET c = c + 10 WHERE id IN (1, 2);
UPDATE sync_app_01.t SET c = c + 1 WHERE id IN (3, 4);
UPDATE sync_app_02.t SET note = 'shared' WHERE id = 5;
SELECT sync_app.rows();
CALL sync_app.again();

-- The base table: the columns decide, then pgmigrate.version, then the first version schema in search_path, else it is old.
SET search_path = public;
INSERT INTO sync_app.t (id, c) VALUES (1, 1);
INSERT INTO sync_app.t (id, new_c) VALUES (2, 21);
INSERT INTO sync_app.t (id) VALUES (3);
SET pgmigrate.version = 'sync_app_02';
INSERT INTO sync_app.t (id, c) VALUES (4, 4);
INSERT INTO sync_app.t (id, c, new_c) VALUES (5, 5, 51);
SET pgmigrate.version = '02';
INSERT INTO sync_app.t VALUES (6, 6, 'bare name', 61);
SET pgmigrate.version = 'app_02';
INSERT INTO sync_app.t VALUES (7, 7, 'unknown is old', 71);
RESET pgmigrate.version;
SET search_path = sync_else, sync_app_02, sync_app_01, sync_app;
INSERT INTO sync_app.t VALUES (8, 8, 'new first', 81);
SET search_path = sync_app_01, sync_app_02;
INSERT INTO sync_app.t VALUES (9, 9, 'old first', 91);
SET search_path = sync_app_02, public;
SET pgmigrate.version = 'sync_app_01';
INSERT INTO sync_app.t VALUES (10, 10, 'setting before path', 101);
RESET pgmigrate.version;
SET search_path = public;
UPDATE sync_app.t SET c = 12 WHERE id = 1;
UPDATE sync_app.t SET new_c = 31 WHERE id = 2;
UPDATE sync_app.t SET c = 5, new_c = 41 WHERE id = 4;
SELECT sync_app.rows();
CALL sync_app.again();

-- Functions: with a search_path of their own, and prepared statements, also after the path has changed.
CREATE FUNCTION sync_app.add_new(int) RETURNS void LANGUAGE plpgsql SET search_path = sync_app_02 AS $$ BEGIN INSERT INTO t VALUES ($1, $1 * 10 + 1); END $$;
CREATE FUNCTION sync_app.add_old(int) RETURNS void LANGUAGE plpgsql SET search_path = sync_app_01 AS $$ BEGIN INSERT INTO t VALUES ($1, $1); END $$;
CREATE FUNCTION sync_app.add_by_path(int, int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO t VALUES ($1, $2); END $$;
SET search_path = sync_app_01;
SELECT sync_app.add_new(1), sync_app.add_old(2);
SELECT sync_app.add_by_path(3, 3);
PREPARE add(int, int) AS INSERT INTO t VALUES ($1, $2);
EXECUTE add(4, 4);
SET search_path = sync_app_02;
SELECT sync_app.add_by_path(5, 51);
EXECUTE add(6, 61);
DEALLOCATE add;
PREPARE add(int, int) AS INSERT INTO sync_app_02.t VALUES ($1, $2);
SET plan_cache_mode = force_generic_plan;
SET search_path = sync_else;
EXECUTE add(7, 71);
EXECUTE add(8, 81);
-- A function that writes as one version, called by a statement that writes as the other, row by row.
CREATE FUNCTION sync_app.add_old_and_return(int) RETURNS int LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO sync_app_01.t VALUES ($1 + 10, $1, 'inner'); RETURN $1; END $$;
INSERT INTO sync_app_02.t SELECT 20 + g, 10 * sync_app.add_old_and_return(g) + 1, 'outer' FROM generate_series(1, 3) g;
DO $$ BEGIN INSERT INTO sync_app_02.t VALUES (30, 301, 'do'); END $$;
CREATE PROCEDURE sync_app.several() LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync_app_02.t VALUES (31, 311);
    COMMIT;
    INSERT INTO sync_app_01.t VALUES (32, 32);
    COMMIT;
    INSERT INTO sync_app_02.t VALUES (33, 331);
END
$$;
CALL sync_app.several();
-- An error in between leaves no wrong idea of what is running.
DO $$
BEGIN
    BEGIN
        INSERT INTO sync_app_02.t VALUES (34, 341), (34, 341);
    EXCEPTION WHEN unique_violation THEN
        INSERT INTO sync_app_01.t VALUES (34, 34);
    END;
END
$$;
INSERT INTO sync_app_02.t VALUES (34, 341);
COPY sync_app.t (id, c) FROM stdin;
35	35
\.
SELECT sync_app.rows();
CALL sync_app.again();

-- COPY names the base table, so the session decides; also inside a function called by a statement of another version.
SET search_path = public;
COPY sync_app.t (id, c) FROM stdin;
1	1
\.
SET search_path = sync_app_02;
COPY sync_app.t (id, new_c) FROM stdin;
2	21
3	31
\.
SET search_path = public;
SET pgmigrate.version = '02';
COPY sync_app.t (id, new_c) FROM stdin;
4	41
\.
RESET pgmigrate.version;
CREATE FUNCTION sync_app.copy_in(int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($q$ COPY sync_app.t (id, c) FROM PROGRAM 'echo %s; echo %s' (DELIMITER ' ') $q$, $1 || ' ' || $1, ($1 + 1) || ' ' || $1);
    RETURN $1;
END
$$;
INSERT INTO sync_app_02.t SELECT 30, 301 + 0 * sync_app.copy_in(10);
SELECT sync_app.rows();
CALL sync_app.again();

-- ON CONFLICT through both views.
SET search_path = sync_else;
INSERT INTO sync_app_01.t VALUES (1, 1), (2, 2);
INSERT INTO sync_app_02.t VALUES (1, 11), (3, 31) ON CONFLICT (id) DO UPDATE SET c = excluded.c;
INSERT INTO sync_app_01.t VALUES (2, 3), (4, 4) ON CONFLICT (id) DO UPDATE SET c = excluded.c;
INSERT INTO sync_app_02.t VALUES (4, 1), (5, 51) ON CONFLICT (id) DO UPDATE SET note = 'shared column';
INSERT INTO sync_app_02.t VALUES (4, 1), (6, 61) ON CONFLICT DO NOTHING;
SELECT sync_app.rows();
CALL sync_app.again();

-- MERGE into the base table. (Views are allowed from PostgreSQL 17 on.)
INSERT INTO sync_app_01.t VALUES (1, 1), (2, 2);
MERGE INTO sync_app.t USING (VALUES (1, 10), (3, 30)) AS s (id, c) ON t.id = s.id
    WHEN MATCHED THEN UPDATE SET c = s.c WHEN NOT MATCHED THEN INSERT (id, c) VALUES (s.id, s.c);
MERGE INTO sync_app.t USING (VALUES (2, 21), (4, 41)) AS s (id, c) ON t.id = s.id
    WHEN MATCHED THEN UPDATE SET new_c = s.c WHEN NOT MATCHED THEN INSERT (id, new_c) VALUES (s.id, s.c);
SELECT sync_app.rows();
CALL sync_app.again();

-- Several writes in one statement: each by its own view.
WITH a AS (INSERT INTO sync_app_01.t VALUES (1, 1), (2, 2)), b AS (INSERT INTO sync_app_02.t VALUES (3, 31), (4, 41)),
     c AS (INSERT INTO sync_app.t (id, c) VALUES (5, 5)), d AS (INSERT INTO sync_app_02.t VALUES (6, 61))
INSERT INTO sync_app_01.t VALUES (7, 7);
WITH a AS (UPDATE sync_app_02.t SET c = c + 100 WHERE id = 3 RETURNING id), b AS (UPDATE sync_app_01.t SET c = c + 100 WHERE id = 4)
UPDATE sync_app.t SET c = c + 200 WHERE id = 5;
SELECT sync_app.rows();
CALL sync_app.again();
-- A statement that reads one version and writes the other, or writes another table through it.
CREATE TABLE sync_app.u (id int, note text);
CREATE VIEW sync_app_02.u WITH (security_invoker) AS SELECT * FROM sync_app.u;
WITH a AS (INSERT INTO sync_app_02.u VALUES (1)) INSERT INTO sync_app.t (id, note) VALUES (1, 'plain');
INSERT INTO sync_app_01.t SELECT id + 1, c, note FROM sync_app_02.t FOR UPDATE;
INSERT INTO sync_app_02.t SELECT id + 10, c + 1, note FROM sync_app_01.t FOR UPDATE;
SELECT sync_app.rows();
CALL sync_app.again();

-- A user's own view on top of a version's, renaming a column.
CREATE VIEW sync_else.mine WITH (security_invoker) AS SELECT id AS number, c AS value FROM sync_app_02.t WHERE id > 0;
CREATE VIEW sync_else.old_mine AS SELECT id AS number, c AS value FROM sync_app_01.t WITH CHECK OPTION;
INSERT INTO sync_else.mine VALUES (1, 11);
INSERT INTO sync_else.old_mine VALUES (2, 2);
UPDATE sync_else.mine SET value = 31 WHERE number = 2;
SELECT sync_app.rows();
CALL sync_app.again();

-- Cursors, EXPLAIN ANALYZE, CREATE TABLE AS over a writing function, RETURNING.
BEGIN;
INSERT INTO sync_app_01.t VALUES (1, 1);
DECLARE cur CURSOR FOR SELECT id FROM sync_app.t FOR UPDATE;
FETCH cur;
UPDATE sync_app.t SET new_c = 21 WHERE CURRENT OF cur;
DO $$ BEGIN EXECUTE 'EXPLAIN (ANALYZE) INSERT INTO sync_app_02.t VALUES (3, 31)'; END $$;
CREATE TABLE sync_else.made AS SELECT sync_app.add_old_and_return(4);
INSERT INTO sync_app_02.t VALUES (5, 51) RETURNING *;
COMMIT;
SELECT sync_app.rows();
CALL sync_app.again();

-- Replication applies changes with session_replication_role = replica; the trigger fires all the same.
SET session_replication_role = replica;
INSERT INTO sync_app.t (id, c) VALUES (1, 1);
UPDATE sync_app.t SET c = 2;
SELECT sync_app.rows();
RESET session_replication_role;
CALL sync_app.again();

-- Foreign keys whose action changes the old column, or the new.
CREATE TABLE sync_app.parent (id int PRIMARY KEY, big bigint UNIQUE);
ALTER TABLE sync_app.t ADD CONSTRAINT t_c_fkey FOREIGN KEY (c) REFERENCES sync_app.parent ON UPDATE CASCADE ON DELETE SET NULL;
SET search_path = sync_app_02;
INSERT INTO sync_app.parent VALUES (1, 10), (2, 20);
INSERT INTO sync_app_01.t VALUES (1, 1);
INSERT INTO sync_app_02.t VALUES (2, 21);
UPDATE sync_app.parent SET id = 3, big = 30 WHERE id = 1;
SELECT sync_app.rows();
DELETE FROM sync_app.parent WHERE id = 2;
SELECT sync_app.rows();
ALTER TABLE sync_app.t DROP CONSTRAINT t_c_fkey, ADD CONSTRAINT t_new_c_fkey FOREIGN KEY (new_c) REFERENCES sync_app.parent (big) ON UPDATE CASCADE;
SET search_path = public;
UPDATE sync_app.parent SET big = 31 WHERE big = 30;
SELECT sync_app.rows();
-- Deferred to the commit, when no statement runs.
ALTER TABLE sync_app.t DROP CONSTRAINT t_new_c_fkey;
CREATE FUNCTION sync_app.late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO sync_app_02.t VALUES (NEW.id + 100, 991); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON sync_app.t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.id < 100) EXECUTE FUNCTION sync_app.late();
BEGIN;
INSERT INTO sync_app_01.t VALUES (5, 5);
COMMIT;
SELECT sync_app.rows();
DROP TRIGGER late ON sync_app.t;
CALL sync_app.again();

-- Partitions through views: one with the columns in another order.
CREATE TABLE sync_app.p (id int, c int, new_c bigint) PARTITION BY RANGE (id);
CREATE TABLE sync_app.p_1 (new_c bigint, id int, c int);
ALTER TABLE sync_app.p ATTACH PARTITION sync_app.p_1 FOR VALUES FROM (0) TO (10);
CREATE TABLE sync_app.p_2 PARTITION OF sync_app.p FOR VALUES FROM (10) TO (20);
CREATE VIEW sync_app_01.p WITH (security_invoker) AS SELECT id, c FROM sync_app.p;
CREATE VIEW sync_app_02.p WITH (security_invoker) AS SELECT id, new_c AS c FROM sync_app.p;
DO $$
BEGIN
    EXECUTE format('CREATE TRIGGER zz_sync BEFORE INSERT OR UPDATE ON sync_app.p FOR EACH ROW EXECUTE FUNCTION pgmigrate_sync(%L)',
        (SELECT convert_from(substr(tgargs, 1, length(tgargs) - 1), 'UTF8') FROM pg_trigger WHERE tgrelid = 'sync_app.t'::regclass AND tgname = 'zz_sync'));
END
$$;
INSERT INTO sync_app_01.p VALUES (1, 1), (11, 11);
INSERT INTO sync_app_02.p VALUES (2, 21), (12, 121);
WITH a AS (INSERT INTO sync_app_01.p VALUES (3, 3), (13, 13)) INSERT INTO sync_app_02.p VALUES (4, 41), (14, 141);
TABLE sync_app.p ORDER BY id;
UPDATE sync_app_02.p SET c = c + 10 WHERE id IN (1, 11);
UPDATE sync_app_01.p SET c = c + 1 WHERE id IN (2, 12);
-- Moved to another partition: what nobody changed stays as it is.
UPDATE sync_app_02.p SET c = 1031, id = 15 WHERE id = 3;
UPDATE sync_app_01.p SET id = 16 WHERE id = 4;
UPDATE sync_app_01.p SET c = 8, id = 6 WHERE id = 14;
TABLE sync_app.p ORDER BY id;

SET client_min_messages = warning;
DROP SCHEMA sync_app, sync_app_01, sync_app_02, sync_else CASCADE;
