-- What monitoring systems and people read: for everybody, changing nothing.

CREATE FUNCTION migrate_metrics() RETURNS text
AS 'MODULE_PATHNAME', 'migrate_metrics' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION migrate_metrics() IS
'figures of migrations, server and disk in the text format of Prometheus';

CREATE FUNCTION pgmigrate.metrics()
RETURNS TABLE (metric text, kind text, labels jsonb, value double precision, help text)
AS 'MODULE_PATHNAME', 'pgmigrate_metrics' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION pgmigrate.metrics() IS
'what migrate_metrics() gives, as rows: for exporters that take their figures from a query';
