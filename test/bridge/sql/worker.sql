-- In a background worker, where the bridge begins, commits and aborts.
\pset format unaligned
\pset tuples_only on
CREATE TABLE bridge_worker_log (what text);
CREATE FUNCTION refuse_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.what = 'refused at commit' THEN RAISE 'the deferred trigger says no'; END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON bridge_worker_log DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_at_commit();

SELECT run_worker('return');
TABLE bridge_worker_log;
TRUNCATE bridge_worker_log;

-- FATAL ends the process where it is, C++ objects alive or not. The server notices nothing: this session goes on.
SELECT run_worker('fatal');
SELECT count(*) FROM bridge_worker_log;

-- An exception that leaves the worker ends it like an ERROR.
SELECT run_worker('exception');
SELECT count(*) FROM bridge_worker_log;

DROP TABLE bridge_worker_log;
DROP FUNCTION refuse_at_commit();
