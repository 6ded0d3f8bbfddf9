-- migrate_message: the incident declaration, the update for stakeholders, and kinds of one's own.
CREATE SCHEMA ms;
CREATE TABLE ms.t (id integer PRIMARY KEY, a integer);
INSERT INTO ms.t SELECT g, g FROM generate_series(1, 1000) g;
\set VERBOSITY default
SELECT migrate_message('update', 'ms');
SELECT migrate_message('no such kind', 'ms');
\set VERBOSITY terse
BEGIN;
SELECT migrate_start('01', '{"operations": [{"add_column": {"table": "t", "up": "1 / (a - 500)", "column": {"name": "b", "type": "integer", "nullable": true}}}]}', 'ms');
SELECT migrate_pause('ms');
COMMIT;
SELECT position('in phase filling and has been running' IN migrate_message(schema_name => 'ms')) > 0 AS filling,
       position('Next step: SELECT migrate_resume()' IN migrate_message(schema_name => 'ms')) > 0 AS resume;
SELECT migrate_resume('ms');
CALL migrate_wait(schema_name => 'ms');
SELECT regexp_replace(line, ', [0-9]+%', ', …%') AS line
  FROM regexp_split_to_table(replace(migrate_message('incident', 'ms'), current_user, 'somebody'), '\n') line
 WHERE line !~ '^(Time|Started)';
SELECT migrate_rollback(schema_name => 'ms');
INSERT INTO pgmigrate.message_kind (kind, template) VALUES ('chat', '{migration}: {state} {percent}% {unknown}');
SELECT migrate_start('02', '{"operations": [{"rename_column": {"table": "t", "from": "a", "to": "c"}}]}', 'ms');
SELECT migrate_message('chat', 'ms');
SELECT migrate_complete('ms');
DELETE FROM pgmigrate.message_kind WHERE kind = 'chat';
SET client_min_messages = warning;
DROP SCHEMA ms, ms_02 CASCADE;
