-- From a C++ exception to an ERROR: every field arrives.
\pset format unaligned
\pset tuples_only on
SELECT diagnose($$SELECT throw_error('MG001', 'the message', 'The detail.', 'The hint.')$$);
SELECT diagnose($$SELECT throw_error('22023', 'only a message with 100% of "odd" characters: ä %s %n')$$);
\set VERBOSITY verbose
SELECT throw_error('55P03', 'the message', 'The detail.', 'The hint.');
\echo :SQLSTATE
\set VERBOSITY default

-- What is no exception of pgmigrate's keeps the words it has.
SELECT diagnose($$SELECT throw_foreign('bad_alloc')$$);
SELECT diagnose($$SELECT throw_foreign('exception')$$);
SELECT diagnose($$SELECT throw_foreign('number')$$);
SELECT diagnose($$SELECT throw_foreign('nothing')$$);

-- Arguments: NULL is a value or an error; one that is not declared is NULL.
SELECT diagnose($$SELECT throw_error(NULL, 'the message')$$);
SELECT read_missing_argument('here');

SELECT tracked_constructed() > 0, tracked_alive();
