-- "Row-level security is lost with the column": policies that read a replaced column hold until completion on the old
-- column and behind it on the new one, also those of other tables; filling and the sync trigger are not bound by them.
CREATE ROLE regress_kp_ann;
CREATE ROLE regress_kp_bob;
CREATE ROLE regress_kp_owner;
CREATE SCHEMA kp AUTHORIZATION regress_kp_owner;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_kp_owner', current_database()) \gexec
GRANT USAGE ON SCHEMA helper TO PUBLIC;
SET ROLE regress_kp_owner;
CREATE TABLE kp.accounts (id integer PRIMARY KEY, manager varchar(30), amount integer, hidden boolean NOT NULL DEFAULT false);
CREATE TABLE kp.notes (id integer PRIMARY KEY, account integer, text text);
INSERT INTO kp.accounts VALUES (1, 'regress_kp_ann', 10, false), (2, 'regress_kp_bob', 20, false), (3, 'regress_kp_ann', -5, false), (4, NULL, 7, false), (5, 'regress_kp_ann', 9, true);
INSERT INTO kp.notes SELECT id, id, 'note ' || id FROM kp.accounts;
ALTER TABLE kp.accounts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kp.notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON kp.accounts TO regress_kp_ann, regress_kp_bob USING (manager = current_user) WITH CHECK (manager = current_user AND amount < 1000);
CREATE POLICY "not Hidden" ON kp.accounts AS RESTRICTIVE FOR SELECT USING (NOT hidden);
CREATE POLICY positive ON kp.accounts AS RESTRICTIVE FOR UPDATE TO PUBLIC USING (amount >= 0);
CREATE POLICY of_accounts ON kp.notes FOR SELECT USING (EXISTS (SELECT FROM kp.accounts a WHERE a.id = notes.account AND a.manager = current_user));
COMMENT ON POLICY own ON kp.accounts IS 'one''s own';
GRANT USAGE ON SCHEMA kp TO regress_kp_ann, regress_kp_bob;
GRANT SELECT, INSERT, UPDATE ON kp.accounts, kp.notes TO regress_kp_ann, regress_kp_bob;
RESET ROLE;
CREATE FUNCTION pg_temp.policies() RETURNS TABLE (policy text) LANGUAGE sql AS $$
SELECT format('%s on %s: %s %s %s using %s check %s -- %s', p.policyname, p.tablename, p.permissive, p.cmd, p.roles, p.qual, p.with_check, obj_description(o.oid, 'pg_policy'))
  FROM pg_policies p JOIN pg_policy o ON o.polname = p.policyname WHERE schemaname = 'kp'
UNION ALL SELECT format('%s: %s %s', relname, relrowsecurity, relforcerowsecurity) FROM pg_class WHERE relnamespace = 'kp'::regnamespace AND relkind = 'r' ORDER BY 1
$$;
CREATE TEMPORARY TABLE before AS SELECT * FROM pg_temp.policies();
SET ROLE regress_kp_owner;
SELECT migrate_start('00_init', '{"operations": []}', 'kp');
SELECT migrate_complete('kp');
RESET ROLE;
SELECT helper.remember('kp');

\set change '{"operations": [{"alter_column": {"table": "accounts", "column": "manager", "type": "text", "nullable": false, "up": "coalesce(manager, ''nobody'')", "down": "manager"}}, {"rename_column": {"table": "accounts", "from": "manager", "to": "owner"}}]}'
SELECT table_name, statement FROM migrate_plan('01_owner', :'change', 'kp') WHERE statement ~ 'POLICY' ORDER BY step;
SET ROLE regress_kp_owner;
SELECT migrate_start('01_owner', :'change', 'kp');
CALL migrate_wait(schema_name => 'kp');
GRANT USAGE ON SCHEMA kp_00_init, kp_01_owner TO regress_kp_ann;
SELECT count(*) AS seen_by_the_owner FROM kp.accounts;
RESET ROLE;
SELECT count(*) AS unfilled FROM kp.accounts WHERE "_pgmigrate_new_manager" IS NULL;
SET ROLE regress_kp_ann;
SELECT * FROM kp_00_init.accounts ORDER BY id;
SELECT * FROM kp_01_owner.accounts ORDER BY id;
SELECT * FROM kp_01_owner.notes ORDER BY id;
UPDATE kp_01_owner.accounts SET amount = amount + 1;
SELECT helper.try($$INSERT INTO kp_01_owner.accounts VALUES (6, 'regress_kp_bob', 1)$$);
SELECT helper.try($$INSERT INTO kp_01_owner.accounts VALUES (6, 'regress_kp_ann', 1)$$);
SELECT helper.try($$INSERT INTO kp_00_init.accounts VALUES (7, 'regress_kp_ann', 1000)$$);
SET ROLE regress_kp_owner;
SELECT migrate_rollback(schema_name => 'kp');
RESET ROLE;
SELECT * FROM pg_temp.policies() EXCEPT SELECT * FROM before;
SELECT helper.changes('kp');
SET ROLE regress_kp_owner;
SELECT migrate_start('01_owner', :'change', 'kp');
CALL migrate_wait(schema_name => 'kp');
SELECT migrate_complete('kp');
RESET ROLE;
SELECT '+' AS side, * FROM (SELECT * FROM pg_temp.policies() EXCEPT SELECT * FROM before) x
UNION ALL SELECT '-', * FROM (SELECT * FROM before EXCEPT SELECT * FROM pg_temp.policies()) x ORDER BY 2, 1;
SELECT helper.changes('kp');
SET ROLE regress_kp_ann;
SELECT * FROM kp.accounts ORDER BY id;
SELECT * FROM kp.notes ORDER BY id;
SELECT helper.try($$INSERT INTO kp.accounts (id, owner, amount) VALUES (8, 'regress_kp_bob', 1)$$);
RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA kp, kp_01_owner CASCADE;
SELECT format('REVOKE CREATE ON DATABASE %I FROM regress_kp_owner', current_database()) \gexec
REVOKE USAGE ON SCHEMA helper FROM PUBLIC;
DROP ROLE regress_kp_ann, regress_kp_bob, regress_kp_owner;
