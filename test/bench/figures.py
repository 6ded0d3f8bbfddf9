# SPDX-License-Identifier: PostgreSQL
"""From samples to figures: medians over rounds, ratios within a round, and what was promised of them. Nothing here measures."""
from __future__ import annotations

import statistics
from dataclasses import dataclass

UNITS = {
    "seconds": "s", "total_seconds": "s", "cpu_seconds": "s", "seconds_per_million_rows": "s",
    "wal_bytes": "B", "table_bytes": "B", "index_bytes": "B", "new_value_bytes": "B", "worker_memory_bytes": "B",
    "dead_rows": "rows", "rows": "rows", "rows_moved": "rows", "rows_filled": "rows", "dead_beyond_moved": "rows",
    "moved_share": "share", "size_growth": "x",
    "insert_us": "us/row", "update_us": "us/row",
    "p50_ms": "ms", "p99_ms": "ms", "p99_to_ready_ms": "ms", "window_seconds": "s", "tps": "tps", "transactions": "count",
    "failed_statements": "count", "longest_lock_wait_ms": "ms", "longest_statement_ms": "ms", "lock_waits": "count",
    "cycles": "count", "given_up": "count",
}


@dataclass(frozen=True)
class Sample:
    """What one variant of one part gave in one round. Ratios are made of samples of the same part and round."""
    part: str
    round: str
    variant: str
    values: dict[str, float]


@dataclass(frozen=True)
class Ratio:
    part: str
    metric: str
    over: str
    under: str

    @property
    def name(self) -> str:
        return f"{self.part}.{self.over}/{self.under}.{self.metric}"


@dataclass(frozen=True)
class Figure:
    """The median of a metric over the rounds, with its range."""
    name: str
    unit: str
    value: float
    low: float
    high: float
    count: int

    @property
    def part(self) -> str:
        return self.name.split(".", 1)[0]


@dataclass(frozen=True)
class Threshold:
    """A promise about a figure: about its median, or about the worst of all rounds."""
    figure: str
    relation: str  # ">=" or "<="
    limit: float
    worst: bool = False

    @property
    def part(self) -> str:
        return self.figure.split(".", 1)[0]


@dataclass(frozen=True)
class Outcome:
    threshold: Threshold
    value: float | None  # None: there is no such figure, which keeps no promise
    met: bool


def make_figure(name: str, unit: str, values: list[float]) -> Figure:
    return Figure(name, unit, statistics.median(values), min(values), max(values), len(values))


def variant_figures(samples: list[Sample]) -> list[Figure]:
    values: dict[tuple[str, str], list[float]] = {}
    for sample in samples:
        for metric, value in sample.values.items():
            values.setdefault((f"{sample.part}.{sample.variant}.{metric}", UNITS[metric]), []).append(value)
    return [make_figure(name, unit, found) for (name, unit), found in values.items()]


def ratio_figures(samples: list[Sample], ratios: list[Ratio]) -> list[Figure]:
    """Rounds in which either side is missing, or the lower one is zero, say nothing about a ratio."""
    figures = []
    for ratio in ratios:
        sides: dict[str, dict[str, float]] = {}
        for sample in samples:
            if sample.part == ratio.part and sample.variant in (ratio.over, ratio.under) and ratio.metric in sample.values:
                sides.setdefault(sample.round, {})[sample.variant] = sample.values[ratio.metric]
        found = [side[ratio.over] / side[ratio.under] for side in sides.values() if len(side) == 2 and side[ratio.under] > 0]
        if found:
            figures.append(make_figure(ratio.name, "x", found))
    return figures


def judge(figures: list[Figure], thresholds: list[Threshold], parts: list[str]) -> list[Outcome]:
    """The thresholds of the parts that ran."""
    known = {figure.name: figure for figure in figures}
    outcomes = []
    for threshold in thresholds:
        if threshold.part not in parts:
            continue
        figure = known.get(threshold.figure)
        if figure is None:
            outcomes.append(Outcome(threshold, None, False))
            continue
        at_least = threshold.relation == ">="
        worst = figure.low if at_least else figure.high
        value = worst if threshold.worst else figure.value
        outcomes.append(Outcome(threshold, value, value >= threshold.limit if at_least else value <= threshold.limit))
    return outcomes


def exit_code(outcomes: list[Outcome]) -> int:
    return 0 if all(outcome.met for outcome in outcomes) else 1


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 1000) // 1000) - 1)]
