# SPDX-License-Identifier: PostgreSQL
"""The parts that measure a fill: against other ways, on other tables, beside other work."""
from __future__ import annotations

from collections.abc import Callable

import shapes
import variants
from clients import Clients
from server import Database
from shapes import Shape
from variants import Values
from workbench import Variant, Workbench

NARROW_ROWS = 5_000_000
WIDE_ROWS = 1_500_000
BUSY_CLIENTS = 8


def _against_others(bench: Workbench, part: str, round_number: int, shape: Shape) -> None:
    ways: dict[str, Variant] = {"update": variants.raw_update, "rewrite": variants.rewrite, "batches": variants.batches,
                                "repack": variants.repack, "fill": variants.fill}
    if not (bench.cluster.bindir / "pg_repack").exists():
        bench.notice("pg_repack is not installed and is left out")
        del ways["repack"]
    bench.run_variants(part, round_number, {name: (shape, way) for name, way in ways.items()})


def narrow(bench: Workbench, round_number: int) -> None:
    _against_others(bench, "narrow", round_number, shapes.narrow(bench.rows(NARROW_ROWS)))


def wide(bench: Workbench, round_number: int) -> None:
    _against_others(bench, "wide", round_number, shapes.wide(bench.rows(WIDE_ROWS)))


def wide_value(bench: Workbench, round_number: int) -> None:
    shape = shapes.wide_value(bench.rows(2_000_000))
    bench.run_variants("wide_value", round_number, {"update": (shape, variants.raw_update), "fill": (shape, variants.fill)})


def aged(bench: Workbench, round_number: int) -> None:
    shape = shapes.aged(bench.rows(NARROW_ROWS))
    bench.run_variants("aged", round_number, {"update": (shape, variants.raw_update), "fill": (shape, variants.fill)})


def _busy_script(rows: int) -> str:
    return f"""\\set id random(1, {rows})
\\set pause random(10, 20)
BEGIN;
UPDATE t SET amount = amount + 1 WHERE id = :id;
\\sleep :pause ms
COMMIT;
"""


def _fill_beside_clients(database: Database, shape: Shape) -> Values:
    with Clients(database, "-c", str(BUSY_CLIENTS), "-j", "2", script=_busy_script(shape.rows)) as clients:
        clients.wait_past(0)
        fill = variants.Fill(database, shape)
        values = fill.run()
        clients.wait_past(fill.filled_at)
        values["transactions"] = len(clients.transactions(fill.started_at, fill.filled_at))
        values["failed_statements"] = clients.failed_statements()
    clients_too = ("cpu_seconds", "dead_rows", "rows_moved", "moved_share", "dead_beyond_moved")  # not of the fill alone
    return {name: value for name, value in values.items() if name not in clients_too}


def busy(bench: Workbench, round_number: int) -> None:
    shape = shapes.narrow(bench.rows(NARROW_ROWS))
    bench.run_variants("busy", round_number, {"idle": (shape, variants.fill), "busy": (shape, _fill_beside_clients)})


def _beside_a_snapshot(database: Database, shape: Shape) -> Values:
    """The transaction has read another table: it stands in the way of no lock, but nothing that it could see is ever dead to all."""
    with database.session() as open_transaction:
        open_transaction.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
        open_transaction.query("SELECT count(*) FROM pg_class")
        return variants.fill(database, shape)


def with_settings(bench: Workbench, settings: dict[str, str], variant: Variant) -> Variant:
    def run(database: Database, shape: Shape) -> Values:
        with bench.cluster.with_settings(settings):
            return variant(database, shape)
    return run


def _has_settings(bench: Workbench, part: str, *names: str) -> bool:
    missing = [name for name in names if not bench.cluster.has_setting(name)]
    for name in missing:
        bench.notice(f"{part}: this build has no setting {name}")
    return not missing


def horizon(bench: Workbench, round_number: int) -> None:
    shape = shapes.narrow(bench.rows(NARROW_ROWS))
    ways: dict[str, tuple[Shape, Variant]] = {"fill": (shape, _beside_a_snapshot)}
    if _has_settings(bench, "horizon", "pgmigrate.fill_method"):
        ways["fill_by_update"] = (shape, with_settings(bench, {"pgmigrate.fill_method": "update"}, _beside_a_snapshot))
    bench.run_variants("horizon", round_number, ways)


def _per_million(variant: Variant) -> Variant:
    def run(database: Database, shape: Shape) -> Values:
        values = variant(database, shape)
        return values | {"seconds_per_million_rows": values["seconds"] / shape.rows * 1e6}
    return run


def rows(bench: Workbench, round_number: int) -> None:
    sizes = {"least": 1_000_000, "middle": NARROW_ROWS, "most": 20_000_000}
    way = _per_million(variants.fill)
    bench.run_variants("rows", round_number, {name: (shapes.narrow(bench.rows(count)), way) for name, count in sizes.items()})


def workers(bench: Workbench, round_number: int) -> None:
    if not _has_settings(bench, "workers", "pgmigrate.fill_workers"):
        return
    shape = shapes.wide(bench.rows(WIDE_ROWS))
    bench.run_variants("workers", round_number, {
        name: (shape, with_settings(bench, {"pgmigrate.fill_workers": count}, variants.fill))
        for name, count in (("one", "1"), ("two", "2"))})


def governor(bench: Workbench, round_number: int) -> None:
    """What watching the server costs when there is nothing to see: -1 turns a limit off, and with it what watches it."""
    limits = bench.cluster.database("postgres").value(
        "SELECT string_agg(name, ' ') FROM pg_settings WHERE name LIKE 'pgmigrate.%' AND min_val = '-1'").split()
    if not limits:
        bench.notice("governor: this build has no limits that can be turned off")
        return
    shape = shapes.narrow(bench.rows(NARROW_ROWS))
    bench.run_variants("governor", round_number, {
        "with": (shape, variants.fill),
        "without": (shape, with_settings(bench, {name: "-1" for name in limits}, variants.fill))})


FILL_PARTS: dict[str, Callable[[Workbench, int], None]] = {
    part.__name__: part for part in (narrow, wide, wide_value, aged, busy, horizon, rows, workers, governor)}
