-- migrate_check: what could go wrong with a migration, and in a schema; what migrate_start refuses because of it.
SET client_min_messages = warning;
CREATE SCHEMA ch;
-- What the server itself has to say differs from run to run: test/tap/060_check.pl looks at that.
CREATE FUNCTION helper.check(migration text, schema_name text) RETURNS TABLE (severity text, check_name text, object text, message text)
LANGUAGE sql AS $$
SELECT severity, check_name, object, replace(regexp_replace(message, '[0-9]+ (bytes|kB)', 'some \1', 'g'), '"' || session_user || '"', '"the superuser"')
  FROM migrate_check(CASE WHEN migration IS NOT NULL THEN 'm' END, migration, schema_name)
 WHERE check_name NOT IN ('workers', 'connections', 'disk', 'long transactions', 'prepared transactions', 'replication slots', 'replication lag')
$$;
CREATE FUNCTION helper.alter(table_name text, column_name text) RETURNS text LANGUAGE sql AS $$
SELECT format('{"operations": [{"alter_column": {"table": "%s", "column": "%s", "type": "bigint", "up": "%2$s * 2", "down": "%2$s / 2"}}]}', table_name, column_name)
$$;
-- Whatever it finds wrong is found by migrate_start too, which leaves nothing behind.
CREATE FUNCTION helper.refused(migration text, schema_name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	PERFORM migrate_start('m', migration, schema_name);
	RAISE 'it has started' USING errcode = 'P0002';
EXCEPTION WHEN others THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n', state || ' ' || message, 'DETAIL ' || nullif(detail, ''), 'HINT ' || hint);
END
$$;
\pset format unaligned
\pset tuples_only on

-- A table with nothing remarkable.
CREATE TABLE ch.plain (id integer PRIMARY KEY, a integer);
INSERT INTO ch.plain SELECT g, g FROM generate_series(1, 1000) g;
SELECT helper.remember('ch');
SELECT * FROM helper.check(helper.alter('plain', 'a'), 'ch');
ANALYZE ch.plain;
SELECT * FROM helper.check(helper.alter('plain', 'a'), 'ch');
-- Each finding says what to do.
SELECT count(*) FROM migrate_check(schema_name => 'ch') WHERE hint !~ '\.$|;$' OR message ~ '\.$' OR severity NOT IN ('error', 'warning', 'info');
-- The checks of the server are always there.
SELECT DISTINCT check_name FROM migrate_check('m', helper.alter('plain', 'a'), 'ch') WHERE check_name IN ('workers', 'connections', 'disk') ORDER BY 1;

-- Rules of the migration itself, as findings; with raw SQL tried out and undone.
SELECT severity, message, hint FROM migrate_check('m', '{"operations": [', 'ch') WHERE check_name = 'plan';
SELECT severity, message, hint FROM migrate_check('m', '{"operations": [{"drop_table": {"name": "plain", "cascade": true}}, {"add_column": {"table": "plain"}}]}', 'ch') WHERE check_name = 'plan';
SELECT severity, message, hint FROM migrate_check('m', helper.alter('missing', 'a'), 'ch') WHERE check_name = 'plan';
SELECT severity, message FROM migrate_check('m', helper.alter('plain', 'a'), 'nowhere') WHERE check_name = 'plan';
SELECT severity, message FROM migrate_check('m', '{"operations": [{"alter_column": {"table": "plain", "column": "a", "type": "bigint", "up": "nothing(a)", "down": "a"}}]}', 'ch') WHERE check_name = 'plan';
SELECT * FROM helper.check('{"operations": [{"alter_column": {"table": "plain", "column": "a", "type": "bigint", "up": "a", "down": "nothing(a)"}}]}', 'ch') WHERE severity <> 'info';
SELECT * FROM helper.check('{"operations": [{"sql": {"up": "CREATE TABLE ch.made (id integer)"}}, {"add_column": {"table": "made", "column": {"name": "a", "type": "integer", "nullable": true}}}]}', 'ch');
SELECT * FROM helper.check('{"operations": [{"sql": {"up": "CREATE TABLE ch.plain (id integer)"}}, {"add_column": {"table": "made", "column": {"name": "a", "type": "integer", "nullable": true}}}]}', 'ch');
SELECT helper.try($$SELECT * FROM migrate_check('only a name')$$), helper.try($$SELECT * FROM migrate_check(migration => '{}')$$), helper.try($$SELECT * FROM migrate_check(schema_name => 'nowhere')$$);
SELECT helper.changes('ch');

-- What reads a column that is replaced.
CREATE TABLE ch.used (id integer PRIMARY KEY, a integer, b integer);
CREATE FUNCTION ch.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER on_a BEFORE UPDATE OF a ON ch.used FOR EACH ROW EXECUTE FUNCTION ch.nothing();
CREATE TRIGGER on_b AFTER UPDATE ON ch.used FOR EACH ROW WHEN (NEW.b > 0) EXECUTE FUNCTION ch.nothing();
CREATE VIEW ch.seen AS SELECT a FROM ch.used;
CREATE MATERIALIZED VIEW ch.kept AS SELECT b FROM ch.used;
CREATE INDEX used_b ON ch.used (b);
CREATE STATISTICS ch.used_a_b ON a, b FROM ch.used;
SELECT * FROM helper.check(helper.alter('used', 'a'), 'ch');
SELECT severity, message FROM helper.check(helper.alter('used', 'b'), 'ch') WHERE severity = 'error';
CREATE FUNCTION ch.total() RETURNS bigint BEGIN ATOMIC SELECT sum(a) FROM ch.used; END;
SELECT * FROM helper.check(NULL, 'ch') WHERE check_name = 'dependent objects';
SELECT severity, message FROM helper.check(helper.alter('used', 'a'), 'ch') WHERE severity = 'error';
DROP FUNCTION ch.total;
CREATE RULE noted AS ON DELETE TO ch.used DO ALSO SELECT OLD.a;
SELECT severity, message FROM helper.check(helper.alter('used', 'a'), 'ch') WHERE severity <> 'info';
SELECT severity, message FROM helper.check('{"operations": [{"set_replica_identity": {"table": "used", "identity": {"type": "full"}}}]}', 'ch') WHERE severity <> 'info';
DROP TABLE ch.used CASCADE;

-- Triggers in the order of their names: only non-ASCII ones come behind ours.
CREATE TRIGGER first BEFORE INSERT ON ch.plain FOR EACH ROW EXECUTE FUNCTION ch.nothing();
CREATE TRIGGER "~pgmigrate_sync" BEFORE INSERT ON ch.plain FOR EACH ROW EXECUTE FUNCTION ch.nothing();
CREATE TRIGGER "über" BEFORE INSERT ON ch.plain FOR EACH ROW EXECUTE FUNCTION ch.nothing();
CREATE TRIGGER whole AFTER TRUNCATE ON ch.plain FOR EACH STATEMENT EXECUTE FUNCTION ch.nothing();
ALTER TABLE ch.plain DISABLE TRIGGER whole;
SELECT severity, message FROM helper.check(helper.alter('plain', 'a'), 'ch') WHERE check_name = 'triggers';
DROP TRIGGER first ON ch.plain; DROP TRIGGER "~pgmigrate_sync" ON ch.plain; DROP TRIGGER "über" ON ch.plain; DROP TRIGGER whole ON ch.plain;

-- Policies and publications.
ALTER TABLE ch.plain ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON ch.plain USING (id > 0);
SET client_min_messages = error;
CREATE PUBLICATION ch_all FOR TABLE ch.plain;
CREATE PUBLICATION ch_schema FOR TABLES IN SCHEMA ch;
CREATE PUBLICATION ch_some FOR TABLE ch.plain WHERE (id > 0);
SET client_min_messages = warning;
SELECT severity, message FROM helper.check(helper.alter('plain', 'a'), 'ch') WHERE check_name IN ('policies', 'publications');
SELECT severity, message FROM helper.check(NULL, 'ch') WHERE check_name IN ('policies', 'publications');
DROP PUBLICATION ch_all, ch_schema, ch_some;
DROP POLICY own ON ch.plain;
ALTER TABLE ch.plain DISABLE ROW LEVEL SECURITY;
SELECT helper.changes('ch');

-- Foreign keys and their cycles.
CREATE TABLE ch.a (id integer PRIMARY KEY, other integer);
CREATE TABLE ch.b (id integer PRIMARY KEY, other integer REFERENCES ch.a);
CREATE TABLE ch."C" (id integer PRIMARY KEY, other integer REFERENCES ch.b, own integer REFERENCES ch."C");
ALTER TABLE ch.a ADD CONSTRAINT to_c FOREIGN KEY (other) REFERENCES ch."C" NOT VALID;
SELECT * FROM helper.check(helper.alter('b', 'other'), 'ch') WHERE check_name <> 'table size';
SELECT * FROM helper.check(NULL, 'ch') WHERE check_name IN ('foreign key cycles', 'constraints');
SELECT * FROM helper.check(helper.alter('plain', 'a'), 'ch') WHERE check_name LIKE 'foreign key%';
DROP TABLE ch.a, ch.b, ch."C" CASCADE;

-- An index that was not finished.
CREATE TABLE ch.twice (id integer PRIMARY KEY, a integer, b integer);
INSERT INTO ch.twice VALUES (1, 1, 1), (2, 1, 1);
\set ON_ERROR_STOP off
CREATE UNIQUE INDEX CONCURRENTLY twice_a ON ch.twice (a);
SELECT * FROM helper.check(helper.alter('twice', 'b'), 'ch') WHERE check_name = 'invalid indexes';
SELECT helper.refused(helper.alter('twice', 'a'), 'ch');
DROP TABLE ch.twice;

-- Inheritance.
CREATE TABLE ch.parent (id integer PRIMARY KEY, a integer, b integer);
CREATE TABLE ch.child () INHERITS (ch.parent);
SELECT helper.refused(helper.alter('parent', 'a'), 'ch');
SELECT helper.refused(helper.alter('child', 'a'), 'ch');
SELECT helper.refused('{"operations": [{"rename_column": {"table": "child", "from": "a", "to": "c"}}]}', 'ch');
SELECT * FROM helper.check('{"operations": [{"rename_column": {"table": "parent", "from": "a", "to": "c"}}]}', 'ch') WHERE check_name <> 'table size';
DROP TABLE ch.parent CASCADE;

-- Several errors: the first is raised, all are named.
CREATE TABLE ch.heir () INHERITS (ch.plain);
SET pgmigrate.min_free_disk = '1000000TB';
SELECT regexp_replace(helper.refused(helper.alter('plain', 'a'), 'ch'), '[0-9]+ (bytes|[kMGTP]B)', 'some \1', 'g') ~
  '^53100 the migration needs about some .* are free; less than pgmigrate.min_free_disk would be left\nDETAIL All errors: disk: .*; inheritance: table ch\.plain .*\.\nHINT .*migrate_check' AS both;
-- 0 turns it off; words are refused; a share is 100 % at most.
SET pgmigrate.min_free_disk = 0;
SELECT severity FROM migrate_check('m', helper.alter('plain', 'a'), 'ch') WHERE check_name = 'disk';
SET pgmigrate.min_free_disk = ' 10 % ';
SET pgmigrate.min_free_disk = 'much';
SET pgmigrate.min_free_disk = '101%';
SET pgmigrate.min_free_disk = '10';
RESET pgmigrate.min_free_disk;
SELECT boot_val FROM pg_settings WHERE name = 'pgmigrate.min_free_disk';
DROP TABLE ch.heir;
SELECT helper.changes('ch');

-- A role that owns its table and nothing else.
CREATE ROLE ch_owner;
GRANT CREATE, USAGE ON SCHEMA ch TO ch_owner;
GRANT USAGE ON SCHEMA helper TO ch_owner;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ch_owner', current_database()); END $$;
SET ROLE ch_owner;
CREATE TABLE ch.own (id integer PRIMARY KEY, a integer);
SELECT * FROM helper.check(helper.alter('own', 'a'), 'ch');
SELECT * FROM helper.check(helper.alter('plain', 'a'), 'ch');
SELECT * FROM helper.check(NULL, 'ch') WHERE severity <> 'info';
RESET ROLE;
DROP OWNED BY ch_owner CASCADE;
DROP ROLE ch_owner;

-- It locks nothing, and an active migration is in the way of another one.
BEGIN;
SELECT count(*) > 0 FROM migrate_check('m', helper.alter('plain', 'a'), 'ch');
SELECT count(*) FROM pg_locks WHERE relation = 'ch.plain'::regclass AND mode <> 'AccessShareLock';
COMMIT;
SELECT migrate_start('active', helper.alter('plain', 'a'), 'ch');
CALL migrate_wait(schema_name => 'ch');
SELECT * FROM helper.check(helper.alter('plain', 'id'), 'ch') WHERE check_name = 'active migration';
SELECT * FROM helper.check(NULL, 'ch') WHERE check_name IN ('active migration', 'triggers');
SELECT migrate_rollback(schema_name => 'ch');
SELECT helper.changes('ch');

-- Changes that no migration has made.
SELECT migrate_start('drifts', helper.alter('plain', 'a'), 'ch');
CALL migrate_wait(schema_name => 'ch');
SELECT migrate_complete('ch');
ALTER TABLE ch.plain ADD COLUMN by_hand integer;
SELECT * FROM helper.check(NULL, 'ch') WHERE check_name = 'drift';
SELECT * FROM helper.check(helper.alter('plain', 'a'), 'ch') WHERE check_name = 'drift';
DROP FUNCTION helper.check, helper.alter, helper.refused;
DROP SCHEMA ch CASCADE;
