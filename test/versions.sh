#!/usr/bin/env bash
# Builds and tests pgmigrate on other versions of PostgreSQL: bash test/versions.sh 17|18… [-- SUITE…]
#
# Each version comes from the Debian release that has it, in a folder of its own with that release's minimal system: made
# once, kept in $PGMIGRATE_CHROOTS (default: /var/cache/pgmigrate-chroots), used by chroot. Run as root on Debian 12; the
# packages come from where this machine's own do. Suites as for test/check.sh, whose closing lines are repeated at the end
# with the version before them. An error if a suite failed or ran no test.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
chroots=${PGMIGRATE_CHROOTS:-/var/cache/pgmigrate-chroots}
inside= # the chroot that is in use
output= # of one version's tests

release_of() {
    case $1 in
        17) echo trixie ;;
        18) echo sid ;;
        *) echo "PostgreSQL $1 is in no Debian release that this script knows (there are: 17 18)" >&2; return 1 ;;
    esac
}

# Where this machine gets Debian's packages from.
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | sort -u | head -n 1
}

install_maker() {
    command -v mmdebstrap >/dev/null && return
    apt-get update >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mmdebstrap >/dev/null
}

# In another folder first, so that one that was begun is never taken for a whole one.
make_chroot() {
    local version=$1 target=$2 packages log
    [ ! -e "$target" ] || return 0
    install_maker
    packages=$(PGMIGRATE_POSTGRESQL=$version bash "$root/test/install.sh" --list | paste -sd,)
    mkdir -p "$chroots"
    rm -rf "$target.new"
    log=$(mktemp)
    echo "making a system with PostgreSQL $version in $target"
    if ! mmdebstrap --quiet --variant=minbase --include="$packages" --aptopt='Acquire::Check-Valid-Until "false"' \
        --aptopt='APT::Install-Recommends "false"' "$(release_of "$version")" "$target.new" "$(mirror)" >"$log" 2>&1; then
        grep -E '^E:' "$log" | sed -E 's#[a-z]+://[^ ]+##g' >&2 || true # without the names of hosts
        rm -rf "$log" "$target.new"
        return 1
    fi
    rm -f "$log"
    mv "$target.new" "$target"
}

leave() {
    local mounted
    [ -n "$inside" ] || return 0
    for mounted in dev/shm dev proc; do
        ! mountpoint -q "$inside/$mounted" || umount -l "$inside/$mounted"
    done
    rm -rf "$inside/root/pgmigrate" "$inside/root/shared"
    inside=
}

enter() {
    inside=$1
    mountpoint -q "$inside/proc" || mount -t proc proc "$inside/proc"
    mountpoint -q "$inside/dev" || mount --rbind --make-rslave /dev "$inside/dev"
    rm -rf "$inside/root/pgmigrate" "$inside/root/shared"
    mkdir -p "$inside/root/pgmigrate"
    tar -C "$root" --exclude=./.git --exclude=./build --exclude='*.o' --exclude='*.d' --exclude='*.so' \
        --exclude='tmp_check*' --exclude='output_iso' --exclude='./results' -cf - . | tar -C "$inside/root/pgmigrate" -xf -
    local examples=${PGMIGRATE_EXAMPLES:-$root/../shared/pgroll-examples}
    [ ! -d "$examples" ] || { mkdir -p "$inside/root/shared" && cp -rL "$examples" "$inside/root/shared/pgroll-examples"; }
}

# The version's own programs come first in the path there.
run_version() {
    local version=$1 status=0
    shift
    make_chroot "$version" "$chroots/$version" || return
    enter "$chroots/$version"
    chroot "$inside" env -i HOME=/root LC_ALL=C.UTF-8 PATH="/usr/lib/postgresql/$version/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
        PGMIGRATE_LONG="${PGMIGRATE_LONG:-}" bash /root/pgmigrate/test/check.sh "$@" 2>&1 | tee "$output" || status=$?
    leave
    return "$status"
}

main() {
    local -a versions=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        release_of "$1" >/dev/null
        versions+=("$1")
        shift
    done
    [ $# -eq 0 ] || shift
    [ "${#versions[@]}" -gt 0 ] || versions=(17 18)
    local version status=0 summary=
    output=$(mktemp)
    trap 'leave; rm -f "$output"' EXIT
    for version in "${versions[@]}"; do
        printf '\n=== PostgreSQL %s\n' "$version"
        run_version "$version" "$@" || status=1
        summary+=$(sed -nE "s/^([a-z]+: [0-9]+ passed, [0-9]+ failed)$/PostgreSQL $version \1/p" "$output")$'\n'
    done
    printf '\n%s' "$summary"
    return "$status"
}

main "$@"
