# SPDX-License-Identifier: PostgreSQL
"""Runs parts of the bench on a cluster of its own, in rounds. Started by run.sh, which has built what is measured.

Exit codes: 0 all thresholds are met, 1 at least one is missed, 2 the bench could not be done.
"""
from __future__ import annotations

import argparse
import datetime
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback

import report
from application_parts import APPLICATION_PARTS
from figures import exit_code, judge, ratio_figures, variant_figures
from fill_parts import FILL_PARTS
from server import BenchError, Cluster
from thresholds import RATIOS, THRESHOLDS
from workbench import Workbench

PARTS = FILL_PARTS | APPLICATION_PARTS
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.sh", description=f"Parts: {' '.join(PARTS)} (default: all).")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full number of rows")
    parser.add_argument("--json", type=pathlib.Path, help="file for the results")
    parser.add_argument("--keep", action="store_true", help="leave the folder with the stopped cluster")
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE", help="of the cluster")
    parser.add_argument("--check-arguments", action="store_true", help="do nothing else")
    parser.add_argument("--bindir", required=True, help="of the PostgreSQL installation to measure")
    parser.add_argument("--folder", help="where the temporary cluster goes; its path must be short")
    parser.add_argument("parts", nargs="*", metavar="PART")
    chosen = parser.parse_args(arguments)
    chosen.parts = list(dict.fromkeys(chosen.parts)) or list(PARTS)
    unknown = [part for part in chosen.parts if part not in PARTS]
    if unknown:
        parser.error(f"no such part: {' '.join(unknown)} (there are: {' '.join(PARTS)})")
    if chosen.rounds < 1 or not 0 < chosen.scale <= 10:
        parser.error("--rounds must be at least 1, and --scale above 0 and at most 10")
    if any("=" not in setting for setting in chosen.setting):
        parser.error("a setting is given as NAME=VALUE")
    return chosen


def cluster_settings(given: list[str]) -> dict[str, str]:
    """A quarter of the memory for the cache; no checkpoint or autovacuum in the middle of what is measured."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // (1024 * 1024)
    settings = {"shared_buffers": f"{min(4096, memory // 4)}MB", "maintenance_work_mem": "512MB", "max_wal_size": "16GB",
                "checkpoint_timeout": "1h", "autovacuum": "off", "max_worker_processes": "16", "max_connections": "100"}
    return settings | dict(setting.split("=", 1) for setting in given)


def run_rounds(bench: Workbench, parts: list[str]) -> None:
    for round_number in range(bench.rounds):
        for part in parts:
            started = time.monotonic()
            print(f"# round {round_number + 1} of {bench.rounds}: {part}", file=sys.stderr, flush=True)
            PARTS[part](bench, round_number)
            print(f"#   {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def conclude(bench: Workbench, chosen: argparse.Namespace, about: dict) -> int:
    figures = variant_figures(bench.samples) + ratio_figures(bench.samples, RATIOS)
    outcomes = judge(figures, THRESHOLDS, chosen.parts)
    for notice in bench.notices:
        print(f"# {notice}")
    for figure in figures:
        print(report.figure_line(figure))
    for outcome in outcomes:
        print(report.outcome_line(outcome))
    if chosen.json:
        chosen.json.write_text(report.as_json(about, bench.samples, figures, outcomes, bench.notices))
    return exit_code(outcomes)


def describe(cluster: Cluster, chosen: argparse.Namespace) -> dict:
    command = ["bash test/bench/run.sh", f"--rounds {chosen.rounds}", f"--scale {chosen.scale:g}",
               *(f"--setting {setting}" for setting in chosen.setting), *chosen.parts]
    return {"date": datetime.date.today().isoformat(), "machine": report.machine(), "command": " ".join(command),
            "parts": chosen.parts, "postgresql": cluster.database("postgres").value("SHOW server_version").split()[0],
            "settings": cluster.settings}


def measure(cluster: Cluster, chosen: argparse.Namespace) -> int:
    cluster.start()
    about = describe(cluster, chosen)
    print("# " + ", ".join(f"{name} = {value}" for name, value in cluster.settings.items()))
    bench = Workbench(cluster, chosen.scale, chosen.rounds)
    run_rounds(bench, chosen.parts)
    bench.drop_templates()
    left = set(cluster.names_of_databases()) - {"postgres", "template0", "template1"}
    if left:
        raise BenchError(f"databases are left behind: {' '.join(sorted(left))}")
    return conclude(bench, chosen, about)


def _end(*_) -> None:
    """Leaves through every `finally` and `with`, once."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(130)


def main(arguments: list[str]) -> int:
    chosen = read_arguments(arguments)
    if chosen.check_arguments:
        return 0
    for number in _SIGNALS:
        signal.signal(number, _end)
    folder = pathlib.Path(tempfile.mkdtemp(dir=chosen.folder, prefix="bench."))
    cluster = Cluster(chosen.bindir, folder, cluster_settings(chosen.setting))
    try:
        return measure(cluster, chosen)
    except BenchError as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    except Exception:  # or Python's exit code would be that of a missed threshold
        traceback.print_exc()
        return 2
    finally:
        cluster.stop()
        if chosen.keep:
            print(f"# the cluster is in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
