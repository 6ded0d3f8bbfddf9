-- C++ → SPI → PL/pgSQL → C++ …, failing at the bottom.
\pset format unaligned
\pset tuples_only on

-- Each of the levels above sees a PostgreSQL error, never the exception thrown below it: none crosses a C frame.
SELECT diagnose($$SELECT descend(2, 'own error')$$);
SELECT own_errors_seen(), server_errors_seen(), tracked_constructed(), tracked_alive();

SELECT diagnose($$SELECT descend(2, 'number')$$);
SELECT own_errors_seen(), server_errors_seen(), tracked_constructed(), tracked_alive();

SELECT diagnose($$SELECT descend(1, 'SELECT 1/0')$$);
SELECT own_errors_seen(), server_errors_seen(), tracked_constructed(), tracked_alive();

-- Deep, survived in the middle, and through until the stack is used up.
SELECT catch_sql($$SELECT descend(20, 'own error')$$) LIKE E'sqlstate: MG999\nmessage: thrown at the bottom%';
SELECT left(catch_sql($$SELECT descend(100000, 'own error')$$), 15);
SELECT tracked_alive();

-- In a statement that fails for several rows, in a trigger, and in a cursor.
CREATE TABLE nested (id int);
CREATE FUNCTION fail_in_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM descend(1, 'own error');
    RETURN NEW;
END
$$;
CREATE TRIGGER fail BEFORE INSERT ON nested FOR EACH ROW EXECUTE FUNCTION fail_in_trigger();
SELECT split_part(catch_sql('INSERT INTO nested SELECT generate_series(1, 3)'), E'\n', 2);
BEGIN;
DECLARE rows CURSOR FOR SELECT CASE WHEN id = 2 THEN run_sql('SELECT descend(1, ''own error'')') END FROM generate_series(1, 3) AS id;
FETCH 1 FROM rows;
SAVEPOINT before;
FETCH 1 FROM rows;
ROLLBACK TO before;
SELECT 'usable';
COMMIT;
SELECT count(*), tracked_alive() FROM nested;
DROP TABLE nested;
DROP FUNCTION fail_in_trigger();
