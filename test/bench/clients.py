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
    """Runs until stopped. Each transaction of the log is (due, latency): seconds since the epoch, milliseconds. It was due
    when its client was free, or with a limited rate, when its turn came; its latency counts from then."""

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
        """Those that were due in a window."""
        found = [transaction for file in self._logs() for transaction in self._read(file)]
        return [(due, latency) for due, latency in found if begin <= due < end]

    def wait_past(self, moment: float) -> None:
        """Until every thread has logged a transaction that was due after a moment: logs are written in blocks."""
        deadline = time.monotonic() + 120
        while True:
            lasts = [self._read(file)[-1:] for file in self._logs()]
            if lasts and all(last and last[0][0] > moment for last in lasts):
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"the clients do not go on: {self.errors()[-2000:]}")
            time.sleep(0.1)

    def _logs(self) -> list[pathlib.Path]:
        return list(self._folder.glob("pgbench_log.*"))

    @staticmethod
    def _read(file: pathlib.Path) -> list[tuple[float, float]]:
        """A line: client, number, microseconds, script, and when it ended in seconds and microseconds; the last may be cut."""
        lines = [line.split() for line in file.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [(int(end) + (int(end_us) - int(latency)) / 1e6, int(latency) / 1000)
                for _, _, latency, _, end, end_us, *_ in lines if latency not in ("failed", "skipped")]

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
