# SPDX-License-Identifier: PostgreSQL
"""Ways to give a column of table t its new form. Each returns what it cost, after making sure that every row is right."""
from __future__ import annotations

import time
from collections.abc import Callable

from meter import Cost, Meter, WorkerMemory, dead_rows, rows_written_since, sizes
from server import BenchError, Database, Session, literal
from shapes import Shape

Values = dict[str, float]
NAME = "bench"
BATCH_ROWS = 1000
STUCK_SECONDS = 600
_AFTER_FILLING = ("indexing", "validating", "verifying", "publishing", "ready")


def _require_right_rows(database: Database, shape: Shape, column: str) -> None:
    wrong = database.value(f"SELECT count(*) FROM t WHERE {column} IS DISTINCT FROM {shape.up}")
    if wrong != "0":
        raise BenchError(f"{wrong} rows of {shape.name} have a wrong value in {column}")


def _transaction_id(session: Session) -> str:
    return session.value("SELECT pg_current_xact_id()::xid")


def _space(database: Database, before: Values, column: str, value_bytes: float | None = None) -> Values:
    """Sizes and dead rows afterwards; growth is against the space before plus the bytes of the new values alone.
    The dead are counted first: an ordinary scan prunes the pages it reads."""
    after = sizes(database) | {"dead_rows": dead_rows(database)}
    if value_bytes is None:
        value_bytes = database.number(f"SELECT coalesce(sum(pg_column_size({column})), 0) FROM t")
    allowed = sum(before.values()) + value_bytes
    return after | {"new_value_bytes": value_bytes, "size_growth": (after["table_bytes"] + after["index_bytes"]) / allowed,
                    "rows": database.number("SELECT count(*) FROM t")}


def _measured(database: Database, column: str, work: Callable[[], object], value_bytes: float | None = None) -> Values:
    before = sizes(database)
    with database.session() as session:
        database.execute("CHECKPOINT")
        transaction = _transaction_id(session)
        meter = Meter(database.cluster, session)
        work()
        cost = meter.read()
    values = cost.values() | _space(database, before, column, value_bytes)
    values["rows_moved"] = rows_written_since(database, transaction)
    return values


def raw_update(database: Database, shape: Shape) -> Values:
    """One UPDATE of all rows: the least that an outside tool could do."""
    database.execute(f"ALTER TABLE t ADD COLUMN new_value {shape.new_type}")
    values = _measured(database, "new_value", lambda: database.execute(f"UPDATE t SET new_value = {shape.up}"))
    _require_right_rows(database, shape, "new_value")
    return values


def rewrite(database: Database, shape: Shape) -> Values:
    """The blocking ALTER TABLE; under its lock nobody can even read."""
    statement = f"ALTER TABLE t ALTER COLUMN {shape.column} TYPE {shape.new_type} USING {shape.up}"
    return _measured(database, shape.column, lambda: database.execute(statement))


_OUTSIDE_TRIGGERS = """
CREATE FUNCTION to_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('search_path') <> 'public_bench' THEN NEW.new_value := {new_up}; END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION to_old() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('search_path') = 'public_bench' THEN NEW.{column} := NEW.new_value{down}; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER to_new BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION to_new();
CREATE TRIGGER to_old BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION to_old();
"""


def add_outside_triggers(database: Database, shape: Shape) -> None:
    """The pair of PL/pgSQL triggers that a tool without code in the server keeps two columns in step with."""
    new_up = shape.up.replace(shape.column, "NEW." + shape.column)
    down = "::integer" if shape.operation == "alter_column" else ""
    database.execute(f"ALTER TABLE t ADD COLUMN new_value {shape.new_type}")
    database.run_script(_OUTSIDE_TRIGGERS.format(column=shape.column, new_up=new_up, down=down))


