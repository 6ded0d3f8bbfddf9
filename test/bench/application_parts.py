# SPDX-License-Identifier: PostgreSQL
"""The parts that measure what the application feels: its writes, its latency, its waits."""
from __future__ import annotations

import math
import re
import time
from collections.abc import Callable

import shapes
import variants
from clients import Clients
from figures import percentile
from server import BenchError, Database, literal
from shapes import Shape
from variants import Values
from workbench import Workbench, rotated

LATENCY_WINDOWS = 5
LOCK_CYCLES = 50


def _write_in_bulk(database: Database, shape: Shape) -> Values:
    """Microseconds per row of one INSERT and of one UPDATE of all rows, as many as the shape says."""
    load = shapes.narrow(shape.rows).statements[1].replace("INSERT INTO t", "INSERT INTO t (id, amount, created, note)")
    database.execute("CHECKPOINT")
    insert = database.seconds_of(load)
    database.execute("CHECKPOINT")
    update = database.seconds_of("UPDATE t SET amount = amount + 1")
    return {"insert_us": insert / shape.rows * 1e6, "update_us": update / shape.rows * 1e6,
            "rows": database.number("SELECT count(*) FROM t")}


def _with_outside_triggers(database: Database, shape: Shape) -> Values:
    variants.add_outside_triggers(database, shape)
    values = _write_in_bulk(database, shape)
    _require_in_step(database, "new_value")
    return values


def _with_migration(database: Database, shape: Shape) -> Values:
    fill = variants.Fill(database, shape)
    with database.session() as session:
        fill.start(session)
        fill.wait_until_ready(session)
    values = _write_in_bulk(database, shape)
    _require_in_step(database, fill.shadow_column())
    return values


def _require_in_step(database: Database, column: str) -> None:
    if database.value(f"SELECT count(*) FROM t WHERE {column} IS DISTINCT FROM amount::bigint") != "0":
        raise BenchError(f"the trigger did not keep {column} in step")


def trigger(bench: Workbench, round_number: int) -> None:
    """Without any trigger the table is as it was before a migration: the width of the second column counts as cost too."""
    shape = shapes.written(bench.rows(1_000_000))
    bench.run_variants("trigger", round_number, {
        "none": (shape, _write_in_bulk), "plpgsql": (shape, _with_outside_triggers), "pgmigrate": (shape, _with_migration)})


class _Application:
    """TPC-B-like transactions on pgbench's tables, one client per core, at half of what the machine can do."""

    SHAPE = Shape("pgbench", 0, (), "abalance", "bigint", "abalance::bigint")
    MIGRATION = SHAPE.migration().replace('"table": "t"', '"table": "pgbench_accounts"')

    def __init__(self, bench: Workbench):
        self.bench = bench
        self.tables = max(1, round(50 * bench.scale))  # pgbench's scale; one is 100,000 accounts
        self.template = bench.template(f"pgbench_{self.tables}", lambda database: database.command(
            "pgbench", "-i", "-q", "-s", str(self.tables)))
        self.clients = ("-c", str(bench.cores), "-j", str(bench.cores))

    def limit(self) -> float:
        """Transactions per second without a limit, measured once."""
        if "tps" not in self.bench.memory:
            seconds = str(max(2, round(20 * min(1.0, self.bench.scale))))
            with self.bench.copy(self.template) as database:
                out = database.command("pgbench", "-n", *self.clients, "-T", seconds)
            self.bench.memory["tps"] = float(re.search(r"^tps = ([0-9.]+) ", out, re.MULTILINE).group(1))
            self.bench.record("latency", "limit", "limit", {"tps": self.bench.memory["tps"]})
        return self.bench.memory["tps"]

    def start(self, database: Database) -> Clients:
        return Clients(database, *self.clients, "--rate", f"{self.limit() / 2:.0f}")


def _window(clients: Clients, begin: float, end: float) -> Values:
    clients.wait_past(end)
    found = [latency for _, latency in clients.transactions(begin, end)]
    if not found:
        raise BenchError("no transaction was due in a window of the latency part")
    return {"p50_ms": percentile(found, 0.5), "p99_ms": percentile(found, 0.99), "transactions": len(found),
            "window_seconds": end - begin}


def _latency_without(application: _Application, database: Database) -> Values:
    length = application.bench.memory.get("window", max(2.0, 10.0 * application.bench.scale))
    with application.start(database) as clients:
        begin = _warm(application, clients)
        time.sleep(length)  # the length of the window is what is measured, not a wait for something
        return _window(clients, begin, begin + length)


def _warm(application: _Application, clients: Clients) -> float:
    clients.wait_past(time.time() + max(1.0, 5.0 * application.bench.scale))
    return time.time()


