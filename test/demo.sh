#!/usr/bin/env bash
# The main job, shown on a private temporary cluster with real traffic: a column changes its type while pgbench writes to
# the table, both versions are used side by side, the migration is completed; a second one is started and rolled back.
# Ends with figures that are computed from what happened, and fails if an application statement failed or a row is wrong.
#
#   bash test/demo.sh            (environment: SCALE=20, pgbench's scale; CLIENTS=4)
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
SCALE=${SCALE:-20}
CLIENTS=${CLIENTS:-4}
FAILED=0

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# The server refuses to run as root.
as_server_user() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

# Into a private copy of the PostgreSQL installation: the system's stays as it is.
install_and_build() {
    bash test/install.sh
    WORK=$(mktemp -d /tmp/pgmigrate-demo.XXXXXX)
    PG_CONFIG=$(bash test/lib/private_build.sh "$WORK")
    BIN=$("$PG_CONFIG" --bindir)
    if [ "$(id -u)" = 0 ]; then chown -R postgres "$WORK"; fi
}

start_cluster() {
    as_server_user "$BIN/initdb" -D "$WORK/data" -A trust -U postgres --no-sync >/dev/null
    cat >>"$WORK/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$WORK'
shared_preload_libraries = 'pgmigrate'
shared_buffers = '512MB'
max_wal_size = '4GB'
log_line_prefix = '%a|'
CONF
    as_server_user "$BIN/pg_ctl" -D "$WORK/data" -l "$WORK/server.log" -w start >/dev/null
    export PGHOST=$WORK PGUSER=postgres PGDATABASE=postgres
}

clean_up() {
    set +e
    [ -n "${TRAFFIC:-}" ] && stop_traffic
    [ -d "${WORK:-/nonexistent}/data" ] && as_server_user "$BIN/pg_ctl" -D "$WORK/data" -m immediate -w stop >/dev/null 2>&1
    [ -n "${WORK:-}" ] && rm -rf "$WORK"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

sql() { "$BIN/psql" -XqAt -v ON_ERROR_STOP=1 -c "$1"; }
show() { printf '=> %s\n' "$1"; "$BIN/psql" -Xq -v ON_ERROR_STOP=1 -c "$1"; }
now() { date +%s.%N; }

start_traffic() {
    mkdir "$WORK/latency"
    chmod 777 "$WORK/latency"
    (cd "$WORK/latency" && PGAPPNAME=application exec "$BIN/pgbench" -n -c "$CLIENTS" -j 2 -T 3600 --log) \
        >"$WORK/traffic.out" 2>"$WORK/traffic.err" &
    TRAFFIC=$!
}

# pgbench finishes what it is doing and reports nothing when it is killed; its per-transaction log and the server's log tell.
stop_traffic() {
    kill "$TRAFFIC" 2>/dev/null || true
    wait "$TRAFFIC" 2>/dev/null || true
    TRAFFIC=
}

# Draws the bar until the migration of schema public is ready; on a terminal in place, otherwise a line each time it moves.
watch_progress() {
    local line last=
    while :; do
        line=$(sql "SELECT state, percent, coalesce(pg_size_pretty(bytes_per_second) || '/s', ''), coalesce(eta::text, ''),
                           repeat('#', (percent * 0.4)::int) || repeat('.', 40 - (percent * 0.4)::int)
                      FROM migrate_status('public')")
        IFS='|' read -r state percent rate eta bar <<<"$line"
        if [ -t 1 ]; then
            printf '\r[%s] %5s %%  %-11s %12s  %-10s' "$bar" "$percent" "$state" "$rate" "$eta"
        elif [ "$bar$state" != "$last" ]; then
            printf '[%s] %5s %%  %-11s %12s  %s\n' "$bar" "$percent" "$state" "$rate" "$eta"
        fi
        last=$bar$state
        case $state in
            ready)
                if [ -t 1 ]; then echo; fi
                return 0
                ;;
            failed | paused) echo; show "SELECT state, error, hint FROM migrate_status('public')"; exit 1 ;;
        esac
        "$BIN/psql" -Xqc "SET client_min_messages = error; CALL migrate_wait(timeout => '500 ms')" >/dev/null 2>&1 || true
    done
}

# p50 and p99 in milliseconds of the transactions that ended between two times; pgbench logs client, number, µs, script, s, µs.
latency_between() {
    cat "$WORK"/latency/pgbench_log.* | awk -v from="$1" -v to="$2" '{ t = $5 + $6 / 1e6; if (t >= from && t < to) print $3 / 1000 }' |
        sort -n | awk '{ v[NR] = $1 } END { if (NR == 0) { print "no transactions"; exit }
            printf "p50 %.1f ms, p99 %.1f ms (%d transactions)", v[int((NR - 1) * 0.50) + 1], v[int((NR - 1) * 0.99) + 1], NR }'
}

