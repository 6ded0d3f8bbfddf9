# SPDX-License-Identifier: PostgreSQL
"""The results as lines, as JSON, and as tables for a document: python3 report.py RESULTS.json DOCUMENT.md"""
from __future__ import annotations

import dataclasses
import json
import pathlib
import platform
import re
import sys

from figures import Figure, Outcome, Sample

_COLUMNS = {  # of a part's table, where its variants have them
    "seconds": "seconds", "total_seconds": "start to ready", "cpu_seconds": "CPU s", "wal_bytes": "WAL MB",
    "table_bytes": "table MB", "index_bytes": "index MB", "dead_rows": "dead rows", "rows_moved": "rows moved",
    "worker_memory_bytes": "worker MiB", "seconds_per_million_rows": "s per million rows", "insert_us": "INSERT us/row",
    "update_us": "UPDATE us/row", "tps": "tps", "p50_ms": "p50 ms", "p99_ms": "p99 ms", "p99_to_ready_ms": "p99 ms to ready",
    "longest_lock_wait_ms": "longest wait for a lock, ms", "longest_statement_ms": "longest statement, ms", "transactions": "transactions",
    "failed_statements": "failed statements", "cycles": "cycles", "given_up": "given up",
}


def rounded(value: float) -> str:
    """Three significant digits, but whole numbers whole."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.3g}"


def figure_line(figure: Figure) -> str:
    line = f"{figure.name} {rounded(figure.value)} {figure.unit}"
    return line if figure.count == 1 else f"{line} [{rounded(figure.low)} to {rounded(figure.high)}]"


def outcome_line(outcome: Outcome) -> str:
    threshold = outcome.threshold
    value = "not measured" if outcome.value is None else rounded(outcome.value)
    return f"{'ok' if outcome.met else 'missed'} {threshold.figure} {value} {threshold.relation} {rounded(threshold.limit)}"


def machine() -> str:
    """What it can do, not what it is called."""
    info = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.*)$", info, re.MULTILINE)
    cores = len(re.findall(r"^processor\s*:", info, re.MULTILINE))
    memory = int(re.search(r"^MemTotal:\s+(\d+) kB", pathlib.Path("/proc/meminfo").read_text(), re.MULTILINE).group(1))
    return f"{cores} cores ({model.group(1) if model else platform.machine()}), {memory / 1048576:.0f} GiB memory, Linux"


def as_json(about: dict, samples: list[Sample], figures: list[Figure], outcomes: list[Outcome], notices: list[str]) -> str:
    return json.dumps({"about": about, "notices": notices, "samples": [dataclasses.asdict(sample) for sample in samples],
                       "figures": [dataclasses.asdict(figure) for figure in figures],
                       "thresholds": [dataclasses.asdict(outcome.threshold) | {"value": outcome.value, "met": outcome.met}
                                      for outcome in outcomes]}, indent=1)


def _cell(metric: str, figure: dict | None) -> str:
    if figure is None:
        return ""
    divisor = {"wal_bytes": 1e6, "table_bytes": 1e6, "index_bytes": 1e6, "worker_memory_bytes": 1048576.0}.get(metric, 1.0)
    return rounded(figure["value"] / divisor)


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]


def part_tables(results: dict, part: str) -> str:
    """Markdown: when, where and how; a row per variant; a row per ratio; a row per promise."""
    about = results["about"]
    figures = {figure["name"]: figure for figure in results["figures"] if figure["name"].startswith(part + ".")}
    variants = list(dict.fromkeys(name.split(".")[1] for name in figures if "/" not in name))
    columns = [metric for metric in _COLUMNS if any(f"{part}.{variant}.{metric}" in figures for variant in variants)]
    lines = [f"{about['date']}, PostgreSQL {about['postgresql']}, {about['machine']}: `{about['command']}`", ""]
    if not variants:
        return "\n".join([*lines, "Not measured: " + "; ".join(results["notices"]) + "."])
    lines += _table(["", *(_COLUMNS[metric] for metric in columns)],
                    [[variant, *(_cell(metric, figures.get(f"{part}.{variant}.{metric}")) for metric in columns)] for variant in variants])
    ratios = [figure for name, figure in figures.items() if "/" in name]
    if ratios:
        lines += ["", *_table(["ratio", "median", "range"], [
            [f"{figure['name'].removeprefix(part + '.')}", rounded(figure["value"]) + " x",
             f"{rounded(figure['low'])} to {rounded(figure['high'])}"] for figure in ratios])]
    promises = [threshold for threshold in results["thresholds"] if threshold["figure"].startswith(part + ".")]
    if promises:
        lines += ["", *_table(["promise", "measured", ""], [
            [f"{promise['figure'].removeprefix(part + '.')} {promise['relation']} {rounded(promise['limit'])}",
             "" if promise["value"] is None else rounded(promise["value"]), "ok" if promise["met"] else "**missed**"]
            for promise in promises])]
    return "\n".join(lines)


def insert_tables(document: str, results: dict) -> str:
    """Replaces what stands between <!-- bench PART --> and <!-- end PART --> for every part that ran."""
    for part in results["about"]["parts"]:
        begin, end = f"<!-- bench {part} -->", f"<!-- end {part} -->"
        before, found_begin, rest = document.partition(begin)
        _, found_end, after = rest.partition(end)
        if not found_begin or not found_end:
            raise SystemExit(f"the document has no place for part {part}: {begin} and {end}")
        document = f"{before}{begin}\n{part_tables(results, part)}\n{end}{after}"
    return document


def main(results_file: str, document_file: str) -> None:
    document = pathlib.Path(document_file)
    document.write_text(insert_tables(document.read_text(), json.loads(pathlib.Path(results_file).read_text())))


if __name__ == "__main__":
    main(*sys.argv[1:])
