-- What the worker cannot do (#316, #317: "a failed backfill leaves the migration half-way"): it says why and for which row, nothing done is lost, and it goes on after the cause was mended.
CREATE SCHEMA wf;
CREATE VIEW helper.failure AS
SELECT state, phase, error_sqlstate, error, error_detail, error_hint FROM pgmigrate.migration WHERE schema_name = 'wf' AND state <> 'completed';
CREATE PROCEDURE helper.wait_for_end() LANGUAGE plpgsql AS $$
BEGIN
	WHILE EXISTS (SELECT FROM pgmigrate.migration WHERE schema_name = 'wf' AND state NOT IN ('ready', 'failed', 'completed')) LOOP
		COMMIT;
		PERFORM pg_sleep(0.01);
	END LOOP;
END
$$;

-- An expression fails for a row: named by its key, or by its place where the table has none.
CREATE TABLE wf.t (id integer, part text, v text, PRIMARY KEY (id, part));
INSERT INTO wf.t SELECT g, 'a', g FROM generate_series(1, 1000) g;
UPDATE wf.t SET v = 'many' WHERE id = 700;
SELECT migrate_start('01_number', '{"operations": [{"alter_column": {"table": "t", "column": "v", "type": "integer", "up": "v::integer", "down": "v::text"}}]}', 'wf');
CALL helper.wait_for_end();
SELECT state, phase, error_sqlstate, error, regexp_replace(error_detail, 'ctid \(\d+,\d+\)', 'ctid (…)') AS error_detail, error_hint FROM helper.failure;
UPDATE wf.t SET v = '700' WHERE id = 700;
SELECT migrate_resume('wf');
CALL helper.wait_for_end();
SELECT * FROM helper.failure;
SELECT count(*), sum(v) FROM wf_01_number.t;
SELECT migrate_rollback(schema_name => 'wf');
ALTER TABLE wf.t DROP CONSTRAINT t_pkey;
UPDATE wf.t SET v = 'many' WHERE id = 1;
SELECT migrate_start('01_number', '{"operations": [{"alter_column": {"table": "t", "column": "v", "type": "integer", "up": "v::integer", "down": "v::text"}}]}', 'wf');
CALL helper.wait_for_end();
SELECT regexp_replace(error_detail, 'ctid \(\d+,\d+\)', 'ctid (…)') AS error_detail FROM helper.failure;
SELECT migrate_rollback(schema_name => 'wf');

-- A unique index that cannot be built leaves none behind.
UPDATE wf.t SET v = 'twice' WHERE id IN (3, 4);
SELECT migrate_start('01_unique', '{"operations": [{"create_index": {"name": "t_v", "table": "t", "columns": [{"column": "v"}], "unique": true}}]}', 'wf');
CALL helper.wait_for_end();
SELECT * FROM helper.failure;
SELECT count(*) FROM pg_class WHERE relname = 't_v';
UPDATE wf.t SET v = id WHERE id IN (3, 4);
SELECT migrate_resume('wf');
CALL helper.wait_for_end();
SELECT state FROM helper.failure;
SELECT indisvalid FROM pg_index WHERE indexrelid = 'wf.t_v'::regclass;
SELECT migrate_rollback(schema_name => 'wf');

-- A row that violates a new constraint is named too.
ALTER TABLE wf.t ADD PRIMARY KEY (id);
UPDATE wf.t SET v = NULL WHERE id = 500;
SELECT migrate_start('01_not_null', '{"operations": [{"alter_column": {"table": "t", "column": "v", "nullable": false, "up": "v", "down": "v"}}]}', 'wf');
CALL helper.wait_for_end();
SELECT state, phase, error_sqlstate, regexp_replace(error_detail, 'ctid \(\d+,\d+\)', 'ctid (…)') AS error_detail FROM helper.failure;
SELECT migrate_rollback(schema_name => 'wf');

-- A trigger that fires after ours and changes the source column: found before anything is published.
CREATE FUNCTION wf.meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v := 'meddled'; RETURN NEW; END $$;
BEGIN;
SELECT migrate_start('01_text', '{"operations": [{"alter_column": {"table": "t", "column": "v", "type": "varchar(9)", "up": "upper(v)", "down": "v"}}]}', 'wf');
SELECT migrate_pause('wf');
COMMIT;
CREATE TRIGGER "~zzz" BEFORE INSERT ON wf.t FOR EACH ROW EXECUTE FUNCTION wf.meddle();
INSERT INTO wf.t VALUES (2000, 'a', 'new');
SELECT migrate_resume('wf');
CALL helper.wait_for_end();
SELECT state, phase, error_sqlstate, error, regexp_replace(error_detail, 'ctid \(\d+,\d+\)', 'ctid (…)') AS error_detail FROM helper.failure;
SELECT count(*) FROM pg_namespace WHERE nspname = 'wf_01_text';
DROP TRIGGER "~zzz" ON wf.t;
UPDATE wf.t SET v = 'mended' WHERE id = 2000;
SELECT migrate_resume('wf');
CALL helper.wait_for_end();
SELECT state FROM helper.failure;
SELECT migrate_rollback(schema_name => 'wf');

-- Leaves of a partitioned table, also one attached in the middle with rows that know nothing of the migration.
CREATE TABLE wf.p (id integer PRIMARY KEY, v integer) PARTITION BY RANGE (id);
CREATE TABLE wf.p1 PARTITION OF wf.p FOR VALUES FROM (0) TO (100);
CREATE TABLE wf.p2 (v integer, gone integer, id integer NOT NULL);
ALTER TABLE wf.p2 DROP gone;
ALTER TABLE wf.p ATTACH PARTITION wf.p2 FOR VALUES FROM (100) TO (200);
INSERT INTO wf.p SELECT g, g FROM generate_series(0, 199) g;
BEGIN;
SELECT migrate_start('01_leaves', '{"operations": [{"alter_column": {"table": "p", "column": "v", "type": "bigint", "up": "v * 2", "down": "v / 2"}}]}', 'wf');
CREATE TABLE wf.p3 (LIKE wf.p);
INSERT INTO wf.p3 SELECT g, g FROM generate_series(200, 299) g;
ALTER TABLE wf.p ATTACH PARTITION wf.p3 FOR VALUES FROM (200) TO (300);
COMMIT;
CALL helper.wait_for_end();
SELECT state FROM helper.failure;
SELECT count(*), count(*) FILTER (WHERE v = id * 2) AS right FROM wf_01_leaves.p;
SELECT f.relation, rows_filled FROM pgmigrate.fill f WHERE f.relation::text LIKE 'wf.%' ORDER BY 1;
SELECT migrate_rollback(schema_name => 'wf');
