#!/usr/bin/env bash
# Builds and runs the named suites in a copy of the tree: run_suites.sh FOLDER unit|regress|bridge|binder|isolation|tap …
# FOLDER/tree is the copy, everything else in FOLDER is ours. Called by test/check.sh, as an unprivileged user.
set -euo pipefail

folder=$1
shift
suites=("$@")
tree=$folder/tree
logs=$folder/logs
results=$folder/results # one file per suite: passed failed

wants() {
    [[ " ${suites[*]} " == *" $1 "* ]]
}

# Two counts out of what a runner printed at its end.
count_ctest() { # which says of skipped tests that they passed
    local skipped
    skipped=$(grep -cE 'Test +#.*\*\*\*(Skipped|Not Run)' "$1" || true)
    sed -nE 's/.*tests passed, ([0-9]+) tests? failed out of ([0-9]+).*/\1 \2/p' "$1" | tail -n 1 |
        awk -v skipped="$skipped" '{ print $2 - $1 - skipped, $1 }'
}

count_pg_regress() {
    sed -nE 's/.*All ([0-9]+) tests passed.*/0 \1/p; s/.*[^0-9]([0-9]+) of ([0-9]+) tests failed.*/\1 \2/p' "$1" |
        tail -n 1 | awk '{ print $2 - $1, $1 }'
}

count_prove() {
    awk '/^ok / { passed++ } /^not ok / { failed++ } END { print passed + 0, failed + 0 }' "$1"
}

# Runs a suite's commands with their output in its log, shows the log when done, and keeps the counts. A runner that
# ends badly without a failed test (it crashed, or did not build) counts as one failure.
run_suite() {
    local suite=$1 counter=$2 log=$logs/$1.log status=0 passed=0 failed=0
    shift 2
    "$@" >"$log" 2>&1 || status=$?
    read -r passed failed < <("$counter" "$log"; echo 0 0)
    [ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
    echo "$passed $failed" >"$results/$suite"
    {
        flock 9 # one suite's lines after the other's
        printf '\n=== %s\n' "$suite"
        cat "$log"
        [ "$failed" -eq 0 ] || "show_failure_of_$suite" | head -n 400 || true
    } 9>"$folder/output.lock"
}

# Prints nothing but errors: what builds is not news.
quietly() {
    local log
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1; then
        echo "failed: $*"
        grep -vE '^(g\+\+|gcc|/usr/bin/)' "$log" | tail -n 100
        return 1
    fi
}

show_files() {
    local file
    for file in "$@"; do
        [ ! -s "$file" ] || { printf -- '--- %s\n' "${file#"$tree/"}"; cat "$file"; }
    done
}

show_ends() {
    local file
    for file in "$@"; do
        [ ! -s "$file" ] || { printf -- '--- the end of %s\n' "${file#"$tree/"}"; tail -n 40 "$file"; }
    done
}

make_extension() {
    make --no-print-directory -C "$tree" PG_CONFIG="$PG_CONFIG" "$@"
}

# A test extension of its own: test/bridge, test/binder.
make_module() {
    local module=$1
    shift
    make --no-print-directory -C "$tree/test/$module" PG_CONFIG="$PG_CONFIG" "$@"
}

run_unit() {
    quietly cmake -S "$tree" -B "$folder/build" -DCMAKE_COMPILE_WARNING_AS_ERROR=ON &&
        quietly cmake --build "$folder/build" -j 2 &&
        ctest --test-dir "$folder/build" --output-on-failure -j 2 | sed -E '/^ *Start /d; /\.\.\. +Passed /d'
}
show_failure_of_unit() { :; } # ctest has shown it

build_extension() {
    quietly make_extension -j2 WERROR=-Werror all && quietly make_extension install
}

# The suites of the extension: make's installcheck, with the lists of the others emptied.
run_regress() {
    cat "$folder/extension.build"
    [ -e "$folder/extension.built" ] || return 1
    compgen -G "$tree/sql/*.sql" >/dev/null || { echo "no tests in sql/"; return 0; }
    make_extension -s installcheck ISOLATION= TAP_TESTS=
}
show_failure_of_regress() {
    show_files "$tree/regression.diffs"
    show_ends "$tree/log/postmaster.log"
}

run_isolation() {
    [ -e "$folder/extension.built" ] || { echo "the extension did not build"; return 1; }
    compgen -G "$tree/test/isolation/specs/*.spec" >/dev/null || { echo "no tests in test/isolation/specs/"; return 0; }
    make_extension -s installcheck REGRESS= TAP_TESTS=
}
show_failure_of_isolation() {
    show_files "$tree/output_iso/regression.diffs"
    show_ends "$tree/output_iso/log/postmaster.log"
}

run_tap() {
    [ -e "$folder/extension.built" ] || { echo "the extension did not build"; return 1; }
    compgen -G "$tree/test/tap/*.pl" >/dev/null || { echo "no tests in test/tap/"; return 0; }
    make_extension -s installcheck REGRESS= ISOLATION= PROVE_FLAGS=-v
}
# Only of the files that prove names in its summary: the output is cut after some hundred lines.
show_failure_of_tap() {
    local name
    for name in $(sed -nE 's#^test/tap/([^ ]+)\.pl +\(Wstat:.*#\1#p' "$logs/tap.log"); do
        show_ends "$tree/tmp_check/log/regress_log_$name" "$tree/tmp_check/log/$name"_*.log
    done
}

run_module() {
    quietly make_module "$1" -j2 WERROR=-Werror all && quietly make_module "$1" install && make_module "$1" -s installcheck
}
show_failure_of_module() {
    show_files "$tree/test/$1/regression.diffs"
    show_ends "$tree/test/$1/log/postmaster.log"
}
show_failure_of_bridge() { show_failure_of_module bridge; }
show_failure_of_binder() { show_failure_of_module binder; }

# PGHOST, PGOPTIONS and the like of the caller's session must not reach a test.
forget_client_settings() {
    local name
    for name in "${!PG@}"; do
        case $name in
            PG_CONFIG | PGMIGRATE_*) ;;
            *) unset "$name" ;;
        esac
    done
}

# Two lanes, for two cores: what needs the extension, and what does not.
run_extension_lane() {
    wants regress || wants isolation || wants tap || return 0
    if build_extension >"$folder/extension.build" 2>&1; then touch "$folder/extension.built"; fi
    if wants regress; then run_suite regress count_pg_regress run_regress; fi
    if wants isolation; then run_suite isolation count_pg_regress run_isolation; fi
    if wants tap; then run_suite tap count_prove run_tap; fi
}

run_other_lane() {
    if wants unit; then run_suite unit count_ctest run_unit; fi
    if wants bridge; then run_suite bridge count_pg_regress run_module bridge; fi
    if wants binder; then run_suite binder count_pg_regress run_module binder; fi
}

# One line per suite; false if one failed or ran nothing.
summarize() {
    local suite passed failed status=0
    echo
    for suite in "${suites[@]}"; do
        read -r passed failed < <(cat "$results/$suite" 2>/dev/null || echo 0 1)
        echo "$suite: $passed passed, $failed failed"
        [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] || status=1
    done
    return "$status"
}

main() {
    mkdir -p "$logs" "$results" "$folder/tmp"
    export TMPDIR=$folder/tmp # of the servers' sockets too, whose paths must stay short
    export LC_ALL=C.UTF-8
    forget_client_settings
    PG_CONFIG=$(bash "$tree/test/lib/private_server.sh" "$folder/server")
    run_extension_lane &
    run_other_lane
    wait
    summarize
}

main
