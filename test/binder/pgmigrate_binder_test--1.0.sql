\echo Use "CREATE EXTENSION pgmigrate_binder_test" to load this file. \quit

-- The bound text, its parameters, type and properties in one line. `variables` are "name type" or "name type COLLATE collation".
CREATE FUNCTION bind(expression text, target_type text DEFAULT '', table_name text DEFAULT 't', variables text DEFAULT
    'a integer, b text, name character varying(10), n numeric(5,2), flag boolean, "Odd ""name" text, d date, arr integer[]')
    RETURNS text AS 'MODULE_PATHNAME', 'binder_test_bind' LANGUAGE C STRICT;
CREATE FUNCTION canonical_type(type text) RETURNS text AS 'MODULE_PATHNAME', 'binder_test_canonical_type' LANGUAGE C STRICT;
