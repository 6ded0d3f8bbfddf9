#!/usr/bin/env bash
# Makes a private copy of the PostgreSQL installation below a folder and prints the path of its pg_config. With that,
# `make install` and `make installcheck` need no rights, leave the system as it is, and do not meet other runs.
#
# PostgreSQL's programs find their files relative to where they are themselves, so the same tree elsewhere is an
# installation of its own. They resolve symbolic links first: programs are copied, everything else is linked.
set -euo pipefail

copy_programs() {
    local target=$1 source=$2
    mkdir -p "$target$(dirname "$source")"
    cp -r "$source" "$target$(dirname "$source")/"
}

link_files() {
    local target=$1 source=$2
    mkdir -p "$target$(dirname "$source")"
    cp -rs "$source" "$target$(dirname "$source")/"
}

main() {
    local target=$1 pg_config=${PG_CONFIG:-pg_config} include
    copy_programs "$target" "$("$pg_config" --bindir)"
    link_files "$target" "$("$pg_config" --pkglibdir)"
    link_files "$target" "$("$pg_config" --sharedir)"
    include=$("$pg_config" --includedir)
    mkdir -p "$target$(dirname "$include")"
    ln -s "$include" "$target$include"
    echo "$target$("$pg_config" --bindir)/pg_config"
}

main "$@"
