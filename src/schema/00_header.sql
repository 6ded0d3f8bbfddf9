-- Installed by CREATE EXTENSION; this file is the concatenation of src/schema/*.sql.
\echo Use "CREATE EXTENSION pgmigrate" to load this file. \quit


-- Names without a schema mean those of pg_catalog, whatever anybody has put into the schema of the extension (a function or an operator
-- that fits better than the one meant would be taken). So every object that is created here is given its schema.
SET LOCAL search_path TO pg_catalog, pg_temp;
