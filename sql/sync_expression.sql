-- The expressions of the sync trigger: subqueries, functions, whose rights and which names, and what happens when things change.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgmigrate;
RESET client_min_messages;
\pset null '<NULL>'
CREATE ROLE sync_owner;
CREATE ROLE sync_writer;
CREATE SCHEMA sync_expr AUTHORIZATION sync_owner;
CREATE SCHEMA sync_trojan;
GRANT ALL ON SCHEMA sync_trojan TO sync_writer;
GRANT USAGE ON SCHEMA sync_expr TO sync_writer;
SET search_path = sync_expr;

-- As migrate_start would make them; `expression` is bound text.
CREATE PROCEDURE public.sync_with(tbl regclass, target text, expression text, VARIADIC parameters text[] DEFAULT '{}') LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER zz_sync BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION public.pgmigrate_sync(%L)', tbl,
        jsonb_build_object('new_version', 'sync_expr_02', 'old_version', '', 'search_path', 'sync_expr', 'down', '[]'::jsonb,
            'up', jsonb_build_array(jsonb_build_object('target', target, 'expression', expression, 'parameters', to_jsonb(parameters), 'is_immutable', false)),
            'default_from_source', '[]'::jsonb));
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER zz_sync', tbl);
END
$$;
SET ROLE sync_owner;
CREATE TABLE t (id int, c text, s text);
CREATE TABLE country (code text PRIMARY KEY, name varchar(20));
GRANT INSERT, SELECT, UPDATE ON t TO sync_writer;
INSERT INTO country VALUES ('de', 'Germany'), ('fr', 'France');
RESET ROLE;

-- Subqueries. The writer has no right to the table they read; its owner has.
CALL public.sync_with('t', 's', '( SELECT country.name FROM sync_expr.country WHERE (country.code = $1))', 'c');
SET ROLE sync_writer;
INSERT INTO t VALUES (1, 'de'), (2, 'fr'), (3, 'xx'), (4, NULL) RETURNING *;
UPDATE t SET c = 'fr' WHERE id = 1 RETURNING *;
SELECT * FROM country;
RESET ROLE;
-- They see what the statement did before.
CALL public.sync_with('t', 's', '( SELECT (count(*))::text AS count FROM sync_expr.t)');
INSERT INTO t VALUES (5), (6) RETURNING *;
-- More than one row, none, and an assignment cast of the result.
CALL public.sync_with('t', 's', '( SELECT country.name FROM sync_expr.country)');
INSERT INTO t VALUES (7);
CREATE TABLE counted (id int, n smallint);
CALL public.sync_with('counted', 'n', '( SELECT sum($1) AS sum FROM generate_series(1, 3))', 'id');
INSERT INTO counted VALUES (5) RETURNING *;
INSERT INTO counted VALUES (32767) RETURNING *;
\echo :SQLSTATE
-- The table that the plan reads changes; the cached plan follows.
CALL public.sync_with('t', 's', '( SELECT (country.*)::text AS country FROM sync_expr.country WHERE (country.code = $1))', 'c');
INSERT INTO t VALUES (8, 'de') RETURNING *;
ALTER TABLE country ADD COLUMN capital text DEFAULT 'unknown';
INSERT INTO t VALUES (9, 'de') RETURNING *;
ALTER TABLE country RENAME TO land;
INSERT INTO t VALUES (10, 'de');
ALTER TABLE land RENAME TO country;
INSERT INTO t VALUES (11, 'fr') RETURNING *;

-- A function runs as the table's owner, with the search_path of migrate_start's caller. Names in the expression are bound.
SET ROLE sync_owner;
CREATE FUNCTION tell(text) RETURNS text LANGUAGE plpgsql AS
    $$ BEGIN RETURN format('%s: %s writes as %s, path %s', $1, session_user <> current_user, current_user, current_setting('search_path')); END $$;
