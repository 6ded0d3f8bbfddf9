-- 100,000 failures in one transaction leave no memory behind.
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION context_bytes() RETURNS bigint LANGUAGE sql AS 'SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts';
CREATE FUNCTION growth(kind text, times int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    contexts_before bigint;
    process_before bigint;
    failures bigint;
    contexts_grown bigint;
    process_grown bigint;
BEGIN
    FOR round IN 1 .. 2 LOOP  -- in the first, caches and free lists fill
        contexts_before := context_bytes();
        process_before := resident_bytes();
        failures := fail_many(kind, CASE round WHEN 1 THEN 2000 ELSE times END);
        process_grown := resident_bytes() - process_before;
        contexts_grown := context_bytes() - contexts_before;
    END LOOP;
    RETURN format('%s: %s failures, contexts %s, process %s', kind, failures,
        CASE WHEN contexts_grown < 64 * 1024 THEN 'flat' ELSE 'grown by ' || contexts_grown END,
        CASE WHEN process_grown < 1024 * 1024 THEN 'flat' ELSE 'grown by ' || process_grown END);
END
$$;

-- One byte lost per failure would be 100,000 bytes. Of the process, the kernel counts whole pages.
BEGIN;
SELECT growth('own error', 100000);
SELECT growth('call', 100000);
SELECT growth('sql', 100000);
SELECT growth('through C++ and PL/pgSQL', 100000);
SELECT count(*) FROM pg_backend_memory_contexts WHERE name IN ('pgmigrate error', 'pgmigrate scratch');
SELECT tracked_constructed() >= 400000, tracked_alive();
COMMIT;
DROP FUNCTION growth(text, int);
DROP FUNCTION context_bytes();
