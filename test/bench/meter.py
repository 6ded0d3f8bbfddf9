# SPDX-License-Identifier: PostgreSQL
"""What a change costs the server: time, CPU of all of its processes, WAL, space, memory of the workers."""
from __future__ import annotations

import os
import pathlib
import time
from dataclasses import dataclass

from server import Cluster, Database, Session

_TICK = os.sysconf("SC_CLK_TCK")


def _stat_fields(pid: str | int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the third on: the second one may hold spaces. None: it has ended."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def children(parent: int) -> list[int]:
    """From the kernel's own list where it keeps one: looking through all processes would be felt by what is measured."""
    try:
        return [int(pid) for pid in pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    except FileNotFoundError:
        pass
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        fields = _stat_fields(pid)
        if fields and int(fields[1]) == parent:
            found.append(int(pid))
    return found


def cpu_seconds(cluster: Cluster) -> float:
    """Of the postmaster, of its living children, and of those it has waited for (fields 14 to 17 of the stat file)."""
    postmaster = cluster.postmaster()
    living = [_stat_fields(pid) for pid in children(postmaster)]  # first: who ends now is counted less often than twice
    ticks = sum(int(fields[11]) + int(fields[12]) for fields in living if fields)
    own = _stat_fields(postmaster)
    return (ticks + sum(int(own[field]) for field in (11, 12, 13, 14))) / _TICK


class WorkerMemory:
    """The most that one of pgmigrate's workers has had to itself (RssAnon: without shared buffers and program files)."""

    def __init__(self, cluster: Cluster):
        self._postmaster = cluster.postmaster()
        self.most = 0

    def look(self) -> None:
        for pid in children(self._postmaster):
            try:
                title = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
                status = pathlib.Path(f"/proc/{pid}/status").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if not title.startswith(b"postgres: pgmigrate") or b"launcher" in title:
                continue
            for line in status.splitlines():
                if line.startswith("RssAnon:"):
                    self.most = max(self.most, int(line.split()[1]) * 1024)


@dataclass(frozen=True)
class Cost:
    seconds: float
    cpu_seconds: float
    wal_bytes: float

    def values(self) -> dict[str, float]:
        return {"seconds": self.seconds, "cpu_seconds": self.cpu_seconds, "wal_bytes": self.wal_bytes}


class Meter:
    """Runs from its construction. The session must be idle; reading it costs one trivial query."""

    def __init__(self, cluster: Cluster, session: Session):
        self._cluster, self._session = cluster, session
        self._start = self._now()

    def _now(self) -> tuple[float, float, int]:
        wal = int(self._session.value("SELECT pg_current_wal_insert_lsn() - '0/0'"))
        return time.monotonic(), cpu_seconds(self._cluster), wal

    def read(self) -> Cost:
        return Cost(*(now - start for now, start in zip(self._now(), self._start)))


def sizes(database: Database, table: str = "t") -> dict[str, float]:
    found = database.value(f"SELECT pg_table_size('{table}'), pg_indexes_size('{table}')").split("|")
    return {"table_bytes": float(found[0]), "index_bytes": float(found[1])}


def dead_rows(database: Database, table: str = "t") -> float:
    return database.number(f"SELECT dead_tuple_count FROM pgstattuple('{table}')")


def rows_written_since(database: Database, transaction: str, table: str = "t") -> float:
    """Rows that a transaction from this one on has written. What is filled in place keeps the xmin that it had."""
    return database.number(f"SELECT count(*) FROM {table} WHERE age(xmin) <= age('{transaction}'::xid)")
