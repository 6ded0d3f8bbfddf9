-- Subtransactions, users and settings end as they began.
\pset format unaligned
\pset tuples_only on
CREATE ROLE bridge_user;
CREATE TABLE kept (what text);
GRANT INSERT, SELECT ON kept TO bridge_user;

-- A failed subtransaction undoes its own work and leaves the transaction usable.
BEGIN;
SELECT commit_outer_lose_inner($$INSERT INTO kept VALUES ('row')$$, 'SELECT 1/0');
SELECT count(*) FROM kept;
SELECT left(catch_sql($$INSERT INTO kept VALUES ('lost'); SELECT 1/0$$), 15);
SELECT left(catch_sql($$INSERT INTO kept SELECT throw_error('MG001', 'm')::text$$), 15);
INSERT INTO kept VALUES ('after');
COMMIT;
SELECT what, count(*) FROM kept GROUP BY what ORDER BY what;

CREATE FUNCTION fail_in_handler() RETURNS void LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    PERFORM 1 / 0;
EXCEPTION WHEN division_by_zero THEN
    PERFORM throw_error('MG001', 'the second error');
END
$$;

-- Whatever fails, and in whichever order the scopes were opened.
SELECT number, subtransaction, state_after(sql, 'bridge_user', 'pg_catalog', subtransaction)
  FROM (VALUES (1, 'SELECT 1'), (2, 'SELECT 1/0'), (3, 'SELECT no_such_function()'),
               (4, 'SELECT public.throw_error(''MG001'', ''m'')'), (5, 'SET LOCAL search_path = nowhere; SELECT 1/0'),
               (6, 'SELECT set_config(''search_path'', ''nowhere'', true); SELECT 1/0'),
               (7, 'SELECT public.descend(3, ''own error'')'), (8, 'SELECT public.fail_in_handler()')) AS statements (number, sql),
       (VALUES ('outside'), ('inside')) AS places (subtransaction)
 ORDER BY number, subtransaction;
SELECT current_user = session_user, current_setting('search_path');

-- Inside, we are the user; restricted, the user cannot change what comes later.
SELECT who_am_i('bridge_user', false, 'SELECT current_user');
SELECT who_am_i('bridge_user', false, $$SELECT current_setting('search_path')$$);
SELECT diagnose($$SELECT who_am_i('bridge_user', true, 'SET ROLE none')$$);
SELECT diagnose($$SELECT who_am_i('bridge_user', true, 'CREATE TEMP TABLE left_behind (id int)')$$);
SELECT diagnose($$SELECT who_am_i('bridge_user', false, 'SELECT count(*) FROM pg_authid')$$);
SELECT current_user = session_user, current_setting('search_path'), tracked_alive();

DROP TABLE kept;
DROP FUNCTION fail_in_handler();
DROP ROLE bridge_user;
