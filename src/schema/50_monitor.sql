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

CREATE TABLE pgmigrate.lag (
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seconds double precision NOT NULL
);
CREATE INDEX ON pgmigrate.lag (seen_at);
COMMENT ON TABLE pgmigrate.lag IS 'readings of the replay lag during the last day, kept by those who ask for it';

CREATE FUNCTION migrate_ready(max_lag interval DEFAULT '5 seconds', stable_for interval DEFAULT '60 seconds',
                              schema_name name DEFAULT 'public')
RETURNS TABLE (condition text, value text, "limit" text, ok boolean)
AS 'MODULE_PATHNAME', 'migrate_ready' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION migrate_ready(interval, interval, name) IS
'the conditions under which the active migration may be completed, and which of them are met; changes nothing but the record of the lag';

CREATE PROCEDURE migrate_complete(when_ready boolean, deadline interval DEFAULT NULL, max_lag interval DEFAULT '5 seconds',
                                  stable_for interval DEFAULT '60 seconds', schema_name name DEFAULT 'public')
AS 'MODULE_PATHNAME', 'migrate_complete_when_ready' LANGUAGE C;
COMMENT ON PROCEDURE migrate_complete(boolean, interval, interval, interval, name) IS
'completes the active migration as soon as every condition of migrate_ready() is met, waiting without a snapshot until the deadline';
