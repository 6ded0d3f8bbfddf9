-- The history keeps the schema that each migration has led to; pgmigrate.read_schema tells that of any schema.
CREATE SCHEMA hist;
CREATE TYPE hist.mood AS ENUM ('sad', 'ok');
CREATE DOMAIN hist.positive AS integer CHECK (VALUE > 0);
CREATE TABLE hist.parent (a integer, b integer, PRIMARY KEY (b, a));
CREATE TABLE hist.t (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code   varchar(10) NOT NULL DEFAULT 'x' UNIQUE,
    m      hist.mood,
    p      hist.positive,
    low    text COLLATE "C" GENERATED ALWAYS AS (lower(code)) STORED,
    at     timestamptz DEFAULT now(),
    x      integer,
    y      integer,
    during tstzrange,
    CONSTRAINT t_x_check CHECK (x > 0) NO INHERIT,
    CONSTRAINT t_parent FOREIGN KEY (y, x) REFERENCES hist.parent (b, a) ON DELETE CASCADE DEFERRABLE,
    CONSTRAINT t_x_y_key UNIQUE (y, x) INCLUDE (m),
    EXCLUDE USING gist (during WITH &&)
);
COMMENT ON TABLE hist.t IS 'a table';
COMMENT ON COLUMN hist.t.code IS 'a code';
COMMENT ON CONSTRAINT t_x_check ON hist.t IS 'a check';
CREATE INDEX t_lower ON hist.t (lower(code), x DESC) WHERE x > 1;
CREATE TABLE hist.part (k integer) PARTITION BY RANGE (k);
CREATE TABLE hist.part_1 PARTITION OF hist.part FOR VALUES FROM (1) TO (2);
CREATE VIEW hist.v AS SELECT 1 AS one;

-- Each fact of a value on a line of its own, without what differs from run to run.
CREATE FUNCTION helper.lines(value jsonb, path text DEFAULT '') RETURNS SETOF text LANGUAGE sql AS $$
SELECT l.line FROM jsonb_each(value) e
 CROSS JOIN LATERAL (SELECT helper.lines(e.value, path || '/' || e.key) WHERE jsonb_typeof(e.value) = 'object' AND e.value <> '{}'
                     UNION ALL SELECT path || '/' || e.key || ' ' || e.value WHERE jsonb_typeof(e.value) <> 'object' OR e.value = '{}') l(line)
 WHERE e.key NOT IN ('oid', 'name') ORDER BY 1
$$;
SELECT helper.lines(pgmigrate.read_schema('hist'));
SELECT pgmigrate.read_schema('no_such_schema');
SELECT jsonb_typeof(pgmigrate.read_schema('hist') #> '{tables,t,oid}'), pgmigrate.read_schema('hist') #>> '{tables,t,columns,id,name}' AS name;

-- It says the same whatever the caller's search_path.
SELECT pgmigrate.read_schema('hist') AS one \gset
SET search_path = hist, public;
SELECT pgmigrate.read_schema('hist') = :'one'::jsonb AS same;
RESET search_path;

-- While a migration is active its outcome is unknown; completion stores it, of tables only, without anything of ours.
SELECT migrate_start('01', '{"operations": [{"drop_table": {"name": "t"}},
  {"alter_column": {"table": "parent", "column": "a", "type": "bigint", "up": "a", "down": "a"}}]}', 'hist');
CALL migrate_wait(schema_name => 'hist');
SELECT name, status, resulting_schema FROM migrate_history('hist');
SELECT migrate_complete('hist');
SELECT migrate_start('02', '{"operations": [{"rename_column": {"table": "parent", "from": "b", "to": "c"}},
  {"sql": {"up": "COMMENT ON TABLE hist.part IS ''in parts''", "onComplete": true}}]}', 'hist');
SELECT migrate_complete('hist');
SELECT name, status, helper.lines(resulting_schema) FROM migrate_history('hist');
SELECT resulting_schema = pgmigrate.read_schema('hist') AS last_is_now FROM pgmigrate.migration WHERE schema_name = 'hist' AND name = '02';

-- Anybody may read a schema's definition, as anybody may read the catalog.
CREATE ROLE regress_hist;
SET ROLE regress_hist;
SELECT count(*) FROM jsonb_object_keys(pgmigrate.read_schema('hist') -> 'tables');
RESET ROLE;
DROP ROLE regress_hist;
SET client_min_messages = warning;
DROP SCHEMA hist, hist_02 CASCADE;
DROP FUNCTION helper.lines;
