-- What users of pgroll asked for in vain, or were bitten by, where no other file has it; each with the issue that says so.
CREATE SCHEMA cm;
CREATE SCHEMA cm_other;
CREATE TABLE cm_other.countries (code text PRIMARY KEY);
INSERT INTO cm_other.countries VALUES ('de'), ('fr');
SELECT migrate_start('00', '{"operations": []}', 'cm');
SELECT migrate_complete('cm');

-- #1028: "a check whose function is named like the column is destroyed by rewriting its text".
CREATE FUNCTION cm.name_is_good(name text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT name <> 'name' $$;
CREATE TABLE cm.checked (id integer PRIMARY KEY, name varchar(20) CONSTRAINT name CHECK (cm.name_is_good(name) AND name <> 'name name'), rename text DEFAULT 'name');
INSERT INTO cm.checked VALUES (1, 'ann');
SELECT migrate_start('01', '{"operations": [{"alter_column": {"table": "checked", "column": "name", "type": "text", "up": "upper(name)", "down": "name"}}]}', 'cm');
CALL migrate_wait(schema_name => 'cm');
SELECT helper.try($$INSERT INTO cm_01.checked VALUES (2, 'name')$$);
SELECT migrate_complete('cm');
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'cm.checked'::regclass AND contype = 'c';
SELECT helper.try($$INSERT INTO cm_01.checked VALUES (2, 'name')$$);

-- #888, #930: "the primary key is lost after altering its column": also one of two columns, under its own name. #1006: another set of columns.
CREATE TABLE cm.pairs (a integer, b integer, c integer NOT NULL, CONSTRAINT "pairs' key" PRIMARY KEY (b, a));
INSERT INTO cm.pairs VALUES (1, 2, 3), (1, 3, 4);
SELECT migrate_start('02', '{"operations": [{"alter_column": {"table": "pairs", "column": "a", "type": "bigint", "up": "a", "down": "a"}}]}', 'cm');
CALL migrate_wait(schema_name => 'cm');
SELECT migrate_complete('cm');
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'cm.pairs'::regclass AND contype = 'p';
SELECT helper.try($$INSERT INTO cm_02.pairs VALUES (1, 2, 5)$$);
SELECT migrate_start('03', '{"operations": [{"sql": {"up": "ALTER TABLE pairs DROP CONSTRAINT \"pairs'' key\"", "down": "ALTER TABLE pairs ADD CONSTRAINT \"pairs'' key\" PRIMARY KEY (b, a)"}}, {"create_constraint": {"table": "pairs", "name": "pairs_pkey", "type": "primary_key", "columns": ["c"], "up": {"c": "c"}, "down": {"c": "c"}}}]}', 'cm');
CALL migrate_wait(schema_name => 'cm');
SELECT migrate_complete('cm');
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'cm.pairs'::regclass AND contype = 'p';

-- #42, #860: "UPDATE … SET c = DEFAULT and upserts fail, because the view has no default"; each version has its own.
CREATE TABLE cm.defaults (id integer PRIMARY KEY, state text DEFAULT 'old');
SELECT migrate_start('04', '{"operations": [{"alter_column": {"table": "defaults", "column": "state", "default": "''new''"}}]}', 'cm');
INSERT INTO cm.defaults (id) VALUES (1);
INSERT INTO cm_04.defaults (id) VALUES (2);
INSERT INTO cm_04.defaults VALUES (2, 'x') ON CONFLICT (id) DO UPDATE SET state = DEFAULT RETURNING *;
UPDATE cm.defaults SET state = DEFAULT WHERE id = 2 RETURNING *;
UPDATE cm_04.defaults SET state = DEFAULT WHERE id = 1 RETURNING *;
SELECT migrate_complete('cm');

-- #677, #680: "no exclusion constraints on existing tables": raw SQL adds one, and its column can be changed later. PostgreSQL has no way to build it beside
-- the application's writes, which is said; it is there before completion and binds both versions.
CREATE TABLE cm.rooms (id integer PRIMARY KEY, room integer NOT NULL, during tsrange, note text);
INSERT INTO cm.rooms VALUES (1, 1, '[2026-01-01,2026-01-02)'), (2, 1, '[2026-01-02,2026-01-03)'), (3, 2, NULL);
SELECT migrate_start('05', '{"operations": [{"sql": {"up": "ALTER TABLE rooms ADD CONSTRAINT no_overlap EXCLUDE USING gist (int4range(room, room, ''[]'') WITH =, during WITH &&) WHERE (note IS DISTINCT FROM ''void'') DEFERRABLE"}}]}', 'cm');
SELECT migrate_complete('cm');
COMMENT ON CONSTRAINT no_overlap ON cm.rooms IS 'one at a time';
SELECT helper.remember('cm');
\set change '{"operations": [{"alter_column": {"table": "rooms", "column": "during", "type": "daterange", "up": "CASE WHEN during IS NOT NULL THEN daterange(lower(during)::date, upper(during)::date) END", "down": "CASE WHEN during IS NOT NULL THEN tsrange(lower(during), upper(during)) END"}}]}'
SELECT phase, statement, lock FROM migrate_plan('06', :'change', 'cm') WHERE lock = 'ACCESS EXCLUSIVE' AND phase = 'index';
SELECT migrate_start('06', :'change', 'cm');
CALL migrate_wait(schema_name => 'cm');
SELECT helper.try($$INSERT INTO cm_06.rooms VALUES (4, 1, '[2026-01-01,2026-01-03)')$$);
SELECT helper.try($$INSERT INTO cm_05.rooms VALUES (4, 1, '[2026-01-01,2026-01-03)')$$);
INSERT INTO cm_06.rooms VALUES (4, 1, '[2026-01-01,2026-01-03)', 'void'), (5, 2, '[2026-01-01,2026-01-03)', NULL);
SELECT migrate_rollback(schema_name => 'cm');
SELECT helper.changes('cm');
SELECT migrate_start('06', :'change', 'cm');
CALL migrate_wait(schema_name => 'cm');
SELECT migrate_complete('cm');
SELECT helper.changes('cm');
SELECT helper.try($$INSERT INTO cm_06.rooms VALUES (6, 1, '[2026-01-01,2026-01-03)')$$);
-- An expression that the new type does not allow is told like that of any index. Rows that cannot have the constraint: the worker says so; all is undone.
SELECT migrate_start('07', '{"operations": [{"alter_column": {"table": "rooms", "column": "room", "type": "bigint", "up": "7", "down": "room"}}]}', 'cm');
CALL migrate_wait(schema_name => 'cm');
SELECT migrate_rollback(schema_name => 'cm');
INSERT INTO cm_06.rooms VALUES (7, 8, '[2026-01-01,2026-01-03)');
SELECT migrate_start('07', '{"operations": [{"alter_column": {"table": "rooms", "column": "room", "check": {"name": "seven", "constraint": "room = 7"}, "up": "7", "down": "room"}}]}', 'cm');
CALL migrate_wait(schema_name => 'cm');
SELECT migrate_rollback(schema_name => 'cm');
SELECT helper.try($$INSERT INTO cm_06.rooms VALUES (6, 1, '[2026-01-01,2026-01-03)')$$);

-- #638: "generated and identity columns on existing tables": by raw SQL at completion, behind other operations.
CREATE TABLE cm.numbered (name text);
INSERT INTO cm.numbered VALUES ('a'), ('b');
SELECT migrate_start('08', '{"operations": [{"alter_column": {"table": "numbered", "column": "name", "nullable": false, "up": "name"}}, {"sql": {"up": "ALTER TABLE numbered ADD id integer GENERATED ALWAYS AS IDENTITY, ADD size integer GENERATED ALWAYS AS (length(name)) STORED", "onComplete": true}}]}', 'cm');
CALL migrate_wait(schema_name => 'cm');
SELECT migrate_complete('cm');
INSERT INTO cm_08.numbered (name) VALUES ('ccc') RETURNING *;
-- Such columns stay what they are while another column changes.
SELECT migrate_start('09', '{"operations": [{"alter_column": {"table": "numbered", "column": "id", "type": "bigint", "up": "id", "down": "id"}}]}', 'cm');
CALL migrate_wait(schema_name => 'cm');
INSERT INTO cm_09.numbered (name) VALUES ('dddd') RETURNING *;
SELECT migrate_complete('cm');
INSERT INTO cm_09.numbered (name) VALUES ('eeeee') RETURNING *;

-- #785, #777: "raw SQL should be transactional": what fails half-way has done nothing.
SELECT helper.remember('cm');
SELECT migrate_start('10', '{"operations": [{"sql": {"up": "CREATE TABLE half (a int); SELECT 1 / 0"}}]}', 'cm');
SELECT migrate_start('10', '{"operations": [{"sql": {"up": "CREATE TABLE half (a int)"}}, {"add_column": {"table": "nobody", "column": {"name": "x", "type": "int", "nullable": true}}}]}', 'cm');
SELECT helper.changes('cm');

-- #373: "references across schemas": a foreign key to a table of another schema lives on.
CREATE TABLE cm.people (id integer PRIMARY KEY, country text CONSTRAINT people_country REFERENCES cm_other.countries ON DELETE SET NULL);
INSERT INTO cm.people VALUES (1, 'de'), (2, NULL);
SELECT migrate_start('11', '{"operations": [{"alter_column": {"table": "people", "column": "country", "nullable": false, "up": "coalesce(country, ''fr'')"}}]}', 'cm');
CALL migrate_wait(schema_name => 'cm');
SELECT helper.try($$INSERT INTO cm_11.people VALUES (3, 'xx')$$);
SELECT helper.try($$INSERT INTO cm.people VALUES (3, 'xx')$$);
SELECT migrate_complete('cm');
SELECT conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'cm.people'::regclass AND contype = 'f';

-- #829, #155: "search_path is the only mark of a version, so poolers and applications with several schemas break": a qualified name is enough, in one transaction too.
SELECT migrate_start('12', '{"operations": [{"alter_column": {"table": "defaults", "column": "state", "check": {"name": "upper_case", "constraint": "state = upper(state)"}, "up": "upper(state)", "down": "lower(state)"}}, {"rename_column": {"table": "defaults", "from": "state", "to": "status"}}]}', 'cm');
CALL migrate_wait(schema_name => 'cm');
SET search_path = cm_other, cm_11, public;
BEGIN;
INSERT INTO cm_12.defaults VALUES (10, 'NEW');
INSERT INTO cm_11.defaults VALUES (11, 'old');
INSERT INTO cm.defaults VALUES (12, 'base');
INSERT INTO defaults VALUES (13, 'path');
COMMIT;
RESET search_path;
SELECT * FROM cm_11.defaults WHERE id > 9 ORDER BY id;
SELECT * FROM cm_12.defaults WHERE id > 9 ORDER BY id;
SELECT migrate_complete('cm');

-- serial columns: "up" numbers the rows that are there, the sequence those that come; a second default is refused as PostgreSQL does.
SELECT migrate_start('13', '{"operations": [{"add_column": {"table": "defaults", "up": "id * 100", "column": {"name": "nr", "type": "serial"}}}]}', 'cm');
CALL migrate_wait(schema_name => 'cm');
INSERT INTO cm_13.defaults (id, status) VALUES (20, 'NEW') RETURNING *;
INSERT INTO cm_12.defaults (id, status) VALUES (21, 'NEW');
SELECT migrate_complete('cm');
INSERT INTO cm_13.defaults (id, status) VALUES (22, 'NEW');
SELECT id, nr FROM cm.defaults WHERE id IN (1, 2, 20, 21, 22) ORDER BY id;
SELECT helper.refusal('{"add_column": {"table": "defaults", "column": {"name": "nr2", "type": "serial", "default": "5"}}}', 'cm');
SELECT helper.refusal('{"create_table": {"name": "s", "columns": [{"name": "nr", "type": "serial", "default": "5"}]}}', 'cm');
-- A kept serial default is word for word what it was, and the sequence is the same.
CREATE TABLE cm.serials (id smallserial PRIMARY KEY, nr serial, big bigserial, own integer DEFAULT nextval('cm.serials_nr_seq') + 1000);
CREATE TEMPORARY TABLE before AS SELECT adnum, pg_get_expr(adbin, adrelid) AS default_value, attname FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum WHERE adrelid = 'cm.serials'::regclass;
SELECT migrate_start('14', '{"operations": [{"alter_column": {"table": "serials", "column": "id", "check": {"name": "a", "constraint": "id > 0"}, "up": "id", "down": "id"}}, {"alter_column": {"table": "serials", "column": "nr", "type": "bigint", "up": "nr", "down": "nr"}}, {"alter_column": {"table": "serials", "column": "big", "unique": {"name": "u"}, "up": "big", "down": "big"}}, {"alter_column": {"table": "serials", "column": "own", "nullable": false, "up": "own"}}]}', 'cm');
CALL migrate_wait(schema_name => 'cm');
SELECT migrate_complete('cm');
SELECT attname, default_value, pg_get_expr(adbin, adrelid) AS by_now FROM before JOIN pg_attribute a USING (attname) JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE attrelid = 'cm.serials'::regclass ORDER BY 1;
SELECT attname, pg_get_serial_sequence('cm.serials', attname) FROM before ORDER BY 1;

-- Typed tables have the columns of their type; what leaves those alone is possible.
CREATE TYPE cm.row_type AS (a integer, b text);
CREATE TABLE cm.typed OF cm.row_type;
SELECT helper.refusal('{"alter_column": {"table": "typed", "column": "a", "type": "bigint", "up": "a", "down": "a"}}', 'cm');
SELECT helper.refusal('{"add_column": {"table": "typed", "column": {"name": "x", "type": "int", "nullable": true}}}', 'cm');
SELECT helper.refusal('{"drop_column": {"table": "typed", "column": "a"}}', 'cm');
SELECT helper.refusal('{"rename_column": {"table": "typed", "from": "a", "to": "z"}}', 'cm');
SELECT migrate_start('15', '{"operations": [{"create_index": {"name": "typed_a", "table": "typed", "columns": ["a"]}}, {"alter_column": {"table": "typed", "column": "b", "default": "''x''"}}]}', 'cm');
CALL migrate_wait(schema_name => 'cm');
SELECT migrate_complete('cm');
INSERT INTO cm_15.typed (a) VALUES (1) RETURNING *;

-- A type with a collation, as pgroll takes it.
SELECT migrate_start('16', $m${"operations": [{"create_table": {"name": "sorted", "columns": [{"name": "a", "type": "text COLLATE \"C\"", "nullable": true}, {"name": "b", "type": "varchar(10)", "nullable": true}]}},
  {"add_column": {"table": "sorted", "column": {"name": "c", "type": "varchar(5) COLLATE \"POSIX\"", "nullable": true}}},
  {"alter_column": {"table": "sorted", "column": "b", "type": "text collate pg_catalog.\"C\"", "up": "b", "down": "b"}},
  {"add_column": {"table": "serials", "up": "'x'", "column": {"name": "c", "type": "text COLLATE \"C\""}}},
  {"alter_column": {"table": "checked", "column": "rename", "type": "text COLLATE \"C\"", "up": "rename", "down": "rename"}}]}$m$, 'cm');
CALL migrate_wait(schema_name => 'cm');
SELECT migrate_complete('cm');
SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod), attcollation::regcollation FROM pg_attribute
 WHERE attrelid IN ('cm.sorted'::regclass, 'cm.serials'::regclass, 'cm.checked'::regclass) AND attnum > 0 AND attcollation <> 0 AND NOT attisdropped ORDER BY 1, 2;

