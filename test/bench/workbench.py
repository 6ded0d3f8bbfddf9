# SPDX-License-Identifier: PostgreSQL
"""What every part works with: the cluster, the scale, and copies of the tables."""
from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator

from figures import Sample
from server import Cluster, Database
from shapes import Shape

Variant = Callable[[Database, Shape], dict[str, float]]


class Workbench:
    def __init__(self, cluster: Cluster, scale: float, rounds: int):
        self.cluster, self.scale, self.rounds = cluster, scale, rounds
        self.cores = os.cpu_count() or 1
        self.notices: list[str] = []
        self.samples: list[Sample] = []
        self.memory: dict[str, float] = {}  # what a part remembers from round to round
        self._templates: list[str] = []

    def rows(self, at_full_scale: int) -> int:
        return max(2000, int(at_full_scale * self.scale))

    def record(self, part: str, round_name: str, variant: str, values: dict[str, float]) -> None:
        self.samples.append(Sample(part, round_name, variant, values))

    def notice(self, text: str) -> None:
        if text not in self.notices:
            self.notices.append(text)

    def template(self, name: str, fill: Callable[[Database], None]) -> str:
        name = "table_" + name
        if name not in self._templates:
            self.cluster.database("postgres").execute(f"CREATE DATABASE {name}")
            self._templates.append(name)
            database = self.cluster.database(name)
            database.execute(*(f"CREATE EXTENSION {extension}" for extension in ("pgmigrate", "pgstattuple", "pg_prewarm")))
            fill(database)
        return name

    @contextlib.contextmanager
    def copy(self, template: str) -> Iterator[Database]:
        """A database of its own with the same files, read into memory; dropped afterwards."""
        server = self.cluster.database("postgres")
        server.execute(f"CREATE DATABASE run TEMPLATE {template} STRATEGY file_copy")
        database = self.cluster.database("run")
        try:
            database.value("SELECT sum(pg_prewarm(c.oid)) FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')")
            yield database
        finally:
            server.execute("DROP DATABASE run WITH (FORCE)")

    def copy_of(self, shape: Shape):
        return self.copy(self.template(f"{shape.name}_{shape.rows}", lambda database: database.execute(*shape.statements)))

    def run_variants(self, part: str, round_number: int, variants: dict[str, tuple[Shape, Variant]]) -> None:
        """One after the other, each on a copy of its own; every round begins with another one."""
        for name in rotated(list(variants), round_number):
            shape, variant = variants[name]
            with self.copy_of(shape) as database:
                self.record(part, str(round_number), name, variant(database, shape))

    def drop_templates(self) -> None:
        for name in self._templates:
            self.cluster.database("postgres").execute(f"DROP DATABASE {name} WITH (FORCE)")
        self._templates.clear()


def rotated(names: list[str], by: int) -> list[str]:
    by %= len(names)
    return names[by:] + names[:by]
