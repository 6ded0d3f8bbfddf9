-- Installed by CREATE EXTENSION; this file is the concatenation of src/schema/*.sql.
\echo Use "CREATE EXTENSION pgmigrate" to load this file. \quit

