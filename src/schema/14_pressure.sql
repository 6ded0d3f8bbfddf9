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
