-- From an ERROR to a C++ exception and back: nothing of it is lost.
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id int CONSTRAINT orders_pk PRIMARY KEY, price int NOT NULL CONSTRAINT price_is_positive CHECK (price > 0));
CREATE TABLE shop.items (order_id int CONSTRAINT items_of_order REFERENCES shop.orders);
INSERT INTO shop.orders VALUES (1, 10);
CREATE DOMAIN shop.even AS int CONSTRAINT divisible CHECK (VALUE % 2 = 0);

-- Caught in a subtransaction.
SELECT catch_sql('INSERT INTO shop.orders VALUES (1, 20)');
SELECT catch_sql('INSERT INTO shop.orders VALUES (2, -1)');
SELECT catch_sql('INSERT INTO shop.items VALUES (99)');
SELECT catch_sql('INSERT INTO shop.orders VALUES (3, NULL)');
SELECT catch_sql('SELECT 3::shop.even');
SELECT catch_sql('SELECT no_such_function()');
SELECT catch_sql($$DO 'BEGIN RAISE SQLSTATE ''MG042'' USING MESSAGE = ''m'', DETAIL = ''d'', HINT = ''h'', COLUMN = ''c'', CONSTRAINT = ''n'', DATATYPE = ''t'', TABLE = ''r'', SCHEMA = ''s''; END'$$);
SELECT catch_sql('SELECT 1');
SELECT catch_sql('COMMIT');

-- Passed on: the same fields, and the context lines once.
SELECT diagnose('INSERT INTO shop.orders VALUES (1, 20)');
SELECT diagnose($$SELECT run_sql('INSERT INTO shop.orders VALUES (1, 20)')$$);
SELECT diagnose($$SELECT run_sql('INSERT INTO shop.orders VALUES (2, -1)')$$);
SELECT diagnose($$SELECT run_sql('INSERT INTO shop.items VALUES (99)')$$);
SELECT diagnose($$SELECT run_sql('SELECT no_such_function()')$$);
SELECT diagnose($$SELECT run_sql('SELECT run_sql(''SELECT run_sql(''''SELECT 1/0'''')'')')$$);

-- Kept over a rollback and raised later.
SELECT diagnose($$SELECT catch_and_throw_later('INSERT INTO shop.orders VALUES (1, 20)')$$);

-- At the top level too, where no PL/pgSQL is around.
\set VERBOSITY verbose
SELECT run_sql('SELECT throw_error(''MG001'', ''the message'', ''The detail.'', ''The hint.'')');
\set VERBOSITY default

SELECT tracked_constructed() > 0, tracked_alive();
SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'pgmigrate error';
DROP SCHEMA shop CASCADE;