# Statements of the application that ended in an error, counted in the server's log; not that we stopped it in the end.
failed_statements() {
    grep '^application|\(ERROR\|FATAL\|PANIC\)' "$WORK/server.log" | grep -vc 'FATAL:  connection to client lost' || true
}

check_zero() {
    printf '  %-44s %s\n' "$1" "$2"
    [ "$2" = 0 ] || FAILED=1
}

say "Installing what is missing and building"
install_and_build
say "Starting a private cluster and loading pgbench at scale $SCALE"
start_cluster
"$BIN/pgbench" -i -q -s "$SCALE" >/dev/null 2>&1
sql "CREATE EXTENSION pgmigrate"
sql "SELECT migrate_start('01_init', '{\"operations\": []}')" >/dev/null
sql "SELECT migrate_complete()" >/dev/null

say "Starting the application: pgbench with $CLIENTS clients"
BEFORE=$(now)
start_traffic
while [ "$(sql 'SELECT count(*) FROM pgbench_history')" -lt 2000 ]; do sleep 0.2; done

say "First migration: pgbench_accounts.abalance from integer to bigint"
MIGRATION='{"operations": [{"alter_column": {"table": "pgbench_accounts", "column": "abalance", "type": "bigint",
  "up": "abalance::bigint", "down": "abalance::integer"}}]}'
STARTED=$(now)
show "SELECT migrate_start('02_bigint', '$MIGRATION')"
watch_progress
READY=$(now)

say "Both versions side by side: one row, then a write through each"
show "SELECT aid, abalance, pg_typeof(abalance) FROM public_01_init.pgbench_accounts WHERE aid = 1"
show "SELECT aid, abalance, pg_typeof(abalance) FROM public_02_bigint.pgbench_accounts WHERE aid = 1"
for version in public_01_init public_02_bigint; do
    show "WITH change AS (UPDATE $version.pgbench_accounts SET abalance = abalance + 100 WHERE aid = 1 RETURNING aid)
       INSERT INTO $version.pgbench_history (tid, bid, aid, delta, mtime) SELECT 1, 1, aid, 100, now() FROM change"
done
show "SELECT o.abalance AS old_version, n.abalance AS new_version
     FROM public_01_init.pgbench_accounts o JOIN public_02_bigint.pgbench_accounts n USING (aid) WHERE aid = 1"
DIFFERENT=$(sql "SELECT count(*) FROM public_01_init.pgbench_accounts o FULL JOIN public_02_bigint.pgbench_accounts n USING (aid)
                  WHERE o.abalance::bigint IS DISTINCT FROM n.abalance")

show "SELECT migrate_complete()"
COMPLETED=$(now)

say "Second migration: a new NOT NULL column, rolled back"
as_server_user "$BIN/pg_dump" -s -h "$WORK" -U postgres postgres | grep -v '^\\\(un\)\?restrict' >"$WORK/before.sql"
MIGRATION='{"operations": [{"add_column": {"table": "pgbench_accounts", "up": "concat(aid, $$ of $$, bid)",
  "column": {"name": "label", "type": "text"}}}]}'
show "SELECT migrate_start('03_label', '$MIGRATION')"
until [ "$(sql "SELECT percent > 10 FROM migrate_status('public')")" = t ]; do sleep 0.1; done
show "SELECT state, percent, rows_done FROM migrate_status('public')"
show "SELECT migrate_rollback()"
as_server_user "$BIN/pg_dump" -s -h "$WORK" -U postgres postgres | grep -v '^\\\(un\)\?restrict' >"$WORK/after.sql"
DIFFERENCES=$(diff "$WORK/before.sql" "$WORK/after.sql" | grep -c '^[<>]' || true)
ENDED=$(now)
stop_traffic

say "Figures"
printf '  %-44s %s\n' "rows in the table" "$(sql 'SELECT count(*) FROM pgbench_accounts')"
printf '  %-44s %s\n' "seconds from start to ready" "$(awk -v a="$STARTED" -v b="$READY" 'BEGIN { printf "%.1f", b - a }')"
printf '  %-44s %s\n' "application transactions" "$(sql 'SELECT count(*) - 2 FROM pgbench_history')"
printf '  %-44s %s\n' "application latency before" "$(latency_between "$BEFORE" "$STARTED")"
printf '  %-44s %s\n' "application latency from start to complete" "$(latency_between "$STARTED" "$COMPLETED")"
printf '  %-44s %s\n' "application latency, second migration" "$(latency_between "$COMPLETED" "$ENDED")"
check_zero "application statements that failed" "$(failed_statements)"
check_zero "rows that differ between the versions" "$DIFFERENT"
check_zero "accounts that differ from their history" "$(sql "SELECT count(*) FROM pgbench_accounts a
    LEFT JOIN (SELECT aid, sum(delta) AS total FROM pgbench_history GROUP BY aid) h USING (aid)
    WHERE a.abalance <> coalesce(h.total, 0)")"
check_zero "lines of pg_dump -s changed by the rollback" "$DIFFERENCES"
exit "$FAILED"
