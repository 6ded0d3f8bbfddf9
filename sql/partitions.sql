-- Partitioned tables: range, list, partitions of partitions; rows in all of them, one partition empty.
CREATE SCHEMA part;
CREATE TABLE part.kinds (id integer PRIMARY KEY);
INSERT INTO part.kinds VALUES (1), (2);
CREATE TABLE part.m (
    day integer NOT NULL, region text NOT NULL, id integer NOT NULL, kind integer REFERENCES part.kinds ON DELETE CASCADE, note text, gone text DEFAULT 'x',
    PRIMARY KEY (day, region, id), CONSTRAINT id_positive CHECK (id > 0)
) PARTITION BY RANGE (day);
CREATE UNIQUE INDEX m_kind ON part.m (day, region, id, kind) WHERE kind IS NOT NULL;
CREATE INDEX m_note ON part.m (lower(note) DESC, id);
CREATE TABLE part.m_2 (region text NOT NULL, gone text DEFAULT 'x', id integer NOT NULL, extra integer, day integer NOT NULL, kind integer, note text, CONSTRAINT id_positive CHECK (id > 0));
ALTER TABLE part.m_2 DROP COLUMN extra;
CREATE TABLE part.m_1 PARTITION OF part.m FOR VALUES FROM (0) TO (10);
ALTER TABLE part.m ATTACH PARTITION part.m_2 FOR VALUES FROM (10) TO (20);
CREATE TABLE part.m_3 PARTITION OF part.m FOR VALUES FROM (20) TO (30) PARTITION BY LIST (region);
CREATE TABLE part.m_3_eu PARTITION OF part.m_3 FOR VALUES IN ('eu');
CREATE TABLE part.m_3_rest PARTITION OF part.m_3 DEFAULT;
CREATE TABLE part.m_4 PARTITION OF part.m FOR VALUES FROM (30) TO (40);
INSERT INTO part.m SELECT g % 30, CASE WHEN g % 2 = 0 THEN 'eu' ELSE 'us' END, g, g % 2 + 1, 'Note ' || g FROM generate_series(1, 600) g;
SELECT helper.remember('part');

-- A key needs the columns of the partition key, and those cannot be replaced.
SELECT migrate_start('01', '{"operations": [{"create_index": {"name": "m_id", "table": "m", "columns": {"id": {}}, "unique": true}}]}', 'part');
SELECT helper.changes('part');

-- The type of a key's column that index, unique index, check and foreign key use; and more of each kind.
BEGIN;
SELECT migrate_start('01', $m${"operations": [
  {"alter_column": {"table": "m", "column": "id", "type": "bigint", "up": "id", "down": "id"}},
  {"alter_column": {"table": "m", "column": "kind", "type": "bigint", "nullable": false, "up": "coalesce(kind, 1)", "down": "kind"}},
  {"alter_column": {"table": "m", "column": "note", "nullable": false, "up": "note || '!'", "down": "rtrim(note, '!')"}},
  {"drop_column": {"table": "m", "column": "gone", "down": "'was ' || note"}},
  {"add_column": {"table": "m", "up": "length(note)", "column": {"name": "size", "type": "integer", "check": {"name": "size_small", "constraint": "size < 100"}}}},
  {"create_index": {"name": "m_size", "table": "m", "columns": {"size": {}}}}]}$m$, 'part');
-- A partition that comes while the migration is active, before its worker has begun.
CREATE TABLE part.m_5 PARTITION OF part.m FOR VALUES FROM (40) TO (50);
COMMIT;
CALL migrate_wait(schema_name => 'part');
SELECT c FROM helper.changes('part') c WHERE c ~ '(table m:|table m_2:|table m_3:|table m_5:|version)' AND c !~ '_not_null_';
SELECT count(*), count(DISTINCT tableoid) FROM part.m;
SELECT count(*), min(size), max(size), count(*) FILTER (WHERE note LIKE '%!') FROM part_01.m;

