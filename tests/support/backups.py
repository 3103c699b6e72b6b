"""Backups as an operator makes them and puts them back: SQLite's own copy, and PostgreSQL's dump."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg

from tests.support.servers import Postgres


class SqliteBackup:
    """A copy of one file."""

    def __init__(self, file: Path) -> None:
        self.file, self.kept = file, file.with_name("backup.db")

    def make(self) -> None:
        """Copy it while it is at work (`.backup`)."""
        self._copy(self.file, self.kept)

    def put_back(self) -> None:
        """Put the copy in the file's place; nobody may be at work."""
        for name in ("-wal", "-shm"):
            self.file.with_name(self.file.name + name).unlink(missing_ok=True)
        self.file.unlink()
        self._copy(self.kept, self.file)

    def put_back_at_work(self) -> None:
        """Write the copy over the file while others have it open (`.restore`)."""
        self._copy(self.kept, self.file)

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        with closing(sqlite3.connect(source, timeout=30)) as old, closing(sqlite3.connect(target, timeout=30)) as new:
            old.backup(new)


class PostgresBackup:
    """A dump of one database."""

    def __init__(self, server: Postgres, name: str, folder: Path) -> None:
        self._server, self._name, self.kept = server, name, folder / "backup.dump"

    def make(self) -> None:
        """Dump it while it is at work."""
        self._run("pg_dump", "--format=custom", f"--file={self.kept}", "--dbname", self._server.dsn(self._name))

    def put_back(self) -> None:
        """Drop the database, make it anew, and load the dump."""
        self._server.create_database(self._name)
        self._run("pg_restore", "--no-owner", "--dbname", self._server.dsn(self._name), str(self.kept))

    def put_back_at_work(self) -> None:
        """Load the rows of the dump over those that are there, in one transaction, while others are connected."""
        with psycopg.connect(self._server.dsn(self._name)) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            names = ", ".join(f'"{name}"' for (name,) in tables)
            rows = self._run("pg_restore", "--data-only", "--file=-", str(self.kept))
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(f"TRUNCATE {names}".encode())
            _load(connection, rows)

    def _run(self, program: str, *words: str) -> str:
        path = self._server.program(program)
        done = subprocess.run([path, *words], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def _load(connection: psycopg.Connection, rows: str) -> None:
    """Run what `pg_restore --data-only` wrote: COPY statements with their lines, up to the mark of their end."""
    lines = iter(rows.splitlines(keepends=True))
    for line in lines:
        if not line.startswith("COPY "):
            continue
        with connection.cursor() as cursor, cursor.copy(line.rstrip().rstrip(";").encode()) as copy:
            for row in lines:
                if row.rstrip("\n") == "\\.":
                    break
                copy.write(row)
