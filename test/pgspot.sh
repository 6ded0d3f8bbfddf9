#!/usr/bin/env bash
# Scans the install script for what an object that somebody else made beforehand could take over: bash test/pgspot.sh
#
# Needs pgspot (pip install pgspot), which Debian does not package; so this is run by hand, and test/check.sh does without. The
# attack itself is tried in sql/security_install.sql.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
command -v pgspot >/dev/null || { echo "pgspot is not installed: pip install pgspot" >&2; exit 1; }

# pgspot cannot read a body that is parsed when the function is made (RETURN …), which is the safest form.
cat "$root"/src/schema/*.sql | sed -E 's/^RETURN (.*);$/SET search_path = pg_catalog, pg_temp AS $$ SELECT \1 $$;/' |
    sed 's/@extschema@/extension_schema/g' | pgspot