CREATE FUNCTION helper(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'helped ' || $1; END $$;
CREATE FUNCTION calls_helper(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN helper($1); END $$;
REVOKE EXECUTE ON FUNCTION helper, calls_helper FROM PUBLIC;
RESET ROLE;
CALL public.sync_with('t', 's', 'sync_expr.tell($1)', 'c');
SET ROLE sync_writer;
SET search_path = sync_trojan, sync_expr;
CREATE FUNCTION sync_trojan.tell(text) RETURNS text LANGUAGE sql AS $$ SELECT 'trojan' $$;
CREATE FUNCTION sync_trojan.helper(text) RETURNS text LANGUAGE sql AS $$ SELECT 'trojan' $$;
CREATE FUNCTION sync_trojan.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT 'trojan' $$;
CREATE FUNCTION sync_trojan.lower(varchar) RETURNS text LANGUAGE sql AS $$ SELECT 'trojan' $$;
CREATE TABLE sync_trojan.country AS SELECT 'de' AS code, 'trojan' AS name;
INSERT INTO t VALUES (20, 'function') RETURNING s;
SELECT current_user, current_setting('search_path');
RESET ROLE;
CALL public.sync_with('t', 's', '(sync_expr.calls_helper($1) || ( SELECT ('' in ''::text || sync_expr.calls_helper((country.name)::text)) FROM sync_expr.country LIMIT 1))', 'c');
SET ROLE sync_writer;
INSERT INTO t VALUES (21, 'function') RETURNING s;
RESET ROLE;
SET search_path = sync_trojan, pg_catalog, sync_expr;
CALL public.sync_with('t', 's', 'lower($1)', 'c');
INSERT INTO t VALUES (22, 'LOWER') RETURNING s;
CALL public.sync_with('t', 's', '( SELECT lower($1) AS lower)', 'c');
INSERT INTO t VALUES (23, 'LOWER') RETURNING s;
-- Built-in functions that tell who asks, or that not everybody may call, are no exception.
CALL public.sync_with('t', 's', '((CURRENT_USER)::text || CURRENT_SCHEMA)');
INSERT INTO t VALUES (24) RETURNING s;
CALL public.sync_with('t', 's', 'pg_read_file($1)', 'c');
INSERT INTO t VALUES (25, '/etc/hostname');
\echo :SQLSTATE
-- Nor can a function change the session, or leave something behind.
SET search_path = sync_expr;
SET ROLE sync_owner;
CREATE FUNCTION meddle(text) RETURNS text LANGUAGE plpgsql AS
    $$ BEGIN PERFORM set_config('search_path', 'sync_trojan', false); PERFORM set_config('role', 'none', false); RETURN $1; END $$;
CREATE FUNCTION sticky(text) RETURNS text LANGUAGE plpgsql AS
    $$ BEGIN CREATE TEMP TABLE left_behind (); RETURN $1; END $$;
CREATE FUNCTION change_path(text) RETURNS text LANGUAGE plpgsql AS
    $$ BEGIN PERFORM set_config('search_path', 'sync_trojan', false); RETURN current_setting('search_path'); END $$;
RESET ROLE;
CALL public.sync_with('t', 's', 'sync_expr.meddle($1)', 'c');
INSERT INTO t VALUES (26, 'x');
CALL public.sync_with('t', 's', 'sync_expr.sticky($1)', 'c');
INSERT INTO t VALUES (26, 'x');
CALL public.sync_with('t', 's', 'sync_expr.change_path($1)', 'c');
INSERT INTO t VALUES (26, 'x') RETURNING s;
SELECT current_user = session_user, current_setting('search_path');
-- The owner changes, and with it who runs the expression.
CALL public.sync_with('t', 's', 'sync_expr.tell($1)', 'c');
INSERT INTO t VALUES (27, 'before') RETURNING s;
ALTER TABLE t OWNER TO sync_writer;
INSERT INTO t VALUES (28, 'after') RETURNING s;
ALTER TABLE t OWNER TO sync_owner;

-- Things change while a session has the expression compiled.
CREATE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'one ' || $1 $$;
CALL public.sync_with('t', 's', 'sync_expr.f($1)', 'c');
INSERT INTO t VALUES (30, 'f') RETURNING s;
CREATE OR REPLACE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'two ' || $1 $$;
INSERT INTO t VALUES (31, 'f') RETURNING s;
BEGIN;
CREATE OR REPLACE FUNCTION f(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'three ' || $1; END $$;
INSERT INTO t VALUES (32, 'f') RETURNING s;
ROLLBACK;
INSERT INTO t VALUES (32, 'f') RETURNING s;
ALTER TABLE t ADD COLUMN extra int DEFAULT 5;
INSERT INTO t VALUES (33, 'f') RETURNING *;
DELETE FROM t;
ALTER TABLE t ALTER s TYPE varchar(5);
INSERT INTO t VALUES (34, 'f') RETURNING *;
INSERT INTO t VALUES (35, 'long') RETURNING *;
\echo :SQLSTATE
ALTER TABLE t ALTER s TYPE text;
CALL public.sync_with('t', 's', '($1 || ''!''::text)', 'c');
INSERT INTO t VALUES (36, 'argument of the trigger changed') RETURNING *;
ALTER TABLE t DROP COLUMN extra;
INSERT INTO t VALUES (37, 'x') RETURNING *;
-- A column that goes away under the migration.
ALTER TABLE t RENAME COLUMN c TO d;
INSERT INTO t VALUES (38, 'x');
\echo :SQLSTATE
ALTER TABLE t RENAME COLUMN d TO c;
INSERT INTO t VALUES (39, 'x') RETURNING *;
-- A domain's constraint.
CREATE DOMAIN short AS text;
CREATE TABLE checked (id int, c text, d short);
CALL public.sync_with('checked', 'd', '($1)::sync_expr.short', 'c');
INSERT INTO checked VALUES (1, 'abcdef') RETURNING *;
ALTER DOMAIN short ADD CONSTRAINT is_short CHECK (length(VALUE) < 3) NOT VALID;
INSERT INTO checked VALUES (2, 'abcdef') RETURNING *;

-- A function in the expression writes to the same table, whose trigger runs the same expression.
CREATE TABLE tree (id int, n int, s text);
CREATE FUNCTION plant(int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF $1 > 0 THEN INSERT INTO sync_expr.tree VALUES ($1 * 10, $1 - 1); END IF;
    RETURN 'made with ' || $1;
END
$$;
CALL public.sync_with('tree', 's', '(sync_expr.plant($1) || ''.''::text)', 'n');
INSERT INTO tree VALUES (1, 3);
TABLE tree;
\set SHOW_CONTEXT never
-- An error deep inside, caught; the transaction goes on, and so does the next one.
CREATE FUNCTION fail_at(int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 10 / $1; END $$;
CREATE FUNCTION public.attempt(int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; BEGIN
    INSERT INTO sync_expr.tree VALUES ($1, $1); RETURN 'done';
EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE; RETURN state; END
$$;
CALL public.sync_with('tree', 's', 'sync_expr.fail_at($1)', 'n');
BEGIN;
SELECT public.attempt(0), public.attempt(5), public.attempt(0), public.attempt(2);
INSERT INTO tree VALUES (2, 0);
ROLLBACK;
SELECT public.attempt(0), public.attempt(5), public.attempt(0), public.attempt(2);
INSERT INTO tree VALUES (2, 0);
INSERT INTO tree VALUES (2, 1) RETURNING *;
-- The same with a subquery.
CALL public.sync_with('tree', 's', '( SELECT sync_expr.fail_at($1) AS fail_at)', 'n');
BEGIN;
SELECT public.attempt(0), public.attempt(5), public.attempt(0), public.attempt(2);
INSERT INTO tree VALUES (2, 0);
ROLLBACK;
INSERT INTO tree VALUES (2, 1) RETURNING *;
\set SHOW_CONTEXT errors
-- Many rows and failures in one transaction.
DO $$ BEGIN FOR i IN 1 .. 2000 LOOP PERFORM public.attempt(i % 2); END LOOP; END $$;
SELECT s, count(*) FROM tree GROUP BY s ORDER BY s;

-- Under REPEATABLE READ, with a snapshot older than the trigger.
CREATE TABLE snap (id int, c int, s text);
INSERT INTO snap VALUES (1, 1);
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM snap;
CALL public.sync_with('snap', 's', '($1)::text', 'c');
UPDATE snap SET c = 2 RETURNING *;
COMMIT;
BEGIN;
INSERT INTO snap VALUES (2, 2);
PREPARE TRANSACTION 'sync_expression';
INSERT INTO snap VALUES (3, 3);
COMMIT PREPARED 'sync_expression';
TABLE snap ORDER BY id;

-- Collations are the columns' own.
CREATE TABLE sorted (id int, c text COLLATE "C", s text);
CALL public.sync_with('sorted', 's', '($1 < ''a''::text)', 'c');
INSERT INTO sorted VALUES (1, 'B') RETURNING *;
CALL public.sync_with('sorted', 's', '( SELECT (pg_collation_for($1))::text AS pg_collation_for)', 'c');
INSERT INTO sorted VALUES (2, 'B') RETURNING *;

-- Only the extension makes such triggers.
SET ROLE sync_owner;
CREATE TRIGGER mine BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION public.pgmigrate_sync('{}');
RESET ROLE;

SET client_min_messages = warning;
RESET search_path;
DROP SCHEMA sync_expr, sync_trojan CASCADE;
DROP FUNCTION attempt;
DROP PROCEDURE sync_with;
DROP ROLE sync_owner, sync_writer;
