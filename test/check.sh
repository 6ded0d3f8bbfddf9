#!/usr/bin/env bash
# Builds pgmigrate and runs its tests: bash test/check.sh [unit|regress|bridge|binder|isolation|tap]…  (default: all of them)
#
# On a fresh Debian, run as root, it installs what is missing and does the rest as the user postgres, because no PostgreSQL
# server runs as root. Everything happens in a temporary copy of the tree with a private copy of the PostgreSQL
# installation: nothing is written to the checkout or installed into the system, and several runs do not meet.
# Ends with one line per suite, and with an error if a suite failed or ran no test.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
all_suites=(unit regress bridge binder isolation tap)
folder=
runner=

chosen_suites() {
    local suite
    for suite in "$@"; do
        [[ " ${all_suites[*]} " == *" $suite "* ]] || { echo "no such suite: $suite (there are: ${all_suites[*]})" >&2; return 1; }
    done
    [ $# -gt 0 ] || set -- "${all_suites[@]}"
    echo "$@"
}

# Without what earlier builds left in the checkout, made with other flags perhaps.
copy_tree() {
    mkdir "$folder/tree"
    tar -C "$root" --exclude=./.git --exclude=./build --exclude='*.o' --exclude='*.d' --exclude='*.so' --exclude='*.bc' \
        --exclude='tmp_check*' --exclude='output_iso' --exclude='./results' -cf - . | tar -C "$folder/tree" -xf -
}

# pgroll's example migrations are kept beside the checkout; tests that need them skip without them.
copy_examples() {
    local examples=${PGMIGRATE_EXAMPLES:-$root/../shared/pgroll-examples}
    unset PGMIGRATE_EXAMPLES
    [ -d "$examples" ] || return 0
    mkdir "$folder/shared"
    cp -rL "$examples" "$folder/shared/pgroll-examples"
    chmod -R u+w "$folder/shared" # or it could not be removed
    export PGMIGRATE_EXAMPLES=$folder/shared/pgroll-examples
}

# A file system that can be filled up (test/tap/081_disk.pl), where we may make one.
mount_small_disk() {
    mkdir "$folder/small"
    if mount -t tmpfs -o size=100m tmpfs "$folder/small" 2>/dev/null; then
        export PGMIGRATE_SMALL_DISK=$folder/small
    else
        echo 'notice: no small file system can be made here, so the test of a full disk is skipped'
    fi
}

unmount_small_disk() {
    ! mountpoint -q "$folder/small" || umount "$folder/small" || umount -l "$folder/small"
}

# In a session of its own, so that all it starts can be stopped together.
start_suites() {
    local -a as_user=()
    if [ "$(id -u)" -eq 0 ]; then
        chown -R postgres "$folder"
        as_user=(runuser -u postgres --)
    fi
    cd "$folder"
    setsid "${as_user[@]}" bash "$folder/tree/test/lib/run_suites.sh" "$folder" "$@" </dev/null &
    runner=$!
}

stop_suites() {
    local file
    if [ -n "$runner" ]; then
        kill -TERM -- "-$runner" 2>/dev/null || true
        wait "$runner" 2>/dev/null || true
    fi
    while read -r file; do
        stop_server "$(head -n 1 "$file" 2>/dev/null || true)"
    done < <(find "$folder" -name postmaster.pid 2>/dev/null)
}

# A server has left that session. Its pid stands in its data directory (negative for the one that initdb runs), where it
# may be out of date: another process by now, unless it works in our folder.
stop_server() {
    local pid=${1#-}
    while [ -n "$pid" ] && [[ $(readlink "/proc/$pid/cwd") == "$folder"/* ]]; do
        kill -INT "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
}

clean_up() {
    [ -n "$folder" ] || return 0
    stop_suites
    cd /
    unmount_small_disk
    rm -rf "$folder"
}

main() {
    local suites
    suites=$(chosen_suites "$@")
    bash "$root/test/install.sh"
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    folder=$(mktemp -d /tmp/pgmigrate.XXXXXX) # not in $TMPDIR: the path of a server's socket must stay short
    copy_tree
    copy_examples
    mount_small_disk
    # shellcheck disable=SC2086 # a list of words
    start_suites $suites
    local status=0
    wait "$runner" || status=$?
    runner=
    return "$status"
}

main "$@"
