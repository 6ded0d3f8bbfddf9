-- Every operation on tables without rows (xataio/pgroll#636 asked that nothing be filled there): what is written first comes from either version.
CREATE SCHEMA em;
CREATE TABLE em.ref (id integer PRIMARY KEY);
CREATE TABLE em.t (
    id serial PRIMARY KEY,
    a text,
    b integer NOT NULL DEFAULT 1 CONSTRAINT b_check CHECK (b > 0),
    c text NOT NULL,
    d integer CONSTRAINT d_key UNIQUE,
    e integer,
    f integer CONSTRAINT f_ref REFERENCES em.ref
);
CREATE INDEX t_a ON em.t (a);
CREATE TABLE em.gone (a integer);
SELECT migrate_start('00_init', '{"operations": []}', 'em');
SELECT migrate_complete('em');
SELECT helper.remember('em');
\set all '{"operations": [{"add_column": {"table": "t", "up": "length(c)", "column": {"name": "size", "type": "integer"}}}, {"add_column": {"table": "t", "column": {"name": "flag", "type": "boolean", "default": "true", "unique": false}}}, {"add_column": {"table": "t", "column": {"name": "number", "type": "bigserial", "unique": true}}}, {"alter_column": {"table": "t", "column": "a", "type": "integer", "nullable": false, "unique": {"name": "a_key"}, "up": "coalesce(a::integer, id)", "down": "a::text"}}, {"alter_column": {"table": "t", "column": "b", "nullable": true, "default": "2", "comment": "b", "down": "coalesce(b, 3)"}}, {"alter_column": {"table": "t", "column": "e", "check": {"name": "e_check", "constraint": "e < 10"}, "references": {"name": "e_ref", "table": "ref", "column": "id"}, "up": "nullif(e, 99)", "down": "e"}}, {"drop_column": {"table": "t", "column": "c", "down": "''from '' || size"}}, {"drop_constraint": {"table": "t", "name": "d_key", "down": "id"}}, {"drop_multicolumn_constraint": {"table": "t", "name": "f_ref", "down": {"f": "NULL"}}}, {"create_constraint": {"table": "t", "name": "d_f", "type": "unique", "columns": ["d", "f"], "up": {"d": "d", "f": "f"}, "down": {"d": "d", "f": "f"}}}, {"rename_constraint": {"table": "t", "from": "b_check", "to": "b_positive"}}, {"rename_column": {"table": "t", "from": "size", "to": "length"}}, {"drop_index": {"name": "t_a"}}, {"create_index": {"name": "t_e", "table": "t", "columns": ["e"], "predicate": "flag"}}, {"set_replica_identity": {"table": "t", "identity": {"type": "full"}}}, {"rename_table": {"from": "t", "to": "u"}}, {"drop_table": {"name": "gone"}}, {"create_table": {"name": "made", "columns": [{"name": "a", "type": "integer"}]}}, {"sql": {"up": "COMMENT ON TABLE em.ref IS $$by sql$$", "onComplete": true}}]}'

SELECT migrate_start('01_all', :'all', 'em');
CALL migrate_wait(schema_name => 'em');
SELECT rows_total, rows_done FROM migrate_status('em') WHERE name = '01_all';
INSERT INTO em_01_all.ref VALUES (1), (2);
INSERT INTO em_00_init.t (a, c, d, e, f) VALUES ('7', 'old', 1, 99, 1);
INSERT INTO em_01_all.u (a, length, d, e, f) VALUES (8, 5, 1, 1, 55);
SELECT helper.try($$INSERT INTO em_01_all.u (a, length) VALUES (8, 5)$$);
SELECT helper.try($$INSERT INTO em_01_all.u (a, length, e) VALUES (9, 5, 10)$$);
SELECT helper.try($$INSERT INTO em_01_all.u (a, length, e) VALUES (9, 5, 3)$$);
SELECT helper.try($$INSERT INTO em_01_all.u (a) VALUES (9)$$);
SELECT helper.try($$INSERT INTO em_01_all.u (length) VALUES (9)$$);
SELECT helper.try($$INSERT INTO em_00_init.t (a, c) VALUES ('x', 'old')$$);
SELECT helper.try($$INSERT INTO em_00_init.t (c, f) VALUES ('old', 55)$$);
SELECT helper.try($$INSERT INTO em_00_init.t (c, b) VALUES ('old', 0)$$);
SELECT a, b, c, d, e, f FROM em_00_init.t ORDER BY a;
SELECT a, b, d, e, f, length, flag, number FROM em_01_all.u ORDER BY a;
SELECT migrate_rollback(schema_name => 'em');
SELECT helper.changes('em');
DELETE FROM em.t;

SELECT migrate_start('01_all', :'all', 'em');
CALL migrate_wait(schema_name => 'em');
SELECT migrate_complete('em');
SELECT helper.changes('em');
INSERT INTO em.u (a, length, e) VALUES (1, 1, 2) RETURNING b, flag, number;
SELECT helper.try($$INSERT INTO em.u (length) VALUES (9)$$);
SET client_min_messages = warning;
DROP SCHEMA em, em_01_all CASCADE;