-- Writes through both versions, to every level, also when a row moves.
INSERT INTO part.m VALUES (5, 'eu', 1001, NULL, 'old'), (25, 'eu', 1002, 1, 'old'), (45, 'eu', 1003, 1, 'old');
INSERT INTO part_01.m VALUES (5, 'us', 1004, 2, 'new!', 4), (25, 'us', 1005, 2, 'new!', 4), (45, 'us', 1006, 2, 'new!', 4);
UPDATE part.m SET note = 'moved', day = 15 WHERE id = 1001;
UPDATE part_01.m SET note = 'MOVED!', day = 35 WHERE id = 1004;
UPDATE part_01.m SET region = 'asia' WHERE id = 1002;
DELETE FROM part_01.m WHERE id <= 500;
SELECT tableoid::regclass, * FROM part.m WHERE id > 1000 ORDER BY id;
SELECT * FROM part_01.m WHERE id > 1000 ORDER BY id;
SELECT helper.try('INSERT INTO part_01.m VALUES (45, ''us'', 1006, 2, ''again!'', 4)');
SELECT helper.try('INSERT INTO part_01.m VALUES (45, ''us'', 1007, 3, ''no such kind!'', 4)');
SELECT helper.try('INSERT INTO part_01.m VALUES (45, ''us'', 0, 2, ''check!'', 4)');
SELECT migrate_rollback(schema_name => 'part');
DROP TABLE part.m_5;
SELECT helper.changes('part');

-- The same again, until the end.
CREATE TABLE part.files AS SELECT c.oid, c.relname, pg_relation_filenode(c.oid) AS file FROM pg_class c WHERE c.relnamespace = 'part'::regnamespace AND relkind = 'r';
BEGIN;
SELECT migrate_start('02', $m${"operations": [
  {"alter_column": {"table": "m", "column": "id", "type": "bigint", "up": "id", "down": "id"}},
  {"alter_column": {"table": "m", "column": "kind", "type": "bigint", "nullable": false, "up": "coalesce(kind, 1)", "down": "kind"}},
  {"alter_column": {"table": "m", "column": "note", "nullable": false, "up": "note || '!'", "down": "rtrim(note, '!')"}},
  {"drop_column": {"table": "m", "column": "gone", "down": "'was ' || note"}},
  {"add_column": {"table": "m", "up": "length(note)", "column": {"name": "size", "type": "integer", "check": {"name": "size_small", "constraint": "size < 100"}}}},
  {"create_index": {"name": "m_size", "table": "m", "columns": {"size": {}}}}]}$m$, 'part');
CREATE TABLE part.m_5 PARTITION OF part.m FOR VALUES FROM (40) TO (50);
COMMIT;
CALL migrate_wait(schema_name => 'part');
CREATE TABLE part.m_6 PARTITION OF part.m FOR VALUES FROM (50) TO (60);
INSERT INTO part_02.m VALUES (55, 'us', 2000, 2, 'late!', 4);
-- What completion does is done to the catalog alone: every index of a partition that was there at start keeps its file.
CREATE TEMP TABLE index_files AS SELECT i.indexrelid, pg_relation_filenode(i.indexrelid) AS file FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
 WHERE c.relnamespace = 'part'::regnamespace AND c.relname NOT IN ('m_5', 'm_6') AND pg_relation_filenode(i.indexrelid) IS NOT NULL;
SELECT migrate_complete('part');
SELECT f FROM helper.facts('part') f WHERE f ~ 'table (m|m_2|m_3|m_3_rest|m_5|m_6):' AND f !~ ': column' OR f ~ '(m|m_2): column|version';
SELECT conrelid::regclass, conname FROM pg_constraint k WHERE connamespace = 'part'::regnamespace AND NOT convalidated;
SELECT count(*) FILTER (WHERE f.file = pg_relation_filenode(i.indexrelid)) = count(*) AS kept FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid LEFT JOIN index_files f USING (indexrelid)
 WHERE c.relnamespace = 'part'::regnamespace AND c.relname LIKE 'm\_%' AND c.relname NOT IN ('m_5', 'm_6') AND c.relkind = 'r';
SELECT relname FROM part.files f WHERE pg_relation_filenode(oid) <> file;
SELECT count(*) FROM pg_class WHERE relname LIKE '%pgmigrate%' AND relnamespace = 'part'::regnamespace;
INSERT INTO part.m VALUES (55, 'eu', 3000, 2, 'after', 5);
SELECT * FROM part_02.m WHERE id >= 2000 ORDER BY id;

-- Unique constraints, foreign keys and indexes of their own; partitions that go meanwhile; migrate_plan tells the truth.
SELECT phase, lock, table_name, bytes IS NOT NULL AS sized, statement FROM migrate_plan('03', '{"operations": [
  {"create_index": {"name": "m_region", "table": "m", "columns": {"region": {}}}}]}', 'part') WHERE phase IN ('expand', 'index') ORDER BY step;
