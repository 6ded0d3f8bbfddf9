# SPDX-License-Identifier: PostgreSQL
"""What pgmigrate promises of its speed, and what is compared to know it."""
from __future__ import annotations

from figures import Ratio, Threshold

MIB = 1024 * 1024

TABLE_RATIOS = [
    Ratio(part, metric, over, under)
    for part in ("narrow", "wide")
    for metric, over, under in (
        ("seconds", "update", "fill"), ("seconds", "rewrite", "fill"), ("seconds", "batches", "fill"),
        ("seconds", "repack", "fill"), ("cpu_seconds", "update", "fill"),
        ("wal_bytes", "fill", "update"))
]

RATIOS = TABLE_RATIOS + [
    Ratio("wide_value", "seconds", "fill", "update"),
    Ratio("wide_value", "wal_bytes", "fill", "update"),
    Ratio("aged", "seconds", "update", "fill"),
    Ratio("aged", "wal_bytes", "fill", "update"),
    Ratio("busy", "seconds", "busy", "idle"),
    Ratio("horizon", "seconds", "fill", "fill_by_update"),
    Ratio("rows", "seconds_per_million_rows", "most", "least"),
    Ratio("workers", "seconds", "two", "one"),
    Ratio("workers", "cpu_seconds", "two", "one"),
    Ratio("trigger", "insert_us", "pgmigrate", "none"),
    Ratio("trigger", "update_us", "pgmigrate", "none"),
    Ratio("trigger", "insert_us", "plpgsql", "none"),
    Ratio("trigger", "update_us", "plpgsql", "none"),
    Ratio("latency", "p99_ms", "with", "without"),
    Ratio("latency", "p50_ms", "with", "without"),
    Ratio("governor", "seconds", "with", "without"),
    Ratio("governor", "cpu_seconds", "with", "without"),
]


def _of_a_table(part: str, update: float, rewrite: float, batches: float) -> list[Threshold]:
    return [
        Threshold(f"{part}.update/fill.seconds", ">=", update),
        Threshold(f"{part}.rewrite/fill.seconds", ">=", rewrite),
        Threshold(f"{part}.batches/fill.seconds", ">=", batches),
        Threshold(f"{part}.fill/update.wal_bytes", "<=", 0.7),
        Threshold(f"{part}.fill.size_growth", "<=", 1.10),
        Threshold(f"{part}.fill.moved_share", "<=", 0.10),
        Threshold(f"{part}.fill.dead_beyond_moved", "<=", 0),
        Threshold(f"{part}.fill.worker_memory_bytes", "<=", 64 * MIB, worst=True),
    ]


THRESHOLDS = [
    *_of_a_table("narrow", update=4.0, rewrite=1.3, batches=15.0),
    *_of_a_table("wide", update=12.0, rewrite=6.0, batches=20.0),
    Threshold("wide_value.fill/update.seconds", "<=", 1.0),
    Threshold("wide_value.fill.worker_memory_bytes", "<=", 64 * MIB, worst=True),
    Threshold("aged.fill.worker_memory_bytes", "<=", 64 * MIB, worst=True),
    Threshold("busy.busy/idle.seconds", "<=", 2.5),
    Threshold("busy.busy.failed_statements", "<=", 0, worst=True),
    Threshold("horizon.fill/fill_by_update.seconds", "<=", 1.3),
    Threshold("rows.most.worker_memory_bytes", "<=", 64 * MIB, worst=True),
    Threshold("workers.two/one.seconds", "<=", 1.0),
    Threshold("workers.two/one.cpu_seconds", "<=", 1.3),
    Threshold("trigger.pgmigrate/none.insert_us", "<=", 1.25),
    Threshold("trigger.pgmigrate/none.update_us", "<=", 1.25),
    Threshold("latency.with/without.p99_ms", "<=", 1.25),
    Threshold("locks.probe.longest_lock_wait_ms", "<=", 250, worst=True),
    Threshold("locks.probe.failed_statements", "<=", 0, worst=True),
]
