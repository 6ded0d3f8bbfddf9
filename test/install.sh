#!/usr/bin/env bash
# Installs what building and testing pgmigrate needs, if anything of it is missing (Debian 12 and later), and the packages
# that are named as arguments. As another user than root it only says what is missing. With --list it prints what is needed,
# one package a line.
set -euo pipefail

postgresql_version() {
    if [ -n "${PGMIGRATE_POSTGRESQL:-}" ]; then
        echo "$PGMIGRATE_POSTGRESQL"
    elif command -v pg_config >/dev/null; then
        pg_config --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/'
    else
        echo 15 # what Debian 12 has
    fi
}

needed_packages() {
    local version
    version=$(postgresql_version)
    printf '%s\n' build-essential cmake "postgresql-$version" "postgresql-server-dev-$version" \
        libgtest-dev libgmock-dev nlohmann-json3-dev libyaml-cpp-dev libfmt-dev libboost-dev libboost-container-dev \
        prometheus-cpp-dev libipc-run-perl python3 \
        prometheus prometheus-postgres-exporter prometheus-sql-exporter chromium "$@"
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_packages() {
    local package
    for package in $(needed_packages "$@"); do
        is_installed "$package" || echo "$package"
    done
}

# The package manager's own output names the hosts it talks to; only what concerns the packages is shown.
run_quietly() {
    local log
    log=$(mktemp)
    if ! DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1; then
        echo "could not install the missing packages: '$1 $2' failed" >&2
        grep -E '^E: (Unable to locate|Package|Could not get lock|Sub-process)' "$log" >&2 || true
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

main() {
    local missing
    [ "${1:-}" != --list ] || { needed_packages; return; }
    mapfile -t missing < <(missing_packages "$@")
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "missing packages, install them as root: ${missing[*]}" >&2
        return 1
    fi
    echo "installing: ${missing[*]}"
    run_quietly apt-get update
    run_quietly apt-get install -y --no-install-recommends "${missing[@]}"
}

main "$@"