CREATE TABLE part.l (a integer NOT NULL, b integer, c integer) PARTITION BY LIST (a);
CREATE TABLE part.l_1 PARTITION OF part.l FOR VALUES IN (1);
CREATE TABLE part.l_2 PARTITION OF part.l FOR VALUES IN (2);
CREATE TABLE part.l_3 PARTITION OF part.l FOR VALUES IN (3);
CREATE TABLE part.l_4 PARTITION OF part.l FOR VALUES IN (4);
INSERT INTO part.l SELECT g % 4 + 1, g, g % 2 + 1 FROM generate_series(1, 40) g;
BEGIN;
SELECT migrate_start('03', $m${"operations": [
  {"create_constraint": {"table": "l", "name": "l_unique", "type": "unique", "columns": ["a", "b"], "up": {"a": "a", "b": "b"}, "down": {"a": "a", "b": "b"}}},
  {"create_constraint": {"table": "l", "name": "l_kind", "type": "foreign_key", "columns": ["c"], "references": {"table": "kinds", "columns": ["id"]}, "up": {"c": "c"}, "down": {"c": "c"}}},
  {"create_index": {"name": "l_index", "table": "l", "columns": {"c": {"sort": "DESC"}}, "unique": false}}]}$m$, 'part');
DROP TABLE part.l_3;
ALTER TABLE part.l DETACH PARTITION part.l_4;
COMMIT;
CALL migrate_wait(schema_name => 'part');
SELECT helper.try('INSERT INTO part.l VALUES (1, 4, 1)');
SELECT helper.try('INSERT INTO part.l VALUES (1, 400, 4)');
SELECT migrate_complete('part');
SELECT f FROM helper.facts('part') f WHERE f LIKE 'table l%' AND f NOT LIKE 'table l_4%';

-- A failure in between: some leaves have their index, some have not.
SELECT helper.remember('part');
DELETE FROM part.l WHERE a = 1 AND b > 4;
SELECT migrate_start('04', '{"operations": [{"create_index": {"name": "l_ac", "table": "l", "columns": {"a": {}, "c": {}}, "unique": true}}]}', 'part');
CALL migrate_wait(schema_name => 'part');
SELECT c FROM helper.changes('part') c WHERE c ~ 'l_ac';
SELECT migrate_rollback(schema_name => 'part');
SELECT helper.changes('part');
SELECT migrate_start('04', '{"operations": [{"create_index": {"name": "l_ac", "table": "l", "columns": {"a": {}, "c": {}}, "unique": true}}]}', 'part');
CALL migrate_wait(schema_name => 'part');
SELECT c FROM helper.changes('part') c WHERE c ~ 'l_ac';
SELECT phase, statement FROM pgmigrate.step WHERE done_at IS NULL AND phase = 'index' ORDER BY position;
DELETE FROM part.l WHERE a = 2 AND b > 4;
SELECT migrate_resume('part');
CALL migrate_wait(schema_name => 'part');
SELECT c FROM helper.changes('part') c WHERE c ~ 'l_ac';
SELECT migrate_rollback(schema_name => 'part');
SELECT helper.changes('part');

-- Tables without partitions, and of one partition without rows.
CREATE TABLE part.n (a integer, b integer, UNIQUE (a, b)) PARTITION BY RANGE (a);
CREATE INDEX ON part.n (b);
SELECT migrate_start('04', '{"operations": [{"alter_column": {"table": "n", "column": "b", "type": "bigint", "up": "b", "down": "b"}}]}', 'part');
CALL migrate_wait(schema_name => 'part');
CREATE TABLE part.n_1 PARTITION OF part.n DEFAULT;
INSERT INTO part.n VALUES (1, 1);
SELECT migrate_complete('part');
SELECT f FROM helper.facts('part') f WHERE f LIKE 'table n%';

-- What is refused, with what to do about it.
\set VERBOSITY default
SELECT migrate_start('05', '{"operations": [{"alter_column": {"table": "m", "column": "region", "type": "varchar(9)", "up": "region", "down": "region"}}]}', 'part');
SELECT migrate_start('05', '{"operations": [{"drop_column": {"table": "m", "column": "day"}}]}', 'part');
CREATE INDEX own ON part.m_1 (note);
CREATE VIEW part.own_view AS SELECT note FROM part.m_1;
SELECT migrate_start('05', '{"operations": [{"alter_column": {"table": "m", "column": "note", "type": "varchar(99)", "up": "note", "down": "note"}}]}', 'part');
DROP VIEW part.own_view;
DROP INDEX part.own;
CREATE TABLE part.refers (day integer, region text, id bigint, FOREIGN KEY (day, region, id) REFERENCES part.m);
SELECT migrate_start('05', '{"operations": [{"alter_column": {"table": "m", "column": "id", "type": "numeric", "up": "id", "down": "id"}}]}', 'part');
DROP TABLE part.refers;
\set VERBOSITY terse
SET client_min_messages = warning;
DROP SCHEMA part, part_04 CASCADE;
