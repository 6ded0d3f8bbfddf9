-- Every function and procedure that is ours, called with NULLs and with values at the edges: an answer or an error with an SQLSTATE that
-- says what is wrong with the call; never an internal error, a crash, or something left behind.
\set VERBOSITY terse
CREATE TABLE helper.edges (type regtype, value text);
INSERT INTO helper.edges VALUES
  ('text', NULL), ('text', quote_literal('')), ('text', quote_literal('public')), ('text', quote_literal(E'a''"\\;\n$1 é')), ('text', 'repeat(''x'', 100000)'),
  ('text', quote_literal('{"operations": []}')), ('text', quote_literal('{"operations": [')), 
  ('name', NULL), ('name', quote_literal('')), ('name', quote_literal('no such schema')), 
  ('name', quote_literal('information_schema')), ('name', quote_literal(repeat('é', 31))), ('name', quote_literal('pgmigrate')),
  ('jsonb', NULL), ('jsonb', quote_literal('null')), ('jsonb', quote_literal('1')), ('jsonb', quote_literal('[]')), ('jsonb', quote_literal('"x"')), ('jsonb', quote_literal('{"operations": [{"sql": {"up": ""}}]}')),
  ('boolean', NULL), ('boolean', 'true'), ('integer', NULL), ('integer', '(-2147483648)'), ('integer', '2147483647'), ('bigint', NULL), ('bigint', '(-9223372036854775808)'),
  ('pgmigrate.plan_format', NULL), ('pgmigrate.plan_format', quote_literal('json')), ('pgmigrate.plan_format', quote_literal('text')),
  ('interval', NULL), ('interval', quote_literal('0')), ('interval', quote_literal('-178000000 years')), ('interval', quote_literal('1 microsecond')),
  ('double precision', NULL), ('double precision', quote_literal('NaN')), ('numeric', NULL), ('numeric', quote_literal('NaN')), ('regclass', NULL), ('regclass', '0'), ('oid', NULL), ('oid', '4294967295');
-- One call for each combination of edge values of the first three arguments; a further argument takes its first value.
CREATE FUNCTION helper.calls() RETURNS TABLE (function regprocedure, call text) LANGUAGE plpgsql AS $$
DECLARE
	f record;
	lists text[];
	list text;
	longer text[];
BEGIN
	FOR f IN SELECT p.oid::regprocedure AS function, p.prokind, format('%I.%I', p.pronamespace::regnamespace, p.proname) AS name, p.proargtypes::oid[] AS types
	           FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
	           JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pgmigrate' WHERE p.prorettype <> 'trigger'::regtype ORDER BY 1
	LOOP
		lists := ARRAY[''];
		FOR i IN 0 .. coalesce(array_upper(f.types, 1), -1) LOOP
			longer := '{}';
			FOREACH list IN ARRAY lists LOOP
				longer := longer || ARRAY(SELECT list || CASE WHEN list <> '' THEN ', ' ELSE '' END || coalesce(value, 'NULL') || '::' || format_type(f.types[i], NULL)
				                            FROM (SELECT e.value, row_number() OVER () AS n FROM helper.edges e WHERE e.type = f.types[i]) v WHERE i < 3 OR n = 1);
			END LOOP;
			lists := longer;
		END LOOP;
		IF lists = '{}' THEN RAISE EXCEPTION 'no edge values for an argument of %', f.function; END IF;
		RETURN QUERY SELECT f.function, format(CASE WHEN f.prokind = 'p' THEN 'CALL %s(%s)' ELSE 'SELECT FROM %s(%s)' END, f.name, l) FROM unnest(lists) l;
	END LOOP;
END
$$;
-- Runs a call and takes back whatever it did.
CREATE FUNCTION helper.outcome(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	hint text;
BEGIN
	BEGIN
		EXECUTE call;
		RAISE EXCEPTION USING ERRCODE = '0P000', MESSAGE = 'answered';
	EXCEPTION WHEN others THEN
		GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
		IF sqlstate = '0P000' THEN RETURN 'answered'; END IF;
		RETURN sqlstate || CASE WHEN hint = '' AND sqlstate <> '22004' THEN ' without a hint: ' || message ELSE '' END
		    || CASE WHEN message ~ '[\n\r]' THEN ' on several lines' ELSE '' END;
	END;
END
$$;
SET client_min_messages = error;
SELECT helper.remember('public');
CREATE TABLE helper.outcomes AS SELECT function, call, helper.outcome(call) FROM helper.calls();
SELECT count(*) > 500 AS many FROM helper.outcomes;
SELECT function, string_agg(DISTINCT outcome, ', ' ORDER BY outcome) AS outcomes FROM helper.outcomes GROUP BY 1 ORDER BY function::text;
-- Nothing is left, and nothing internal came out.
SELECT call, outcome FROM helper.outcomes WHERE outcome ~ '^(XX|58|53|0A|P0)' ORDER BY 1 LIMIT 20;
SELECT helper.changes('public');
SELECT schema_name, name, state FROM pgmigrate.migration WHERE state <> 'completed';
-- A text of 128 MB is refused.
SELECT helper.try($$SELECT migrate_start('x', repeat('x', 134217728))$$), helper.try($$SELECT migrate_plan('x', repeat('[', 134217728))$$);
-- The trigger function as anything else than a trigger.
RESET client_min_messages;
SELECT pgmigrate_sync();
CREATE TABLE helper.odd (a integer);
CREATE TRIGGER odd AFTER INSERT ON helper.odd FOR EACH ROW EXECUTE FUNCTION pgmigrate_sync('{}');
INSERT INTO helper.odd VALUES (1);
DROP TRIGGER odd ON helper.odd;
CREATE TRIGGER odd BEFORE INSERT ON helper.odd FOR EACH STATEMENT EXECUTE FUNCTION pgmigrate_sync('{}');
INSERT INTO helper.odd VALUES (1);
DROP TRIGGER odd ON helper.odd;
SELECT format('CREATE TRIGGER odd BEFORE INSERT ON helper.odd FOR EACH ROW EXECUTE FUNCTION pgmigrate_sync(%s)', arguments) AS trigger,
       helper.try(format('CREATE TRIGGER odd BEFORE INSERT ON helper.odd FOR EACH ROW EXECUTE FUNCTION pgmigrate_sync(%s)', arguments)) AS made,
       helper.try('INSERT INTO helper.odd VALUES (1)') AS fired, helper.try('DROP TRIGGER odd ON helper.odd') AS dropped
  FROM unnest('{"", "''''", "''x''", "''null''", "''[]''", "''{}''", "''{\"up\": 1}''", "''{}'', ''{}''"}'::text[]) WITH ORDINALITY a(arguments, n) ORDER BY n;
DROP TABLE helper.odd, helper.outcomes, helper.edges;
DROP FUNCTION helper.calls(), helper.outcome(text);
