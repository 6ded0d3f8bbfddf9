-- "My views break when a column changes its type" (#625): views on a replaced column, and views on those, are made anew at
-- completion with everything that belongs to them; until then they show the old column.
CREATE ROLE regress_dv_owner;
CREATE ROLE regress_dv_reader;
CREATE SCHEMA dv;
CREATE SCHEMA reports_dv;
CREATE TABLE dv.users (id integer PRIMARY KEY, name varchar(20) NOT NULL, born text, "Größe" integer);
CREATE TABLE dv.orders (id integer PRIMARY KEY, user_id integer, total integer);
INSERT INTO dv.users SELECT g, 'user ' || g, (1990 + g)::text, 170 + g FROM generate_series(1, 3) g;
INSERT INTO dv.orders SELECT g, g % 3 + 1, g * 10 FROM generate_series(1, 6) g;
CREATE VIEW dv.names (nr, called) WITH (security_barrier, check_option = local) AS SELECT id, name FROM dv.users WHERE name <> 'user; 0';
COMMENT ON VIEW dv.names IS 'it''s a "view"';
COMMENT ON COLUMN dv.names.called IS 'by friends';
ALTER VIEW dv.names ALTER COLUMN called SET DEFAULT 'nobody';
CREATE VIEW reports_dv.totals WITH (security_invoker = true) AS
  SELECT n.called, sum(o.total) AS total, max(u."Größe") FILTER (WHERE o.total > 0) AS "höchste" FROM dv.names n
    JOIN dv.orders o ON o.user_id = n.nr JOIN dv.users u USING (id) GROUP BY n.called;
CREATE VIEW reports_dv.best AS SELECT t.called, t.total FROM reports_dv.totals t WHERE t.total = (SELECT max(x.total) FROM reports_dv.totals x);
CREATE VIEW dv.untouched AS SELECT id, born FROM dv.users;
GRANT SELECT, UPDATE (called) ON dv.names TO regress_dv_reader WITH GRANT OPTION;
GRANT SELECT ON reports_dv.best TO PUBLIC;
GRANT USAGE, CREATE ON SCHEMA dv, reports_dv TO regress_dv_owner;
GRANT SELECT ON reports_dv.totals TO regress_dv_owner;
GRANT USAGE ON SCHEMA dv TO regress_dv_reader;
ALTER VIEW reports_dv.best OWNER TO regress_dv_owner;
-- What a new view would get from default privileges the old one does not have.
ALTER DEFAULT PRIVILEGES IN SCHEMA dv GRANT DELETE ON TABLES TO regress_dv_reader;
-- Everything about the views, to be compared.
CREATE FUNCTION pg_temp.views() RETURNS TABLE (line text) LANGUAGE sql AS $$
SELECT format('%s: %s owner %s %s %s -- %s', v.oid::regclass, pg_get_viewdef(v.oid), pg_get_userbyid(v.relowner), v.relacl, v.reloptions, obj_description(v.oid, 'pg_class'))
  FROM pg_class v WHERE v.relnamespace IN ('dv'::regnamespace, 'reports_dv'::regnamespace) AND v.relkind = 'v'
UNION ALL
SELECT format('%s.%s: %s %s default %s -- %s', v.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attacl, pg_get_expr(d.adbin, d.adrelid), col_description(v.oid, a.attnum))
  FROM pg_class v JOIN pg_attribute a ON a.attrelid = v.oid LEFT JOIN pg_attrdef d ON d.adrelid = v.oid AND d.adnum = a.attnum
 WHERE v.relnamespace IN ('dv'::regnamespace, 'reports_dv'::regnamespace) AND v.relkind = 'v'
ORDER BY 1
$$;
CREATE TEMPORARY TABLE before AS SELECT line FROM pg_temp.views();
SELECT migrate_start('00_init', '{"operations": []}', 'dv');
SELECT migrate_complete('dv');
SELECT helper.remember('dv');

\set change '{"operations": [{"alter_column": {"table": "users", "column": "name", "type": "varchar(30)", "nullable": true, "up": "upper(name)", "down": "coalesce(name, ''none'')"}}, {"rename_column": {"table": "users", "from": "name", "to": "full_name"}}, {"alter_column": {"table": "orders", "column": "total", "type": "numeric", "up": "total / 100.0", "down": "total * 100"}}, {"rename_column": {"table": "orders", "from": "user_id", "to": "customer"}}, {"rename_table": {"from": "orders", "to": "purchases"}}]}'
SELECT table_name, statement FROM migrate_plan('01_names', :'change', 'dv') WHERE phase = 'contract' ORDER BY step;
SELECT migrate_start('01_names', :'change', 'dv');
SELECT count(*) AS changed FROM (SELECT * FROM pg_temp.views() EXCEPT SELECT * FROM before) x;
CALL migrate_wait(schema_name => 'dv');
SELECT * FROM dv.names ORDER BY 1;
UPDATE dv_01_names.users SET full_name = 'by the new version' WHERE id = 2;
UPDATE dv.names SET called = 'by a view' WHERE nr = 3;
SELECT u.full_name, n.called FROM dv_01_names.users u JOIN dv.names n ON n.nr = u.id ORDER BY n.nr;
SELECT migrate_rollback(schema_name => 'dv');
SELECT * FROM pg_temp.views() EXCEPT SELECT * FROM before;
SELECT helper.changes('dv');

SELECT migrate_start('01_names', :'change', 'dv');
CALL migrate_wait(schema_name => 'dv');
-- Changes made meanwhile are not lost.
CREATE OR REPLACE VIEW reports_dv.best AS SELECT t.called, t.total, true AS new FROM reports_dv.totals t WHERE t.total >= 90;
GRANT SELECT ON reports_dv.totals TO regress_dv_reader;
CREATE VIEW dv.later AS SELECT called FROM dv.names;
SELECT migrate_complete('dv');
SELECT '+' AS side, line FROM (SELECT * FROM pg_temp.views() EXCEPT SELECT * FROM before) x
UNION ALL SELECT '-', line FROM (SELECT * FROM before EXCEPT SELECT * FROM pg_temp.views()) x ORDER BY 2, 1;
SELECT helper.changes('dv');
SELECT * FROM dv.names ORDER BY 1;
SELECT * FROM reports_dv.totals ORDER BY 1;
SET ROLE regress_dv_reader;
SELECT count(*) FROM dv.names;
RESET ROLE;

-- A type that changes in the catalog alone needs no fill for the views' sake.
SELECT phase, statement FROM migrate_plan('02_longer', '{"operations": [{"alter_column": {"table": "users", "column": "full_name", "type": "text", "up": "full_name", "down": "full_name"}}]}', 'dv') WHERE phase IN ('fill', 'contract') AND statement ~ 'fill|VIEW dv.names|TYPE' ORDER BY step;
SELECT migrate_start('02_longer', '{"operations": [{"alter_column": {"table": "users", "column": "full_name", "type": "text", "up": "full_name", "down": "full_name"}}]}', 'dv');
SELECT migrate_complete('dv');
SELECT attrelid::regclass AS view, attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid IN ('dv.names'::regclass, 'dv.later'::regclass, 'reports_dv.best'::regclass) AND attname = 'called' ORDER BY 1;

-- What is made while the migration is active is carried over as well.
SELECT migrate_start('03_born', '{"operations": [{"alter_column": {"table": "users", "column": "born", "type": "date", "up": "(born || ''-01-01'')::date", "down": "extract(year FROM born)::text"}}, {"rename_column": {"table": "users", "from": "born", "to": "birthday"}}]}', 'dv');
CALL migrate_wait(schema_name => 'dv');
CREATE VIEW dv.new AS SELECT max(born) AS youngest FROM dv.users;
CREATE STATISTICS dv.new_stats ON born, "Größe" FROM dv.users;
SELECT migrate_complete('dv');
SELECT * FROM dv.new;
SELECT pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxname = 'new_stats';
SELECT * FROM dv.untouched ORDER BY 1;

-- "Definition no longer fits the type": found at start, by making the views once.
CREATE VIEW dv.tall AS SELECT "Größe" + 1 AS taller FROM dv.users;
\set VERBOSITY default
SELECT migrate_start('04', '{"operations": [{"alter_column": {"table": "users", "column": "Größe", "type": "text", "up": "\"Größe\"::text", "down": "\"Größe\"::integer"}}]}', 'dv');
\set VERBOSITY terse
SELECT state FROM migrate_status('dv');
SELECT count(*) FROM dv.tall;

-- "A view that groups by the primary key cannot exist without it"
CREATE VIEW dv.grouped AS SELECT u.id, u.birthday, count(*) FROM dv.users u JOIN dv.purchases p ON p.customer = u.id GROUP BY u.id;
CREATE VIEW dv.on_grouped AS SELECT * FROM dv.grouped WHERE id > 1;
SELECT migrate_start('04', '{"operations": [{"alter_column": {"table": "users", "column": "id", "type": "bigint", "up": "id", "down": "id"}}]}', 'dv');
CALL migrate_wait(schema_name => 'dv');
SELECT migrate_complete('dv');
SELECT * FROM dv.on_grouped ORDER BY 1;
SET client_min_messages = warning;
DROP SCHEMA dv, dv_04, reports_dv CASCADE;
DROP OWNED BY regress_dv_owner, regress_dv_reader;
DROP ROLE regress_dv_owner, regress_dv_reader;
