-- Row-level security through the versions' views (xataio/pgroll#179, #189), and user triggers of any name (xataio/pgroll#352).
CREATE ROLE sec_owner;
CREATE ROLE sec_ann;
CREATE ROLE sec_bob;
CREATE SCHEMA se AUTHORIZATION sec_owner;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO sec_owner', current_database()); END $$;
SET ROLE sec_owner;
GRANT USAGE ON SCHEMA se TO sec_ann, sec_bob;
CREATE TABLE se.notes (id integer PRIMARY KEY, who text NOT NULL DEFAULT current_user, body text);
GRANT SELECT, INSERT, UPDATE, DELETE ON se.notes TO sec_ann, sec_bob;
INSERT INTO se.notes VALUES (1, 'sec_ann', 'Ann''s'), (2, 'sec_bob', 'Bob''s'), (3, 'nobody', 'a third');
ALTER TABLE se.notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON se.notes USING (who = current_user);
-- The owner, who fills, is bound as well and sees no row: the fill must not pass over any.
ALTER TABLE se.notes FORCE ROW LEVEL SECURITY;
SELECT count(*) FROM se.notes;
SELECT migrate_start('00_init', '{"operations": []}', 'se');
SELECT migrate_complete('se');

SELECT migrate_start('01', $m${"operations": [
  {"alter_column": {"table": "notes", "column": "body", "nullable": false, "type": "varchar(20)", "up": "coalesce(upper(body), '')", "down": "body"}},
  {"add_column": {"table": "notes", "up": "length(body)", "column": {"name": "size", "type": "integer"}}}]}$m$, 'se');
CALL migrate_wait(schema_name => 'se');
SET ROLE sec_ann;
SELECT * FROM se_01.notes ORDER BY id;
SELECT * FROM se_00_init.notes ORDER BY id;
INSERT INTO se_01.notes (id, body, size) VALUES (10, 'by new', 6);
INSERT INTO se_00_init.notes (id, body) VALUES (11, 'by old');
UPDATE se_01.notes SET body = 'all of mine';
DELETE FROM se_01.notes WHERE id = 2;
INSERT INTO se_01.notes (id, who, body, size) VALUES (12, 'sec_bob', 'for Bob', 1);
SET ROLE sec_bob;
SELECT * FROM se_01.notes ORDER BY id;
RESET ROLE;
SELECT id, who, body, _pgmigrate_new_body FROM se.notes ORDER BY id;
SET ROLE sec_owner;
SELECT migrate_rollback(schema_name => 'se');
SELECT migrate_start('01', $m${"operations": [
  {"alter_column": {"table": "notes", "column": "body", "nullable": false, "type": "varchar(20)", "up": "coalesce(upper(body), '')", "down": "body"}},
  {"add_column": {"table": "notes", "up": "length(body)", "column": {"name": "size", "type": "integer"}}}]}$m$, 'se');
CALL migrate_wait(schema_name => 'se');
SELECT migrate_complete('se');
SET ROLE sec_bob;
SELECT * FROM se_01.notes ORDER BY id;
SELECT * FROM se.notes ORDER BY id;
RESET ROLE;
SELECT id, who, body, size FROM se.notes ORDER BY id;
SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = 'se.notes'::regclass;
SELECT polname, pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = 'se.notes'::regclass;

-- A table with row-level security that an expression reads: with the rights of the table's owner, as the expression runs.
SET ROLE sec_owner;
CREATE TABLE se.names (who text PRIMARY KEY, full_name text);
INSERT INTO se.names VALUES ('sec_ann', 'Ann A.'), ('sec_bob', 'Bob B.');
ALTER TABLE se.names ENABLE ROW LEVEL SECURITY;
CREATE POLICY nobody ON se.names USING (false);
SELECT migrate_start('02', $m${"operations": [{"add_column": {"table": "notes", "up": "SELECT n.full_name FROM names n WHERE n.who = notes.who", "column": {"name": "author", "type": "text", "nullable": true}}}]}$m$, 'se');
CALL migrate_wait(schema_name => 'se');
SET ROLE sec_ann;
INSERT INTO se_01.notes (id, body, size) VALUES (20, 'x', 1);
SELECT id, author FROM se_02.notes ORDER BY id;
SET ROLE sec_owner;
SELECT migrate_complete('se');
RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA se, se_02 CASCADE;
RESET client_min_messages;

-- User triggers: whatever their names, ours sees what they have done; the fill fires none of them.
CREATE SCHEMA tr;
CREATE TABLE tr.t (id integer PRIMARY KEY, a integer, changed integer NOT NULL DEFAULT 0);
CREATE TABLE tr.audit (number serial, name text, operation text, id integer);
CREATE FUNCTION tr.raise_a() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a := NEW.a + 1; NEW.changed := NEW.changed + 1; RETURN NEW; END $$;
CREATE FUNCTION tr.record() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO tr.audit (name, operation, id) VALUES (TG_NAME, TG_OP, NEW.id); RETURN NULL; END $$;
INSERT INTO tr.t VALUES (1, 1), (2, 2);
CREATE TRIGGER "a first" BEFORE INSERT OR UPDATE ON tr.t FOR EACH ROW EXECUTE FUNCTION tr.raise_a();
CREATE TRIGGER "zzz" BEFORE INSERT OR UPDATE ON tr.t FOR EACH ROW EXECUTE FUNCTION tr.raise_a();
CREATE TRIGGER "~pgmigrate_sync" BEFORE INSERT OR UPDATE ON tr.t FOR EACH ROW EXECUTE FUNCTION tr.raise_a();
CREATE TRIGGER "~~~" BEFORE INSERT OR UPDATE ON tr.t FOR EACH ROW EXECUTE FUNCTION tr.raise_a();
CREATE TRIGGER "~~pgmigrate_sync zzz" BEFORE INSERT OR UPDATE OF a ON tr.t FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION tr.raise_a();
CREATE TRIGGER "after" AFTER INSERT OR UPDATE ON tr.t FOR EACH ROW EXECUTE FUNCTION tr.record();
SELECT helper.remember('tr');
SELECT migrate_start('01', $m${"operations": [{"add_column": {"table": "t", "up": "a * 100", "column": {"name": "b", "type": "integer"}}}]}$m$, 'tr');
CALL migrate_wait(schema_name => 'tr');
SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'tr.t'::regclass AND NOT tgisinternal ORDER BY tgname COLLATE "C";
SELECT * FROM tr_01.t ORDER BY id;
SELECT count(*) FROM tr.audit;
INSERT INTO tr.t VALUES (3, 3);
UPDATE tr.t SET a = 10 WHERE id = 1;
INSERT INTO tr_01.t VALUES (4, 4, 0, 4);
SELECT * FROM tr_01.t ORDER BY id;
SELECT name, operation, id FROM tr.audit ORDER BY number;
SELECT migrate_rollback(schema_name => 'tr');
SELECT helper.changes('tr');
SELECT migrate_start('01', $m${"operations": [{"add_column": {"table": "t", "up": "a * 100", "column": {"name": "b", "type": "integer"}}}]}$m$, 'tr');
CALL migrate_wait(schema_name => 'tr');
SELECT migrate_complete('tr');
SELECT helper.changes('tr');
SET client_min_messages = warning;
DROP SCHEMA tr, tr_01 CASCADE;
DO $$ BEGIN EXECUTE format('REVOKE CREATE ON DATABASE %I FROM sec_owner', current_database()); END $$;
DROP ROLE sec_owner, sec_ann, sec_bob;
