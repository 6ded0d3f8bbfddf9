\echo Use "CREATE EXTENSION pgmigrate_bridge_test" to load this file. \quit

CREATE FUNCTION throw_error(sqlstate text, message text, detail text DEFAULT NULL, hint text DEFAULT NULL) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_throw_error';
CREATE FUNCTION throw_foreign(what text) RETURNS void LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_throw_foreign';
CREATE FUNCTION read_missing_argument(present text) RETURNS boolean
    LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_read_missing_argument';
CREATE FUNCTION quote_identifier(name text) RETURNS text LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_quote_identifier';
CREATE FUNCTION tracked_constructed() RETURNS bigint LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_tracked_constructed';
CREATE FUNCTION tracked_alive() RETURNS bigint LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_tracked_alive';

CREATE FUNCTION run_sql(sql text) RETURNS bigint LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_run_sql';
CREATE FUNCTION catch_sql(sql text) RETURNS text LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_catch_sql';
CREATE FUNCTION catch_and_throw_later(sql text) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_catch_and_throw_later';
CREATE FUNCTION commit_outer_lose_inner(good text, bad text) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_commit_outer_lose_inner';
CREATE FUNCTION descend(level int, leaf text) RETURNS void LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_descend';
CREATE FUNCTION server_errors_seen() RETURNS bigint LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_server_errors_seen';
CREATE FUNCTION own_errors_seen() RETURNS bigint LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_own_errors_seen';
CREATE FUNCTION state_after(sql text, as_user text, search_path text, subtransaction text) RETURNS text
    LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_state_after';
CREATE FUNCTION who_am_i(as_user text, restricted boolean, sql text) RETURNS text
    LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_who_am_i';

CREATE FUNCTION wait_in_call() RETURNS void LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_wait_in_call';
CREATE FUNCTION fail_under_lock(how text) RETURNS text LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_fail_under_lock';
CREATE FUNCTION fail_while_held() RETURNS text LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_fail_while_held';
CREATE FUNCTION raise_while_held() RETURNS void LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_raise_while_held';
CREATE FUNCTION held_now() RETURNS text LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_held_now';
CREATE FUNCTION fail_with_callback(kind text) RETURNS text
    LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_fail_with_callback';

CREATE FUNCTION fail_many(kind text, times int) RETURNS bigint LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_fail_many';
CREATE FUNCTION resident_bytes() RETURNS bigint LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_resident_bytes';

CREATE FUNCTION run_worker(ending text) RETURNS boolean LANGUAGE c AS 'MODULE_PATHNAME', 'bridge_run_worker';

-- The SQL side of descend().
CREATE FUNCTION descend_in_sql(level int, leaf text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM descend(level, leaf);
END
$$;

-- Runs a statement and shows every field of the error it ends with.
CREATE FUNCTION diagnose(sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    code text; message text; detail text; hint text; context text;
    schema_name text; table_name text; column_name text; datatype_name text; constraint_name text;
BEGIN
    EXECUTE sql;
    RETURN 'no error';
EXCEPTION WHEN OTHERS OR QUERY_CANCELED OR ASSERT_FAILURE THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT, schema_name = SCHEMA_NAME, table_name = TABLE_NAME,
        column_name = COLUMN_NAME, datatype_name = PG_DATATYPE_NAME, constraint_name = CONSTRAINT_NAME;
    RETURN concat_ws(E'\n', code || ' ' || message, 'detail: ' || nullif(detail, ''), 'hint: ' || nullif(hint, ''),
        'schema: ' || nullif(schema_name, ''), 'table: ' || nullif(table_name, ''),
        'column: ' || nullif(column_name, ''), 'datatype: ' || nullif(datatype_name, ''),
        'constraint: ' || nullif(constraint_name, ''), 'context: ' || nullif(context, ''));
END
$$;
