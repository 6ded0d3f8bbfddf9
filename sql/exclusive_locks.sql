-- A table that somebody keeps for himself alone, here a prepared transaction: even its size cannot be read. Every function that has to gives
-- up after pgmigrate.lock_deadline, and what does not need the table goes on.
\set VERBOSITY terse
CREATE SCHEMA ex;
CREATE TABLE ex.t (id integer PRIMARY KEY, a integer);
CREATE TABLE ex.other (id integer PRIMARY KEY, a integer);
SELECT migrate_start('01', '{"operations": []}', 'ex');
SELECT migrate_complete('ex');
BEGIN;
LOCK TABLE ex.t IN ACCESS EXCLUSIVE MODE;
PREPARE TRANSACTION 'pgmigrate_exclusive';
SET pgmigrate.lock_deadline = 0;
SET pgmigrate.lock_budget = '10ms';
SELECT helper.try($$SELECT migrate_start('02', '{"operations": [{"add_column": {"table": "t", "up": "1", "column": {"name": "b", "type": "int"}}}]}', 'ex')$$);
SELECT helper.try($$SELECT migrate_start('02', '{"operations": [{"add_column": {"table": "other", "up": "1", "column": {"name": "b", "type": "int"}}}]}', 'ex')$$);
SELECT helper.try($$SELECT count(*) FROM migrate_plan('02', '{"operations": [{"add_column": {"table": "t", "up": "1", "column": {"name": "b", "type": "int"}}}]}', 'ex')$$);
SELECT helper.try($$SELECT count(*) FROM migrate_check('02', '{"operations": [{"add_column": {"table": "t", "up": "1", "column": {"name": "b", "type": "int"}}}]}', 'ex')$$);
SELECT helper.try($$SELECT count(*) FROM migrate_check(schema_name => 'ex')$$);
SELECT name, state FROM migrate_status('ex');
SELECT name, status FROM migrate_history('ex');
SHOW lock_timeout;
ROLLBACK PREPARED 'pgmigrate_exclusive';
SELECT migrate_start('02', '{"operations": [{"add_column": {"table": "t", "up": "1", "column": {"name": "b", "type": "int"}}}]}', 'ex');
CALL migrate_wait(schema_name => 'ex');
BEGIN;
LOCK TABLE ex.other IN ACCESS EXCLUSIVE MODE;
PREPARE TRANSACTION 'pgmigrate_exclusive';
SELECT helper.try($$SELECT migrate_complete('ex')$$);
SELECT helper.try($$SELECT migrate_rollback(schema_name => 'ex')$$);
ROLLBACK PREPARED 'pgmigrate_exclusive';
-- A timeout that no clock can count to is a long one, not one that is over.
BEGIN;
SELECT migrate_start('03', '{"operations": [{"add_column": {"table": "t", "up": "1", "column": {"name": "b", "type": "int"}}}]}', 'ex');
SELECT migrate_pause('ex');
COMMIT;
SET statement_timeout = '1s';
CALL migrate_wait(timeout => '178000000 years', schema_name => 'ex');
RESET statement_timeout;
SELECT migrate_rollback(schema_name => 'ex');
SET client_min_messages = warning;
DROP SCHEMA ex CASCADE;
DROP SCHEMA IF EXISTS ex_01, ex_02 CASCADE;
