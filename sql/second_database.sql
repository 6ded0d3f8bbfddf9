-- Two databases of one server with migrations of the same names, active at the same time: each has its own state, worker and locks.
\set VERBOSITY terse
\set first :DBNAME
CREATE DATABASE pgmigrate_second;
\c pgmigrate_second
CREATE EXTENSION pgmigrate;
CREATE SCHEMA db2;
CREATE TABLE db2.t (id integer PRIMARY KEY, a integer);
INSERT INTO db2.t VALUES (1, 1);
BEGIN;
SELECT migrate_start('01', '{"operations": [{"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a * 10", "down": "a / 10"}}]}', 'db2');
SELECT migrate_pause('db2');
COMMIT;
\c :first
CREATE SCHEMA db2;
CREATE TABLE db2.t (id integer PRIMARY KEY, a integer);
INSERT INTO db2.t VALUES (1, 1);
SELECT migrate_start('01', '{"operations": [{"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a * 100", "down": "a / 100"}}]}', 'db2');
CALL migrate_wait(schema_name => 'db2');
\c pgmigrate_second
SELECT name, state FROM migrate_status('db2');
SELECT migrate_resume('db2');
CALL migrate_wait(schema_name => 'db2');
SELECT * FROM db2_01.t;
\c :first
SELECT * FROM db2_01.t;
SELECT migrate_complete('db2');
\c pgmigrate_second
SELECT name, state FROM migrate_status('db2');
SELECT migrate_rollback(schema_name => 'db2');
SELECT * FROM db2.t;
\c :first
SELECT * FROM db2.t;
SET client_min_messages = warning;
DROP SCHEMA db2, db2_01 CASCADE;
-- Its worker may be ending just now.
DROP DATABASE pgmigrate_second WITH (FORCE);
