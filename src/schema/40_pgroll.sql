-- What clients of pgroll ask its state for, with the same names, arguments and results; pgmigrate is given to them as the state schema.
-- Reading only, for everybody, as migrate_history() is.

CREATE VIEW pgmigrate.migrations AS
SELECT m.schema_name AS schema, m.name,
       CASE WHEN jsonb_typeof(m.definition) = 'array'  -- several migrations started as one version
            THEN jsonb_build_object('version_schema', substr(m.version_schema, length(m.schema_name) + 2),
                                    'operations', (SELECT jsonb_agg(o.value ORDER BY p.position, o.position)
                                                     FROM jsonb_array_elements(m.definition) WITH ORDINALITY p(value, position)
                                                    CROSS JOIN jsonb_array_elements(p.value -> 'operations') WITH ORDINALITY o(value, position)))
            ELSE m.definition END AS migration,
       m.started_at AS created_at, coalesce(m.completed_at, m.ready_at, m.started_at) AS updated_at,
       lag(m.name) OVER (PARTITION BY m.schema_name ORDER BY m.id) AS parent, m.state = 'completed' AS done,
       coalesce(m.resulting_schema, '{}') AS resulting_schema,
       CASE m.kind WHEN 'pgmigrate' THEN 'pgroll' ELSE m.kind END AS migration_type
  FROM pgmigrate.migration m;
GRANT SELECT ON pgmigrate.migrations TO PUBLIC;
COMMENT ON VIEW pgmigrate.migrations IS 'the history in the form of pgroll''s table of migrations';

CREATE FUNCTION pgmigrate.is_active_migration_period(schemaname name) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT EXISTS (SELECT FROM pgmigrate.migration m WHERE m.schema_name = schemaname AND m.state <> 'completed') $$;
COMMENT ON FUNCTION pgmigrate.is_active_migration_period(name) IS 'as in pgroll: is a migration active in the schema?';

CREATE FUNCTION pgmigrate.latest_migration(schemaname name) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT m.name FROM pgmigrate.migration m WHERE m.schema_name = schemaname ORDER BY m.id DESC LIMIT 1 $$;
COMMENT ON FUNCTION pgmigrate.latest_migration(name) IS 'as in pgroll: name of the latest migration of the schema, the active one included';

CREATE FUNCTION pgmigrate.previous_migration(schemaname name) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT m.name FROM pgmigrate.migration m WHERE m.schema_name = schemaname ORDER BY m.id DESC OFFSET 1 LIMIT 1 $$;
COMMENT ON FUNCTION pgmigrate.previous_migration(name) IS 'as in pgroll: name of the migration before the latest';

CREATE FUNCTION pgmigrate.find_version_schema(p_schema_name name, p_depth integer DEFAULT 0) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
SELECT substr(m.version_schema, length(m.schema_name) + 2)
  FROM pgmigrate.migration m JOIN pg_namespace n ON n.nspname = m.version_schema
 WHERE m.schema_name = p_schema_name ORDER BY m.id DESC OFFSET p_depth LIMIT 1
$$;
COMMENT ON FUNCTION pgmigrate.find_version_schema(name, integer) IS
'as in pgroll: version, without the name of the schema, of the latest migration whose version schema exists; p_depth counts back from it';

CREATE FUNCTION pgmigrate.latest_version(schemaname name) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT pgmigrate.find_version_schema(schemaname, 0) $$;
COMMENT ON FUNCTION pgmigrate.latest_version(name) IS 'as in pgroll: the latest version that exists, without the name of the schema';

CREATE FUNCTION pgmigrate.previous_version(schemaname name) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT pgmigrate.find_version_schema(schemaname, 1) $$;
COMMENT ON FUNCTION pgmigrate.previous_version(name) IS 'as in pgroll: the version before the latest one, without the name of the schema';