def batches(database: Database, shape: Shape) -> Values:
    """An outside tool's loop: the next thousand keys are locked and updated, which fires its triggers; then it commits."""
    add_outside_triggers(database, shape)
    batch = f"""WITH batch AS (SELECT id FROM t WHERE id > :last ORDER BY id LIMIT {BATCH_ROWS} FOR NO KEY UPDATE),
      changed AS (UPDATE t SET id = t.id FROM batch WHERE t.id = batch.id RETURNING t.id)
      SELECT coalesce(max(id), :last) AS last FROM changed \\gset\n"""
    script = "\\set last 0\n" + batch * (shape.rows // BATCH_ROWS + 1)
    values = _measured(database, "new_value", lambda: database.run_script(script))
    _require_right_rows(database, shape, "new_value")
    return values


def repack(database: Database, shape: Shape) -> Values:
    """pg_repack copies the table as it is: it changes no type, but is what a full copy costs."""
    database.execute("CREATE EXTENSION pg_repack")
    return _measured(database, shape.column, lambda: database.command("pg_repack", "--no-order", "-t", "t", "-d", database.name),
                     value_bytes=0)


class Fill:
    """A migration by pgmigrate, from migrate_start until it is ready."""

    def __init__(self, database: Database, shape: Shape):
        self.database, self.shape = database, shape
        self.started_at = self.filled_at = self.ready_at = 0.0  # seconds since the epoch
        self._memory = WorkerMemory(database.cluster)
        self._called_at = 0.0

    def run(self) -> Values:
        before = sizes(self.database)
        with self.database.session() as session:
            self.database.execute("CHECKPOINT")
            transaction = _transaction_id(session)
            meter = Meter(self.database.cluster, session)
            self.start(session)
            self._wait(session, lambda phase: phase != "filling")
            cost = meter.read()
            self.wait_until_ready(session)
        column = self.shadow_column()
        values = self.values(cost) | _space(self.database, before, column)
        _require_right_rows(self.database, self.shape, column)
        values["rows_moved"] = rows_written_since(self.database, transaction)
        values["moved_share"] = values["rows_moved"] / values["rows"]
        values["dead_beyond_moved"] = values["dead_rows"] - values["rows_moved"]
        return values

    def start(self, session: Session, migration: str | None = None) -> None:
        self._called_at = time.time()
        session.query(f"SELECT migrate_start('{NAME}', {literal(migration or self.shape.migration())})")

    def wait_until_ready(self, session: Session) -> None:
        self._wait(session, lambda phase: phase == "ready")
        times = dict(line.split("|") for line in session.query(
            f"SELECT event, extract(epoch FROM min(happened_at)) FROM pgmigrate.event WHERE name = '{NAME}' GROUP BY event"))
        self.started_at, self.ready_at = float(times["started"]), float(times["ready"])
        self.filled_at = min(float(times[event]) for event in _AFTER_FILLING if event in times)

    def _wait(self, session: Session, is_over: Callable[[str], bool]) -> None:
        """Looks again and again, holding no snapshot in between, which the fill would have to wait for."""
        look = f"""SELECT state, phase, (SELECT string_agg(f::text, ' ') FROM pgmigrate.fill f WHERE f.migration_id = m.id)
          FROM pgmigrate.migration m WHERE name = '{NAME}'"""
        seen, since = "", time.monotonic()
        while True:
            found = session.value(look)
            state, phase, _ = found.split("|", 2)
            self._memory.look()
            if state == "failed":
                raise BenchError("the migration failed: " + session.value("SELECT error FROM migrate_status('public')"))
            if is_over(phase):
                return
            if found != seen:
                seen, since = found, time.monotonic()
            elif time.monotonic() - since > STUCK_SECONDS:
                raise BenchError("the migration stands still: " + session.value("SELECT * FROM migrate_status('public')"))
            time.sleep(0.05)

    def shadow_column(self) -> str:
        return self.database.value("SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = 't'::regclass"
                                   " AND attname LIKE '\\_pgmigrate\\_new\\_%' AND NOT attisdropped")

    def values(self, cost: Cost) -> Values:
        """The seconds are those of the phase filling; the total is what the caller sees, from the call until ready."""
        filled = self.database.number("SELECT sum(rows_filled) FROM pgmigrate.fill")
        values = {"seconds": self.filled_at - self.started_at, "total_seconds": self.ready_at - self._called_at,
                  "cpu_seconds": cost.cpu_seconds, "wal_bytes": cost.wal_bytes, "rows_filled": filled}
        if self._memory.most > 0:  # otherwise no worker was met while it lived, which says nothing
            values["worker_memory_bytes"] = float(self._memory.most)
        return values


def fill(database: Database, shape: Shape) -> Values:
    return Fill(database, shape).run()
