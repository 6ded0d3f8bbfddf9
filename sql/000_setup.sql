-- The extension, and what the following tests share.
\set VERBOSITY terse
CREATE EXTENSION pgmigrate;
CREATE SCHEMA helper;

-- Everything about a schema that a migration may touch, one line a fact.
CREATE FUNCTION helper.facts(target text) RETURNS SETOF text LANGUAGE sql AS $$
SELECT format('table %s: column %s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
              CASE WHEN a.attnotnull THEN ' not null' END, ' default ' || pg_get_expr(d.adbin, d.adrelid),
              ' -- ' || col_description(c.oid, a.attnum))
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relnamespace = target::regnamespace AND c.relkind IN ('r', 'p')
UNION ALL
SELECT format('table %s: constraint %s %s%s', c.relname, k.conname, pg_get_constraintdef(k.oid), ' -- ' || obj_description(k.oid, 'pg_constraint'))
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE c.relnamespace = target::regnamespace AND k.contype <> 'n'
UNION ALL
SELECT format('table %s: %s%s', c.relname, pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN ' INVALID' END)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = target::regnamespace
UNION ALL
SELECT format('table %s: trigger %s enabled %s', c.relname, t.tgname, t.tgenabled)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = target::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT format('table %s: comment %s', c.relname, obj_description(c.oid, 'pg_class'))
  FROM pg_class c WHERE c.relnamespace = target::regnamespace AND c.relkind IN ('r', 'p') AND obj_description(c.oid, 'pg_class') IS NOT NULL
UNION ALL
SELECT format('sequence %s owned by %s', s.relname, coalesce(d.refobjid::regclass || '.' || a.attname, 'nobody'))
  FROM pg_class s LEFT JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
  LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
 WHERE s.relnamespace = target::regnamespace AND s.relkind = 'S'
UNION ALL
SELECT format('version %s: view %s(%s)', n.nspname, c.relname, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
 WHERE n.nspname LIKE target || '\_%' AND c.relkind = 'v' GROUP BY n.nspname, c.relname
ORDER BY 1
$$;

-- Remembers the facts; later, shows what differs from them.
CREATE TABLE helper.remembered (target text, fact text);
CREATE FUNCTION helper.remember(target text) RETURNS void LANGUAGE sql AS $$
DELETE FROM helper.remembered r WHERE r.target = remember.target;
INSERT INTO helper.remembered SELECT target, f FROM helper.facts(target) f
$$;
CREATE FUNCTION helper.changes(target text) RETURNS SETOF text LANGUAGE sql AS $$
SELECT '+ ' || f FROM helper.facts(target) f WHERE f NOT IN (SELECT fact FROM helper.remembered r WHERE r.target = changes.target)
UNION ALL
SELECT '- ' || fact FROM helper.remembered r WHERE r.target = changes.target AND fact NOT IN (SELECT helper.facts(target))
ORDER BY 1
$$;

-- Runs a statement and tells how it ends: ok, or the SQLSTATE and message.
CREATE FUNCTION helper.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'ok';
EXCEPTION WHEN others THEN
	RETURN sqlstate || ' ' || sqlerrm;
END
$$;

-- How a migration is refused: the SQLSTATE and message of migrate_start. migrate_plan must say the same, and
-- migrate_check tell it as an error; where they do not, what they say is shown behind it.
CREATE FUNCTION helper.refusal(operations text, target text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	migration text := format('{"operations": [%s]}', operations);
	start text := helper.try(format('SELECT migrate_start(%L, %L, %L)', 'refused', migration, target));
	plan text := helper.try(format('SELECT * FROM migrate_plan(%L, %L, %L)', 'refused', migration, target));
	checked text;
BEGIN
	BEGIN
		SELECT format('%s %s', substring(message FROM 'SQLSTATE (.{5})'), regexp_replace(message, ' \(SQLSTATE.*', '')) INTO checked
		  FROM migrate_check('refused', migration, target) WHERE severity = 'error' AND check_name = 'plan';
	EXCEPTION WHEN others THEN
		checked := sqlstate || ' ' || sqlerrm;
	END;
	RETURN start || CASE WHEN plan <> start THEN ' -- but migrate_plan: ' || plan ELSE '' END
	             || CASE WHEN checked IS DISTINCT FROM start THEN ' -- but migrate_check: ' || coalesce(checked, 'ok') ELSE '' END;
END
$$;

-- The keywords that we quote are those PostgreSQL quotes (see test/bridge); the functions and what they say of themselves:
SELECT p.oid::regprocedure AS function, obj_description(p.oid, 'pg_proc') IS NOT NULL AS described
  FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pgmigrate' ORDER BY 1::text;
