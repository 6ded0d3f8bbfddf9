#!/usr/bin/env bash
# Measures pgmigrate on a private temporary cluster:
#
#   bash test/bench/run.sh [--rounds 3] [--scale 1.0] [--json FILE] [--markdown FILE] [--keep] [--setting NAME=VALUE]… [PART…]
#
# Parts: narrow wide wide_value aged busy horizon rows workers governor trigger latency locks (default: all of them).
# Prints one line per figure, `name value unit [range over the rounds]`, then one per threshold, `ok …` or `missed …`.
# Ends with 1 if a threshold is missed, with 2 if something could not be measured. --markdown puts the tables where
# doc/performance.md has a place for them. --setting is for the cluster's postgresql.conf.
#
# On a fresh Debian, run as root, it installs what is missing and does the rest as the user postgres. At full scale it
# needs about 40 GB in /tmp (or in the folder that $PGMIGRATE_BENCH_FOLDER names) and some hours.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
folder=
bench=
json=
markdown=
arguments=()

# What is written outside of the temporary folder is written here, by the caller's user; the rest is bench.py's.
read_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
            --json | --markdown)
                [ $# -ge 2 ] || { echo "$1 wants a file" >&2; return 2; }
                printf -v "${1#--}" '%s' "$(realpath "$2")"
                shift 2
                ;;
            -h | --help)
                sed -nE '2,/^set / s/^# ?//p' "$0"
                exit
                ;;
            *)
                arguments+=("$1")
                shift
                ;;
        esac
    done
}

install_packages() {
    local version
    bash "$root/test/install.sh"
    version=$(pg_config --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/')
    bash "$root/test/install.sh" "postgresql-$version-repack" || echo "# goes on without pg_repack" >&2
}

# The signal goes to bench.py, which stops its server and its clients.
clean_up() {
    if [ -n "$bench" ]; then
        kill -TERM "$bench" 2>/dev/null || true
        wait "$bench" 2>/dev/null || true
    fi
    [ -z "$folder" ] || [[ " ${arguments[*]} " == *" --keep "* ]] || rm -rf "$folder"
}

# setpriv becomes the command, so that its pid is ours to signal; runuser would kill it after two seconds.
start_bench() {
    local -a as_user=()
    if [ "$(id -u)" -eq 0 ]; then as_user=(setpriv --reuid=postgres --regid=postgres --init-groups); fi
    cd "$folder"
    "${as_user[@]}" env HOME="$folder" PYTHONDONTWRITEBYTECODE=1 python3 "$folder/bench/bench.py" --bindir "$1" \
        --folder "${PGMIGRATE_BENCH_FOLDER:-/tmp}" --json "$folder/results.json" "${arguments[@]}" &
    bench=$!
}

main() {
    local pg_config status=0
    read_arguments "$@"
    install_packages
    python3 -B "$root/test/bench/bench.py" --bindir none --check-arguments "${arguments[@]}"
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    folder=$(mktemp -d /tmp/pgmigrate-bench.XXXXXX)
    pg_config=$(bash "$root/test/lib/private_build.sh" "$folder")
    cp -r "$root/test/bench" "$folder/bench" # the user postgres may not be allowed to read the checkout
    if [ "$(id -u)" -eq 0 ]; then chown -R postgres "$folder"; fi
    start_bench "$("$pg_config" --bindir)"
    wait "$bench" || status=$?
    bench=
    if [ -e "$folder/results.json" ]; then
        [ -z "$json" ] || cp "$folder/results.json" "$json"
        [ -z "$markdown" ] || python3 "$folder/bench/report.py" "$folder/results.json" "$markdown"
    fi
    return "$status"
}

main "$@"
