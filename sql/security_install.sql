-- CREATE EXTENSION in a schema where somebody else could create objects first: nothing of theirs is adopted or run.
\set VERBOSITY terse
\set was :DBNAME
CREATE ROLE si_attacker;
CREATE DATABASE pgmigrate_install;
\c pgmigrate_install
\set VERBOSITY terse
CREATE SCHEMA hostile;
GRANT USAGE, CREATE ON SCHEMA hostile TO si_attacker;
CREATE TABLE public.taken (by text, victim name);
GRANT INSERT ON public.taken TO PUBLIC;
SET ROLE si_attacker;
-- A function that takes exactly the types of a call is preferred to one in pg_catalog that needs a cast: name, here, not text.
DO $do$
DECLARE
	f text;
BEGIN
	FOREACH f IN ARRAY '{
		substr(name\, integer) RETURNS text, length(name) RETURNS integer, jsonb_typeof(jsonb) RETURNS text, quote_ident(name) RETURNS text,
		coalesce(timestamptz\, timestamptz) RETURNS timestamptz, jsonb_array_elements(jsonb) RETURNS jsonb, clock_timestamp() RETURNS timestamptz}'::text[]
	LOOP
		EXECUTE format('CREATE FUNCTION hostile.%s LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.taken VALUES (%L, current_user); RETURN NULL; END$$',
		               regexp_replace(f, '^\s*coalesce', '"coalesce"'), trim(f));
	END LOOP;
END
$do$;
CREATE FUNCTION hostile.noted(state anyelement, value text) RETURNS anyelement LANGUAGE sql AS 'INSERT INTO public.taken VALUES (''lag'', current_user); SELECT $1';
CREATE AGGREGATE hostile.lag(text) (SFUNC = hostile.noted, STYPE = text);
CREATE FUNCTION hostile.same(name, text) RETURNS boolean LANGUAGE sql AS 'INSERT INTO public.taken VALUES (''='', current_user); SELECT true';
CREATE FUNCTION hostile.same(text, text) RETURNS boolean LANGUAGE sql AS 'INSERT INTO public.taken VALUES (''='', current_user); SELECT true';
CREATE FUNCTION hostile.same(name, name) RETURNS boolean LANGUAGE sql AS 'INSERT INTO public.taken VALUES (''='', current_user); SELECT true';
CREATE OPERATOR hostile.= (FUNCTION = hostile.same, LEFTARG = name, RIGHTARG = text);
CREATE OPERATOR hostile.= (FUNCTION = hostile.same, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR hostile.= (FUNCTION = hostile.same, LEFTARG = name, RIGHTARG = name);
CREATE OPERATOR hostile.<> (FUNCTION = hostile.same, LEFTARG = text, RIGHTARG = text);
-- Objects with the names of ours.
CREATE FUNCTION hostile.migrate_start(name text, migration text, schema_name name DEFAULT 'public') RETURNS text LANGUAGE sql AS 'SELECT ''taken''';
RESET ROLE;
CREATE EXTENSION pgmigrate SCHEMA hostile;
SELECT count(*) FROM pg_extension WHERE extname = 'pgmigrate';
DROP FUNCTION hostile.migrate_start(text, text, name);
GRANT CREATE ON DATABASE pgmigrate_install TO si_attacker;
SET ROLE si_attacker;
CREATE SCHEMA pgmigrate;
RESET ROLE;
CREATE EXTENSION pgmigrate SCHEMA hostile;
DROP SCHEMA pgmigrate;
SET ROLE si_attacker;
CREATE TYPE hostile.jsonb AS (a int);
CREATE DOMAIN hostile.name AS text;
RESET ROLE;
CREATE EXTENSION pgmigrate SCHEMA hostile;
SELECT DISTINCT pronamespace::regnamespace FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pgmigrate' ORDER BY 1;
SELECT count(*) FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relnamespace = 'pgmigrate'::regnamespace AND t.typnamespace = 'hostile'::regnamespace;

-- The superuser uses it, with the attacker's schema first in the search_path.
SET search_path = hostile, public;
CREATE TABLE public.t (id integer PRIMARY KEY, a integer);
INSERT INTO public.t VALUES (1, 1);
SELECT hostile.migrate_start('01', '{"operations": [{"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a", "down": "a"}}]}'::pg_catalog.jsonb);
CALL hostile.migrate_wait();
SELECT hostile.migrate_complete();
SELECT pg_catalog.count(*) FROM pgmigrate.migrations;
SELECT name, parent, done, migration_type FROM pgmigrate.migrations;
SELECT pgmigrate.latest_version('public'), pgmigrate.previous_version('public'), pgmigrate.is_active_migration_period('public');
SELECT (pgmigrate.read_schema('public') IS NULL);
SELECT state FROM hostile.migrate_status();
SELECT * FROM public.taken;
RESET search_path;
\c :was
DROP DATABASE pgmigrate_install WITH (FORCE);
DROP ROLE si_attacker;