def _latency_with(application: _Application, database: Database) -> Values:
    """The window begins when migrate_start has returned and ends when the last row is filled; the longer one begins with
    the call, which waits for a lock of the table, and ends when the migration is ready."""
    with application.start(database) as clients, database.session() as session:
        called = _warm(application, clients)
        fill = variants.Fill(database, application.SHAPE)
        fill.start(session, application.MIGRATION)
        begin = time.time()
        fill.wait_until_ready(session)
        values = _window(clients, begin, fill.filled_at)
        values["p99_to_ready_ms"] = _window(clients, called, fill.ready_at)["p99_ms"]
        values["seconds"] = fill.filled_at - fill.started_at
        values["failed_statements"] = clients.failed_statements()
    application.bench.memory["window"] = values["window_seconds"]
    return values


def latency(bench: Workbench, round_number: int) -> None:
    """Pairs of windows, each on a fresh copy, so that neither finds what the other left. At least five in all rounds."""
    application = _Application(bench)
    application.limit()
    ways: dict[str, Callable[[_Application, Database], Values]] = {"with": _latency_with, "without": _latency_without}
    pairs = -(-LATENCY_WINDOWS // bench.rounds)
    for pair in range(pairs):
        for name in rotated(list(ways), round_number * pairs + pair):
            with bench.copy(application.template) as database:
                database.execute("CHECKPOINT")
                bench.record("latency", f"{round_number}.{pair}", name, ways[name](application, database))


_PROBE = """\\set id random(1, {rows})
SELECT amount FROM t WHERE id = :id;
UPDATE t SET amount = amount + 1 WHERE id = :id;
"""
_READER = "BEGIN;\nSELECT count(*) FROM t;\n\\sleep {hold} ms\nCOMMIT;\n"
_VACUUM = "VACUUM t;\n\\sleep 100 ms\n"
_ACQUIRED = re.compile(r"^lock_probe\|LOG: +process \d+ acquired \w+ on relation \d+ of database \d+ after ([0-9.]+) ms")


def _call_until_locked(database: Database, statement: str) -> int:
    """How often it gave up waiting for its locks; with its defaults that is after a minute. Other errors end the bench."""
    for given_up in range(20):
        try:
            database.value(statement)
            return given_up
        except BenchError as failure:
            if "ERROR:  55P03" not in str(failure):
                raise
    raise BenchError(f"never got its locks: {statement[:60]}")


def _cycle(database: Database, shape: Shape, number: int) -> int:
    """A migration that is rolled back, and one that is completed. The type goes to and fro."""
    given_up = 0
    new_type = "bigint" if number % 2 == 0 else "integer"
    migration = literal(shape.migration().replace("bigint", new_type))
    for attempt, end in (("undone", "migrate_rollback"), ("done", "migrate_complete")):
        given_up += _call_until_locked(database, f"SELECT migrate_start('{attempt}_{number}', {migration})")
        database.execute("SET client_min_messages = error", "CALL migrate_wait()")
        given_up += _call_until_locked(database, f"SELECT {end}()")
    return given_up


def _lock_waits(database: Database, from_byte: int) -> list[float]:
    with open(database.cluster.log, "rb") as file:
        file.seek(from_byte)
        lines = file.read().decode(errors="replace").splitlines()
    return [float(found.group(1)) for found in map(_ACQUIRED.match, lines) if found]


def locks(bench: Workbench, round_number: int) -> None:
    """The server tells of every lock of a table that the probe has waited for longer than 10 ms, and for how long."""
    shape = shapes.narrow(bench.rows(100_000), "locked")
    cycles = math.ceil(LOCK_CYCLES * min(1.0, bench.scale) / bench.rounds)
    hold = round(max(200.0, 2000.0 * min(1.0, bench.scale)))
    with bench.copy_of(shape) as database, \
            Clients(database, "-c", "1", script=_READER.format(hold=hold)), \
            Clients(database, "-c", "1", script=_VACUUM), \
            Clients(database, "-c", "2", "-j", "2", script=_PROBE.format(rows=shape.rows), environment={
                "PGAPPNAME": "lock_probe", "PGOPTIONS": "-c deadlock_timeout=10ms"}) as probe:
        probe.wait_past(0)
        logged, begin = database.cluster.log.stat().st_size, time.time()
        given_up = sum(_cycle(database, shape, number) for number in range(cycles))
        probe.wait_past(time.time())  # whoever waited to the last moment has its lock by now
        statements, waits = probe.transactions(begin), _lock_waits(database, logged)
        bench.record("locks", str(round_number), "probe", {
            "longest_lock_wait_ms": max(waits, default=0.0), "lock_waits": len(waits),
            "longest_statement_ms": max(latency for _, latency in statements), "transactions": len(statements),
            "failed_statements": probe.failed_statements(), "cycles": cycles, "given_up": given_up})


APPLICATION_PARTS: dict[str, Callable[[Workbench, int], None]] = {part.__name__: part for part in (trigger, latency, locks)}
