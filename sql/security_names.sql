-- Names and texts that try to be SQL: everything of a migration reaches the server quoted, bound, or as one clause of a statement.
\set VERBOSITY terse
CREATE TABLE helper.victim (a integer);
INSERT INTO helper.victim VALUES (1);
-- Names for each kind of object: quotes of all sorts, a statement, a comment, a newline, a dollar quote, a backslash, no ASCII; 63 bytes.
CREATE TABLE helper.names (n integer PRIMARY KEY, name text NOT NULL);
INSERT INTO helper.names VALUES
  (1, '"; DROP TABLE helper.victim; --'), (2, $$'); DROP TABLE helper.victim; --$$), (3, E'a\nb;\tc'), (4, '$$x$_$;'), (5, E'\\'' OR 1=1'),
  (6, '{"a": [1]}'), (7, '%s %I {} {0} $1 ?'), (8, 'é😀 "ß" ĳ'), (9, rpad('"''; /*', 63, '"')), (10, U&'\200E\202E\FEFF x'), (11, ' '), (12, '--');
SELECT n, octet_length(name) FROM helper.names WHERE octet_length(name) > 60;

-- For each name a migration in which it is the name of everything, run both ways. Names of derived objects must not meet, hence the suffix.
CREATE FUNCTION helper.migration_with(name text) RETURNS text LANGUAGE sql AS $$
SELECT jsonb_build_object('version_schema', left(name, 40), 'operations', jsonb_build_array(
  jsonb_build_object('alter_column', jsonb_build_object('table', name, 'column', name, 'type', 'text', 'nullable', false,
    'unique', jsonb_build_object('name', left(name, 50) || ' u'), 'comment', name, 'default', quote_literal(name),
    'check', jsonb_build_object('name', left(name, 50) || ' c', 'constraint', format('%I <> %L', name, name)),
    'up', format('%I || %L', name, name), 'down', format('%I', name))),
  jsonb_build_object('create_index', jsonb_build_object('name', left(name, 50) || ' i', 'table', name,
    'columns', jsonb_build_array(jsonb_build_object('column', name)), 'predicate', format('%I <> %L', name, name))),
  jsonb_build_object('create_table', jsonb_build_object('name', left(name, 50) || ' t', 'comment', name, 'columns', jsonb_build_array(
    jsonb_build_object('name', name, 'type', 'integer', 'pk', true, 'comment', name,
      'references', jsonb_build_object('name', left(name, 50) || ' f', 'table', name, 'column', left(name, 50) || ' k'))))),
  jsonb_build_object('rename_column', jsonb_build_object('table', name, 'from', name, 'to', left(name, 50) || ' n')),
  jsonb_build_object('rename_table', jsonb_build_object('from', name, 'to', left(name, 50) || ' r'))))::text
$$;
CREATE FUNCTION helper.set_up(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE SCHEMA %I', left(name, 20));
	EXECUTE format('CREATE TABLE %I.%I (%I integer PRIMARY KEY, %I text)', left(name, 20), name, left(name, 50) || ' k', name);
	EXECUTE format('INSERT INTO %I.%I VALUES (1, %L), (2, NULL)', left(name, 20), name, 'x');
	EXECUTE format('INSERT INTO %I.%I VALUES (3, %L)', left(name, 20), name, name);
	EXECUTE format('UPDATE %I.%I SET %I = %L WHERE %I = 2', left(name, 20), name, name, 'y', left(name, 50) || ' k');
END
$$;
SELECT count(helper.set_up(name)) FROM helper.names;
SELECT format('SELECT migrate_start(%L, helper.migration_with(%L), %L) IS NOT NULL AS started_%s', name, name, left(name, 20), n) FROM helper.names ORDER BY n \gexec
SELECT format('CALL migrate_wait(schema_name => %L)', left(name, 20)) FROM helper.names ORDER BY n \gexec
SELECT format('SELECT migrate_rollback(schema_name => %L) IS NOT NULL AS undone_%s', left(name, 20), n) FROM helper.names ORDER BY n \gexec
SELECT n, count(*) AS tables, (SELECT count(*) FROM pg_namespace s WHERE starts_with(s.nspname, left(name, 20) || '_')) AS versions
  FROM helper.names JOIN pg_namespace s ON s.nspname = left(name, 20) JOIN pg_class c ON c.relnamespace = s.oid AND c.relkind = 'r' GROUP BY n ORDER BY n;
SELECT format('SELECT migrate_start(%L, helper.migration_with(%L), %L) IS NOT NULL AS started_%s', name, name, left(name, 20), n) FROM helper.names ORDER BY n \gexec
SELECT format('CALL migrate_wait(schema_name => %L)', left(name, 20)) FROM helper.names ORDER BY n \gexec
-- Written through the new version's view; and what the fill made of the rows.
SELECT format('INSERT INTO %I.%I VALUES (4, %L)', left(name, 20) || '_' || left(name, 40), left(name, 50) || ' r', 'new') FROM helper.names ORDER BY n \gexec
SELECT format('SELECT %s AS n, count(*) FILTER (WHERE %I = %L) AS new, count(*) FILTER (WHERE %I = %L) AS filled, count(*) FROM %I.%I',
              n, left(name, 50) || ' n', 'new', left(name, 50) || ' n', 'x' || name, left(name, 20) || '_' || left(name, 40), left(name, 50) || ' r')
  FROM helper.names ORDER BY n \gexec
SELECT format('SELECT migrate_complete(%L) IS NOT NULL AS completed_%s', left(name, 20), n) FROM helper.names ORDER BY n \gexec
SELECT n, string_agg(replace(c.relname, left(name, 50), '<name>'), ', ' ORDER BY c.relname COLLATE "C") AS relations
  FROM helper.names JOIN pg_namespace s ON s.nspname = left(name, 20) JOIN pg_class c ON c.relnamespace = s.oid AND c.relkind IN ('r', 'i') GROUP BY n ORDER BY n;
SELECT n, count(*) FROM helper.names JOIN pgmigrate.migration m ON m.schema_name = left(helper.names.name, 20)::name AND m.name = helper.names.name AND m.state = 'completed' GROUP BY n ORDER BY n;
SELECT * FROM helper.victim;

-- Texts that are no names: an expression, a condition, a type, and what is taken verbatim.
CREATE SCHEMA sx;
CREATE TABLE sx.t (id integer PRIMARY KEY, a integer);
CREATE FUNCTION helper.attempt(operation text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM migrate_start('x', '{"operations": [' || operation || ']}', 'sx');
	RAISE EXCEPTION 'accepted';
EXCEPTION WHEN others THEN
	RETURN sqlstate || ' ' || sqlerrm;
END
$$;
SET client_min_messages = error;
SELECT n, helper.attempt(operation) FROM (VALUES
  (1, $o${"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a); DROP TABLE helper.victim; --", "down": "a"}}$o$),
  (2, $o${"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a", "down": "1; DROP TABLE helper.victim"}}$o$),
  (3, $o${"alter_column": {"table": "t", "column": "a", "type": "bigint; DROP TABLE helper.victim", "up": "a", "down": "a"}}$o$),
  (4, $o${"alter_column": {"table": "t", "column": "a", "check": {"name": "c", "constraint": "true); DROP TABLE helper.victim; --"}, "up": "a", "down": "a"}}$o$),
  (5, $o${"alter_column": {"table": "t", "column": "a", "default": "1; DROP TABLE helper.victim"}}$o$),
  (6, $o${"add_column": {"table": "t", "column": {"name": "b", "type": "serial); DROP TABLE helper.victim; --", "nullable": true}}}$o$),
  (7, $o${"create_index": {"name": "i", "table": "t", "columns": ["a"], "predicate": "true; DROP TABLE helper.victim"}}$o$),
  (8, $o${"create_index": {"name": "i", "table": "t", "columns": ["a"], "method": "btree (a); DROP TABLE helper.victim; --"}}$o$),
  (9, $o${"create_index": {"name": "i", "table": "t", "columns": ["a"], "storage_parameters": "fillfactor=70); DROP TABLE helper.victim; --"}}$o$),
  (10, $o${"create_index": {"name": "i", "table": "t", "columns": [{"column": "a", "opclass": {"name": "int4_ops); DROP TABLE helper.victim; --"}}]}}$o$),
  (11, $o${"create_index": {"name": "i", "table": "t", "columns": [{"column": "a", "collate": "\"C\"); DROP TABLE helper.victim; --"}]}}$o$),
  (12, $o${"create_table": {"name": "n", "columns": [{"name": "a", "type": "int", "generated": {"identity": {"sequence_options": "START 1); DROP TABLE helper.victim; --"}}}]}}$o$),
  (13, $o${"create_table": {"name": "n", "columns": [{"name": "a", "type": "int"}], "constraints": [{"name": "c", "type": "exclude", "exclude": {"elements": "a WITH =); DROP TABLE helper.victim; --"}}]}}$o$),
  (14, $o${"create_table": {"name": "n", "columns": [{"name": "a", "type": "int", "generated": {"expression": "1) STORED); DROP TABLE helper.victim; --"}}]}}$o$),
  (15, $o${"set_replica_identity": {"table": "t", "identity": {"type": "full; DROP TABLE helper.victim"}}}$o$),
  (16, $o${"add_column": {"table": "t", "up": "SELECT 1; DROP TABLE helper.victim", "column": {"name": "b", "type": "int", "nullable": true}}}$o$),
  (17, $o${"add_column": {"table": "t", "up": "WITH x AS (DELETE FROM helper.victim RETURNING a) SELECT a FROM x", "column": {"name": "b", "type": "int", "nullable": true}}}$o$),
  (18, $o${"add_column": {"table": "t", "up": "(WITH x AS (DELETE FROM helper.victim RETURNING a) SELECT a FROM x)", "column": {"name": "b", "type": "int", "nullable": true}}}$o$)
) attacks (n, operation) ORDER BY n;
SELECT * FROM helper.victim;

SELECT format('DROP SCHEMA %I, %I CASCADE', left(name, 20), left(name, 20) || '_' || left(name, 40)) FROM helper.names ORDER BY n \gexec
DROP SCHEMA sx CASCADE;
DROP TABLE helper.victim, helper.names;
DROP FUNCTION helper.migration_with(text), helper.set_up(text), helper.attempt(text);