-- Only defaults, comments, names and types that store the same: nothing is filled, and no file of the table changes.
CREATE TABLE cm.still (id integer PRIMARY KEY, a varchar(10) DEFAULT 'x', b numeric(6,2), c text);
INSERT INTO cm.still SELECT g, g, g, g FROM generate_series(1, 1000) g;
CREATE TEMPORARY TABLE files AS SELECT c.oid, pg_relation_filenode(c.oid) AS file, pg_total_relation_size(c.oid) AS size FROM pg_class c WHERE relname LIKE 'still%' AND relnamespace = 'cm'::regnamespace;
\set change '{"operations": [{"alter_column": {"table": "still", "column": "a", "default": "''y''", "comment": "why"}}, {"alter_column": {"table": "still", "column": "a", "type": "varchar(20)", "up": "a", "down": "a"}}, {"alter_column": {"table": "still", "column": "b", "type": "numeric(8,2)", "default": "1", "up": "b", "down": "b"}}, {"rename_column": {"table": "still", "from": "c", "to": "d"}}, {"rename_constraint": {"table": "still", "from": "still_pkey", "to": "still_key"}}, {"add_column": {"table": "still", "column": {"name": "e", "type": "integer", "default": "7"}}}, {"rename_table": {"from": "still", "to": "calm"}}]}'
SELECT count(*) > 5 AS steps, count(*) FILTER (WHERE phase IN ('fill', 'index', 'validate', 'verify')) AS of_a_worker FROM migrate_plan('17', :'change', 'cm');
SELECT migrate_start('17', :'change', 'cm');
SELECT state FROM migrate_status('cm') WHERE name = '17';
SELECT migrate_complete('cm');
SELECT c.relname, f.file = pg_relation_filenode(oid) AS same_file, f.size = pg_total_relation_size(oid) AS same_size FROM files f JOIN pg_class c USING (oid) ORDER BY 1;
SELECT * FROM cm_17.calm WHERE id = 5;
SET client_min_messages = warning;
DROP SCHEMA cm, cm_other, cm_17 CASCADE;
