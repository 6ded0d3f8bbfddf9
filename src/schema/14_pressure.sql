-- What slows migrations down, as their workers last saw it. Written together with the progress of a batch.

CREATE TABLE pgmigrate.pressure (
    migration_id bigint NOT NULL REFERENCES pgmigrate.migration ON DELETE CASCADE,
    signal       text NOT NULL,
    state        text NOT NULL CHECK (state IN ('clear', 'slow', 'stop', 'stale')),
    value        double precision,
    soft_limit   double precision,
    hard_limit   double precision,
    reason       text NOT NULL,
    since        timestamptz NOT NULL,
    seconds_lost double precision NOT NULL DEFAULT 0,
    seen_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (migration_id, signal)
) WITH (fillfactor = 50);
COMMENT ON TABLE pgmigrate.pressure IS 'one row per migration and signal: its value, its limits, and the time it has cost';
COMMENT ON COLUMN pgmigrate.pressure.state IS 'clear; slow: above the soft limit; stop: above the hard one; stale: could not be read, which stops too';
COMMENT ON COLUMN pgmigrate.pressure.since IS 'when it came into this state';
COMMENT ON COLUMN pgmigrate.pressure.seconds_lost IS 'time that the migration was stopped or slowed down because of it';

CREATE TABLE pgmigrate.pace (
    migration_id  bigint PRIMARY KEY REFERENCES pgmigrate.migration ON DELETE CASCADE,
    waiting_for   text,
    waiting_since timestamptz,
    factor        double precision NOT NULL,
    workers       integer NOT NULL,
    batch_blocks  bigint NOT NULL,
    wal_per_block bigint NOT NULL,
    seen_at       timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
COMMENT ON TABLE pgmigrate.pace IS 'one row per migration: how fast it may go just now, and what stops it';
COMMENT ON COLUMN pgmigrate.pace.factor IS 'share of full speed, 0 when stopped';

SELECT pg_catalog.pg_extension_config_dump('pgmigrate.pressure', '');
SELECT pg_catalog.pg_extension_config_dump('pgmigrate.pace', '');

-- The worker of a migration holds the advisory lock with objsubid 19783, it and its fill helpers share the one with 19784
-- (src/worker/worker_lock.cpp). Locks and pages come from the server's own views, which are right at any moment.
CREATE VIEW pgmigrate.waiting AS
WITH process AS (
    SELECT l.objid, l.objsubid, l.pid FROM pg_locks l
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid IN (19783, 19784)
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.classid = 'pgmigrate.migration'::regclass)
SELECT m.id AS migration_id,
       CASE WHEN m.paused THEN 'migrate_resume()'
            WHEN w.pid IS NULL THEN 'a background worker'
            WHEN k.pid IS NOT NULL
            THEN CASE WHEN k.locktype = 'relation' THEN format('lock on %s', k.relation::regclass)
                      WHEN k.locktype IN ('transactionid', 'tuple') THEN 'busy row'
                      WHEN k.locktype = 'virtualxid' THEN 'older transactions'
                      WHEN k.locktype = 'advisory' THEN 'another process of the migration'
                      ELSE format('%s lock', k.locktype) END
                 || coalesce((SELECT ': ' || string_agg(DISTINCT CASE WHEN b = 0 THEN 'a prepared transaction' ELSE format('process %s', b) END, ', ')
                                FROM unnest(pg_blocking_pids(k.pid)) b), '')
            WHEN a.wait_event_type = 'BufferPin' THEN 'page in use by another session'
            ELSE p.waiting_for END AS waiting_for,
       CASE WHEN m.paused THEN (SELECT max(e.happened_at) FROM pgmigrate.event e
                                 WHERE e.schema_name = m.schema_name AND e.name = m.name AND e.event = 'paused')
            WHEN w.pid IS NULL THEN NULL
            WHEN k.pid IS NOT NULL THEN k.waitstart
            WHEN a.wait_event_type = 'BufferPin' THEN a.query_start
            ELSE p.waiting_since END AS waiting_since
  FROM pgmigrate.migration m
  LEFT JOIN pgmigrate.pace p ON p.migration_id = m.id
  LEFT JOIN process w ON w.objid = (m.id & 4294967295)::oid AND w.objsubid = 19783
  LEFT JOIN pg_stat_activity a ON a.pid = w.pid
  LEFT JOIN LATERAL (
       SELECT l.pid, l.locktype, l.relation, l.waitstart FROM pg_locks l JOIN process h ON h.pid = l.pid AND h.objid = w.objid
        WHERE NOT l.granted AND EXISTS (SELECT FROM pg_locks o WHERE o.pid = w.pid AND NOT o.granted)
        ORDER BY l.locktype = 'advisory', l.waitstart LIMIT 1) k ON true
 WHERE m.state IN ('filling', 'indexing', 'validating', 'verifying', 'publishing');
COMMENT ON VIEW pgmigrate.waiting IS 'what each running migration waits for just now, and since when';
