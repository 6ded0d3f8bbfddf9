-- From the text of a migration to text that means the same under any search_path.
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA app;
CREATE SCHEMA other;
SET search_path = app, public;
CREATE TABLE app.u (id int, a int, b text, label text COLLATE "C");
CREATE TYPE app.mood AS ENUM ('sad', 'ok');
CREATE TYPE app."Odd Type" AS (x int, y text);
CREATE DOMAIN app.code AS varchar(3) CHECK (VALUE <> '');
CREATE SEQUENCE app.seq;
CREATE FUNCTION app.f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION app.f(int, int DEFAULT 3) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN $1; END';
CREATE FUNCTION app.inlined(text) RETURNS text LANGUAGE sql AS 'SELECT lower($1)';
CREATE FUNCTION app.v() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION app.plus(app.mood, app.mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR app.&&& (LEFTARG = app.mood, RIGHTARG = app.mood, FUNCTION = app.plus);
CREATE FUNCTION other.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1';

-- Expressions and bare SELECTs, with and without parentheses.
SELECT bind('a');
SELECT bind('(a)'), bind('((a))'), bind(' a '), bind('t.a'), bind('"a"'), bind('"Odd ""name"');
SELECT bind('(a) || (b)'), bind('(a + 1) * (a - 1)');
SELECT bind('SELECT 1'), bind('(SELECT 1)'), bind('((SELECT 1))'), bind('SELECT label FROM u WHERE u.id = t.a');
SELECT bind('a + 1 -- a comment'), bind('a /* one */ + 1'), bind(E'a\n+\n1\n');
SELECT bind('CASE WHEN a IS NULL THEN 0 WHEN a BETWEEN 1 AND 5 THEN 1 ELSE a END');
SELECT bind('b || a || b || name'), bind('COALESCE(b, name, ''x'')'), bind('NULLIF(b, '''')'), bind('GREATEST(a, n)');
SELECT bind('a IN (1, 2, 3)'), bind('a = ANY (arr)'), bind('arr[1:2]'), bind('arr[a]'), bind('ARRAY[a, 1]'), bind('ROW(a, b)');
SELECT bind('b LIKE ''x%'' AND NOT flag OR a IS DISTINCT FROM 3'), bind('flag IS NOT TRUE'), bind('name ~ ''^a''');
SELECT bind('EXTRACT(year FROM d)'), bind('substring(b FROM 2 FOR 3)'), bind('b COLLATE "C" < ''x'''), bind('-a'), bind('- 5'), bind('2 ^ 3');
SELECT bind('''1 year''::interval + d'), bind('CURRENT_TIMESTAMP'), bind('b::json ->> ''key'''), bind('now() AT TIME ZONE ''UTC''');
SELECT bind('''it''''s'''), bind('E''a\\b'''), bind('NULL'), bind('''x''::varchar(3)'), bind('$q$dollars$q$'), bind('1.50'), bind('B''101''');

-- What names mean is fixed here and now.
SELECT bind('f(b)'), bind('f(a)'), bind('inlined(b)'), bind('lower(b)'), bind('''ok''::mood &&& ''sad'''), bind('nextval(''seq'')');
SELECT bind('x.y', 'text', 't', 'x app."Odd Type"');
SELECT bind('(x).y', 'text', 't', 'x app."Odd Type"');
SET search_path = other, pg_catalog;
SELECT public.bind('lower(b)');
SELECT public.bind('f(b)');
SELECT public.bind('app.f(b)');
SET search_path = app, public;

-- Constants are written so that they mean the same under any settings.
SET datestyle = 'SQL, DMY';
SET intervalstyle = 'sql_standard';
SET extra_float_digits = -5;
SELECT bind('''01/02/2020''::date'), bind('''-1 2:03:04''::interval'), bind('0.1234567890123456::float8'), bind('''01/02/2020 UTC''::timestamptz');
RESET datestyle;
RESET intervalstyle;
RESET extra_float_digits;

-- Names found in a FROM clause inside win; the others are variables.
SELECT bind('SELECT count(*) FROM u WHERE id = a');
SELECT bind('SELECT count(*) FROM u WHERE id = t.a');
SELECT bind('SELECT count(*) FROM u AS t WHERE t.id = t.a');
SELECT bind('SELECT max(u.a) FROM u WHERE u.b = name AND EXISTS (SELECT FROM u AS w WHERE w.id = u.id AND w.label = t.b)');
SELECT bind('SELECT x FROM generate_series(1, a) AS x ORDER BY x DESC LIMIT 1');
SELECT bind('WITH w AS (SELECT b AS z) SELECT z || name FROM w');
SELECT bind('SELECT sum(a)');
SELECT bind('(SELECT min(id) FROM u) + a * 2');

-- The target type: as PL/pgSQL assigns.
SELECT bind('a', 'bigint'), bind('a', 'int'), bind('b', 'int'), bind('a', 'text'), bind('a::bigint', 'smallint'), bind('n', 'int');
SELECT bind('name', 'text'), bind('b', 'varchar(5)'), bind('name', 'varchar(20)'), bind('n', 'numeric(10,2)'), bind('b', 'mood'), bind('b', 'code');
SELECT bind('''5''', 'int'), bind('5', 'text'), bind('''ok''', 'mood'), bind('''abcdef''', 'varchar(3)'), bind('NULL', 'int'), bind('''x''');
SELECT bind('''abcdef''', 'code');
SELECT bind('a', 'boolean'), bind('flag', 'int'), bind('a > 1', 'boolean'), bind('arr', 'bigint[]'), bind('arr', 'text'), bind('ROW(a, b)', '"Odd Type"');
SELECT bind('b', 'other.nothing');
SELECT bind('SELECT label FROM u', 'int'), bind('SELECT 1', 'bigint'), bind('now()', 'date'), bind('d', 'timestamptz'), bind('nextval(''seq'')', 'int');
SELECT bind('''five''', 'int');
SELECT bind('ROW(a, b)', 'int');
SELECT bind('a, b', 'int');

-- Volatility.
SELECT bind('random()'), bind('v() + a'), bind('now()'), bind('upper(b)'), bind('gen_random_uuid()'), bind('b::date'), bind('SELECT random()');

-- Collations.
SELECT bind('b < c', '', 't', 'b text COLLATE "C", c text COLLATE "POSIX"');
SELECT bind('b < ''x''', '', 't', 'b text COLLATE "C"'), bind('b', 'text', 't', 'b text COLLATE pg_catalog."C"');

-- Refused: one expression and nothing else.
\set expressions 'VALUES (1, $$$$), (2, $$1) , (2$$), (3, $$1) + (2$$), (4, $$1; DROP TABLE app.u$$), (5, $$1) FROM (app.u$$), (6, $$a -- )$$), (7, $$1); DROP TABLE app.u; --$$), (8, $$1 /* $$), (9, $$\'x$$), (10, $$(a$$), (11, $$a)$$), (12, $$1 AS x$$), (13, $$*$$), (14, $$t.*$$), (15, $$t$$), (16, $$INSERT INTO u VALUES (1)$$), (17, $$SELECT 1, 2$$), (18, $$SELECT * FROM u$$), (19, $$$1$$), (20, $$nope$$), (21, $$u.nope$$), (22, $$t.nope$$), (23, $$other.t.a$$), (24, $$nope(a)$$), (25, $$a + flag$$), (26, $$sum(a)$$), (27, $$row_number() OVER ()$$), (28, $$generate_series(1, 3)$$), (29, $$a || $$), (30, $$DEFAULT$$), (31, $$SELECT 1 FOR UPDATE; SELECT 2$$), (32, $$b::nothing$$), (33, $$WITH x AS (DELETE FROM u RETURNING id) SELECT id FROM x$$), (34, $$a FROM u$$), (35, $$"")($$)'
CREATE FUNCTION attempt(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; place text;
BEGIN
    RETURN bind(expression);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
    RETURN state || ' ' || message;
END
$$;
SELECT number, expression, '=>', attempt(expression) FROM (:expressions) AS e (number, expression) ORDER BY number;
SELECT count(*) FROM app.u;
-- The position is one in the expression.
SELECT bind('a + nope + b');
SELECT bind('lower(b) + ''x');
SELECT bind('a) + (b');
-- A failed attempt leaves the transaction as it was.
BEGIN;
SELECT attempt('nope'), attempt('a'), attempt('lower(');
SELECT bind('a');
COMMIT;

-- Types.
SELECT canonical_type('int'), canonical_type('varchar(5)'), canonical_type('int4[]'), canonical_type('mood'), canonical_type('"Odd Type"'),
    canonical_type('timestamp with time zone'), canonical_type('float'), canonical_type('numeric(5, 2)'), canonical_type('pg_catalog.text'),
    canonical_type('char'), canonical_type('"char"'), canonical_type('decimal'), canonical_type('code[]');
SELECT canonical_type('nothing');
SELECT canonical_type('int; DROP TABLE u');
