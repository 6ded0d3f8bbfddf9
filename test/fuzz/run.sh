#!/usr/bin/env bash
# Fuzzes the reader of migrations and the planner with libFuzzer under ASan and UBSan: bash test/fuzz/run.sh [RUNS]
# RUNS is 10,000,000 if not given, which takes about an hour. What is found is left in build/fuzz as crash-*, oom-* or timeout-*:
# mend it, and add the file to test/fuzz/corpus, which the unit tests run through the target.
# Needs clang 16 or later with its compiler-rt (Debian: clang-16 libclang-rt-16-dev); CXX names another.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
runs=${1:-10000000}
build=$root/build/fuzz
CXX=${CXX:-$(command -v clang++-16 || command -v clang++)}

cmake -S "$root" -B "$build" -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPGMIGRATE_FUZZ=ON >/dev/null
cmake --build "$build" -j "$(nproc)" --target pgmigrate_fuzz
mkdir -p "$build/found"
cd "$build"
exec ./pgmigrate_fuzz -runs="$runs" -max_len=2048 -timeout=10 -rss_limit_mb=2048 -dict="$root/test/fuzz/migration.dict" \
    -print_final_stats=1 -verbosity=1 found "$root/test/fuzz/corpus"
