-- Rights live on with every version (users of other tools: "grants are lost with every version").
CREATE ROLE regress_gr_owner;
CREATE ROLE regress_gr_app;
CREATE ROLE regress_gr_clerk;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_gr_owner', current_database()) \gexec
CREATE SCHEMA gr AUTHORIZATION regress_gr_owner;
-- Everything that anybody was given on a version.
CREATE FUNCTION helper.rights_on(version name) RETURNS SETOF text LANGUAGE sql AS $$
SELECT concat(o.what, ': ', CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END, ' ', x.privilege_type, CASE WHEN x.is_grantable THEN '*' END)
  FROM (SELECT 'schema' AS what, nspacl AS acl, nspowner AS owner FROM pg_namespace WHERE nspname = version
        UNION ALL
        SELECT c.relname, c.relacl, c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = version
        UNION ALL
        SELECT c.relname || '.' || a.attname, a.attacl, c.relowner
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid WHERE n.nspname = version
        UNION ALL
        SELECT format('default for %s, type %s', d.defaclrole::regrole, d.defaclobjtype), d.defaclacl, 0
          FROM pg_default_acl d JOIN pg_namespace n ON n.oid = d.defaclnamespace WHERE n.nspname = version) o
 CROSS JOIN aclexplode(o.acl) x WHERE x.grantee <> o.owner ORDER BY 1
$$;
GRANT USAGE ON SCHEMA helper TO PUBLIC;
SET ROLE regress_gr_owner;
CREATE TABLE gr.t (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, secret text);
CREATE TABLE gr.u (id integer);
INSERT INTO gr.t (name, secret) VALUES ('one', 's');
GRANT SELECT, INSERT, UPDATE ON gr.t TO regress_gr_app;
GRANT SELECT (id, name) ON gr.t TO regress_gr_clerk;
GRANT SELECT ON gr.u TO PUBLIC;
GRANT USAGE ON SEQUENCE gr.t_id_seq TO regress_gr_app;
GRANT SELECT ON SEQUENCE gr.t_id_seq TO PUBLIC;
COMMENT ON SEQUENCE gr.t_id_seq IS 'numbers of t';
SELECT migrate_start('01', '{"operations": []}', 'gr');
SELECT migrate_complete('gr');

-- The application knows the version schema alone: it has no right on the schema of the tables.
GRANT USAGE ON SCHEMA gr_01 TO regress_gr_app, regress_gr_clerk WITH GRANT OPTION;
GRANT DELETE ON gr_01.t TO regress_gr_app;
GRANT SELECT ON gr_01.t TO regress_gr_app WITH GRANT OPTION;
GRANT UPDATE (name) ON gr_01.t TO regress_gr_clerk;
GRANT UPDATE (secret) ON gr_01.t TO regress_gr_clerk;
GRANT INSERT ON gr_01.u TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA gr_01 GRANT SELECT ON TABLES TO regress_gr_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA gr GRANT SELECT ON TABLES TO regress_gr_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA gr GRANT INSERT, TRUNCATE ON TABLES TO regress_gr_clerk;
SELECT * FROM helper.rights_on('gr_01');
SET ROLE regress_gr_app;
SELECT helper.try('SELECT count(*) FROM gr.t');
INSERT INTO gr_01.t (name) VALUES ('two');
SELECT id, name FROM gr_01.t ORDER BY id;
SET ROLE regress_gr_owner;
SELECT migrate_start('02', '{"operations": [
  {"alter_column": {"table": "t", "column": "id", "type": "bigint", "up": "id", "down": "id"}},
  {"rename_column": {"table": "t", "from": "name", "to": "title"}},
  {"drop_column": {"table": "t", "column": "secret"}},
  {"rename_table": {"from": "u", "to": "w"}},
  {"create_table": {"name": "n", "columns": [{"name": "id", "type": "integer"}]}}]}', 'gr');
CALL migrate_wait(schema_name => 'gr');
SELECT * FROM helper.rights_on('gr_02');
SET ROLE regress_gr_app;
INSERT INTO gr_01.t (name) VALUES ('three');
INSERT INTO gr_02.t (title) VALUES ('four');
UPDATE gr_02.t SET title = 'ONE' WHERE id = 1;
SELECT id, title FROM gr_02.t ORDER BY id;
SELECT count(*) FROM gr_02.w;
SELECT count(*) FROM gr_02.n;
SET ROLE regress_gr_owner;
SELECT migrate_complete('gr');
SET ROLE regress_gr_app;
INSERT INTO gr_02.t (title) VALUES ('five');
SELECT id, title FROM gr_02.t ORDER BY id;
RESET ROLE;

-- The sequence that was made for the new column is what the old one was.
SELECT grantee::regrole, privilege_type FROM pg_class c, aclexplode(c.relacl) WHERE c.oid = 'gr.t_id_seq'::regclass AND grantee <> relowner ORDER BY 1::text, 2;
SELECT obj_description('gr.t_id_seq'::regclass, 'pg_class');

-- What was granted while a migration was active stays too, and completion keeps what views that are made anew had.
SET ROLE regress_gr_owner;
SELECT migrate_start('03', '{"operations": [{"alter_column": {"table": "t", "column": "title", "type": "varchar(1000)", "up": "title", "down": "title"}}]}', 'gr');
CALL migrate_wait(schema_name => 'gr');
GRANT INSERT ON gr_03.w TO regress_gr_clerk;
SELECT migrate_complete('gr');
SELECT * FROM helper.rights_on('gr_03');

-- A superuser migrates the owner's tables: the owner can use the new version. Default privileges of others need their role.
RESET ROLE;
SELECT migrate_start('04', '{"operations": []}', 'gr');
SELECT migrate_complete('gr');
SET ROLE regress_gr_owner;
SELECT count(*) FROM gr_04.t;
INSERT INTO gr_04.w VALUES (1);
RESET ROLE;
SELECT * FROM helper.rights_on('gr_04');
SELECT migrate_start('05', '{"operations": []}', 'gr');
SELECT migrate_rollback(schema_name => 'gr');
SELECT * FROM helper.rights_on('gr_05');

SET client_min_messages = warning;
DROP SCHEMA gr, gr_04 CASCADE;
DROP FUNCTION helper.rights_on(name);
REVOKE USAGE ON SCHEMA helper FROM PUBLIC;
SELECT format('REVOKE ALL ON DATABASE %I FROM regress_gr_owner', current_database()) \gexec
DROP OWNED BY regress_gr_owner, regress_gr_app, regress_gr_clerk;
DROP ROLE regress_gr_owner, regress_gr_app, regress_gr_clerk;
