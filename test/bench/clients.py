# SPDX-License-Identifier: PostgreSQL
"""The application: pgbench with a log of every transaction, read for windows of time."""
from __future__ import annotations

import pathlib
import shutil
import subprocess
import tempfile
import time

from server import BenchError, Database


class Clients:
    """Runs until stopped. Each transaction of the log is (end, latency): seconds since the epoch, milliseconds."""

    def __init__(self, database: Database, *options: str, script: str | None = None, environment: dict[str, str] | None = None):
        self._folder = pathlib.Path(tempfile.mkdtemp(dir=database.cluster.folder, prefix="clients."))
        command = [str(database.cluster.bindir / "pgbench"), "-n", "-l", "-T", "86400", *options]
        if script is not None:
            (self._folder / "script.sql").write_text(script)
            command += ["-f", str(self._folder / "script.sql")]
        self._errors = open(self._folder / "errors", "w+", encoding="utf-8")
        self._process = subprocess.Popen(command, cwd=self._folder, env=database.environment | (environment or {}),
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._errors)

    def transactions(self, begin: float = 0, end: float = float("inf")) -> list[tuple[float, float]]:
        found = []
        for file in self._folder.glob("pgbench_log.*"):
            for line in file.read_text().splitlines(keepends=True):
                fields = line.split()
                if not line.endswith("\n") or len(fields) < 6 or fields[2] in ("failed", "skipped"):
                    continue
                when = int(fields[4]) + int(fields[5]) / 1e6
                if begin <= when < end:
                    found.append((when, int(fields[2]) / 1000))
        return found

    def wait_past(self, moment: float) -> None:
        """Until every thread has logged a transaction that ended after a moment: logs are written in blocks."""
        deadline = time.monotonic() + 120
        while True:
            files = list(self._folder.glob("pgbench_log.*"))
            if files and all(self._last(file) > moment for file in files):
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"the clients do not go on: {self.errors()[-2000:]}")
            time.sleep(0.1)

    @staticmethod
    def _last(file: pathlib.Path) -> float:
        lines = [line.split() for line in file.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return int(lines[-1][4]) + int(lines[-1][5]) / 1e6 if lines else 0.0

    def errors(self) -> str:
        return (self._folder / "errors").read_text()

    def failed_statements(self) -> int:
        return sum("ERROR" in line or "FATAL" in line or "aborted" in line for line in self.errors().splitlines())

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._errors.close()
        shutil.rmtree(self._folder)

    def __enter__(self) -> Clients:
        return self

    def __exit__(self, *_) -> None:
        self.stop()
