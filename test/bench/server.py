# SPDX-License-Identifier: PostgreSQL
"""A private temporary PostgreSQL cluster, its databases, and psql sessions in them."""
from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
import time
import uuid


class BenchError(Exception):
    """The bench cannot go on; the message says why."""


def run(command: list[str], environment: dict[str, str], stdin: str | None = None) -> str:
    done = subprocess.run(command, env=environment, input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"{os.path.basename(command[0])} failed:\n{(done.stderr or done.stdout)[-4000:]}")
    return done.stdout


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Cluster:
    """Settings hold for every run and stand in the report. Nothing of it outlives stop() but the folder."""

    def __init__(self, bindir: str, folder: pathlib.Path, settings: dict[str, str]):
        self.bindir, self.folder, self.settings = pathlib.Path(bindir), folder, settings
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        self.environment |= {"PGHOST": str(folder), "PGUSER": "postgres", "PGDATABASE": "postgres", "LC_ALL": "C.UTF-8"}

    def start(self) -> None:
        run([str(self.bindir / "initdb"), "-D", str(self.data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"],
            self.environment)
        ours = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "log_line_prefix": "%a|",
                "log_lock_waits": "on", "shared_preload_libraries": "pgmigrate"}
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.writelines(f"{name} = {literal(value)}\n" for name, value in (ours | self.settings).items())
        # Not run(): the server keeps the pipes of its starter open.
        started = subprocess.run([self.bindir / "pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", "120", "start"],
                                 env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, check=False)
        if started.returncode != 0:
            raise BenchError(f"the server did not start:\n{self.log.read_text(errors='replace')[-4000:]}")

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            subprocess.run([self.bindir / "pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop"],
                           env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)

    def postmaster(self) -> int:
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def database(self, name: str) -> Database:
        return Database(self, name)

    def has_setting(self, name: str) -> bool:
        # In a session that has loaded the library: the names are its own.
        return self.database("postgres").value(f"SELECT count(*) FROM pg_settings WHERE name = {literal(name)}") == "1"

    @contextlib.contextmanager
    def with_settings(self, settings: dict[str, str]):
        """In postgresql.auto.conf, so that background workers see them too."""
        database = self.database("postgres")
        for name, value in settings.items():
            if not self.has_setting(name):
                raise BenchError(f"this build has no setting {name}")
            database.execute(f"ALTER SYSTEM SET {name} = {literal(value)}")
        try:
            self._reload(settings)
            yield
        finally:
            for name in settings:
                database.execute(f"ALTER SYSTEM RESET {name}")
            self._reload({})

    def _reload(self, wanted: dict[str, str]) -> None:
        """Returns when new processes start with the wanted values: the postmaster has read the files by then."""
        database = self.database("postgres")
        before = database.value("SELECT pg_conf_load_time()")
        database.execute("SELECT pg_reload_conf()")
        deadline = time.monotonic() + 60
        while database.value("SELECT pg_conf_load_time()") == before:
            if time.monotonic() > deadline:
                raise BenchError("the server does not reload its settings")
            time.sleep(0.02)
        for name, value in wanted.items():
            if database.value(f"SELECT setting = {literal(value)} OR current_setting(name) = {literal(value)}"
                              f" FROM pg_settings WHERE name = {literal(name)}") != "t":
                raise BenchError(f"setting {name} did not become {value}")

    def names_of_databases(self) -> list[str]:
        return self.database("postgres").value("SELECT string_agg(datname, ' ') FROM pg_database").split()


class Database:
    def __init__(self, cluster: Cluster, name: str):
        self.cluster, self.name = cluster, name
        self.environment = cluster.environment | {"PGDATABASE": name}

    def _psql(self) -> list[str]:
        return [str(self.cluster.bindir / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose"]

    def execute(self, *statements: str) -> None:
        """Each statement is a transaction of its own; a script may hold psql's commands."""
        run(self._psql(), self.environment, "\n".join(f"{statement.rstrip(';')}\n;" for statement in statements))

    def value(self, query: str) -> str:
        return run([*self._psql(), "-c", query], self.environment).rstrip("\n")

    def number(self, query: str) -> float:
        return float(self.value(query))

    def seconds_of(self, statement: str) -> float:
        """How long a statement took, by the server's clock, without the time to connect."""
        now = "SELECT extract(epoch FROM clock_timestamp())"
        lines = run(self._psql(), self.environment, f"{now};\n{statement}\n;\n{now};\n").splitlines()
        return float(lines[-1]) - float(lines[0])

    def run_script(self, script: str) -> None:
        run(self._psql(), self.environment, script)

    def command(self, program: str, *arguments: str) -> str:
        return run([str(self.cluster.bindir / program), *arguments], self.environment)

    def session(self) -> Session:
        return Session(self._psql(), self.environment)


class Session:
    """A psql that stays connected. Between two queries it holds no snapshot, unless a transaction was begun."""

    def __init__(self, command: list[str], environment: dict[str, str]):
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)

    def query(self, statement: str) -> list[str]:
        marker = uuid.uuid4().hex
        try:
            self.process.stdin.write(f"{statement.rstrip(';')}\n;\n\\echo {marker}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # what psql said before it ended follows
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == marker:
                return lines
            lines.append(line.rstrip("\n"))
        raise BenchError("psql failed:\n" + "\n".join(lines))

    def value(self, query: str) -> str:
        return "\n".join(self.query(query))

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_) -> None:
        self.close()
