#!/usr/bin/env bash
# Builds pgmigrate as it stands in the checkout and installs it into a private copy of the PostgreSQL installation below a
# folder; prints the path of its pg_config. The checkout and the system's installation stay as they are.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)

# In a copy: what earlier builds left in the checkout may have been made with other flags.
build() {
    local folder=$1 pg_config=$2
    mkdir "$folder/tree"
    cp -r "$root/Makefile" "$root/pgmigrate.control" "$root/src" "$folder/tree"
    find "$folder/tree" \( -name '*.o' -o -name '*.d' \) -delete
    if ! make -C "$folder/tree" -j"$(nproc)" PG_CONFIG="$pg_config" all install >"$folder/build.log" 2>&1; then
        tail -n 40 "$folder/build.log" >&2
        return 1
    fi
    rm -rf "$folder/tree"
}

main() {
    local folder=$1 pg_config
    pg_config=$(bash "$root/test/lib/private_server.sh" "$folder/server")
    build "$folder" "$pg_config"
    echo "$pg_config"
}

main "$@"
