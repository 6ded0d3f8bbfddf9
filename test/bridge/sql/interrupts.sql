-- Cancellation while C++ frames are on the stack.
\pset format unaligned
\pset tuples_only on
SET statement_timeout = '100ms';
SELECT wait_in_call();
\echo :SQLSTATE
SELECT run_sql('SELECT pg_sleep(60)');
\echo :SQLSTATE
SELECT run_sql('SELECT wait_in_call()');
RESET statement_timeout;
SELECT run_sql('SELECT pg_cancel_backend(pg_backend_pid())');
\echo :SQLSTATE
SELECT tracked_alive();
SELECT 'usable';

-- What held interrupts lets them go exactly once.
SELECT fail_under_lock('scope');
SELECT fail_under_lock('rollback');
SELECT fail_while_held();
SELECT raise_while_held();
SELECT held_now();
SELECT diagnose('SELECT raise_while_held()');
SELECT held_now();
-- A cancel still works: nothing is held.
SET statement_timeout = '100ms';
SELECT pg_sleep(60);
RESET statement_timeout;

-- An error while an error is being reported.
SELECT fail_with_callback('says where');
SELECT fail_with_callback('raises once');
SELECT fail_with_callback('raises always');
SELECT fail_with_callback('throws');
SELECT fail_with_callback('fails in a call');
SELECT tracked_alive();
SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'pgmigrate error';
