"""Debian's PgBouncer as a process, in front of the tests' PostgreSQL."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg

from tests.parts.debian import libraries, program
from tests.support.network.ports import free_port
from tests.support.processes import Process, system_environment
from tests.support.servers import Postgres


class PgBouncer(Process):
    """pgbouncer with Debian's own settings but for the address, the pooling and the login."""

    def __init__(self, server: Postgres, *, pooling: str, size: int = 8) -> None:
        """`size` is how many connections of the server all callers share."""
        self.port = free_port()
        folder = Path(tempfile.mkdtemp(prefix="bellhop-pgbouncer-"))
        folder.chmod(0o755)  # As root it becomes another user, who must be able to read its files.
        ours = {
            "listen_addr": "127.0.0.1", "listen_port": self.port, "unix_socket_dir": "", "auth_type": "any",
            "pool_mode": pooling, "default_pool_size": size, "admin_users": "postgres",
        }  # fmt: skip
        told = urlsplit(server.dsn())
        socket = parse_qs(told.query)["host"][0]
        lines = [f"* = host={socket} user={told.username}", "[pgbouncer]", *(f"{k} = {v}" for k, v in ours.items())]
        (folder / "pgbouncer.ini").write_text("\n".join(["[databases]", *lines, ""]))
        command = [program("pgbouncer", "usr/sbin/pgbouncer"), folder / "pgbouncer.ini"]
        becomes = ["--user", Path(socket).owner()] if os.geteuid() == 0 else []
        super().__init__([*command, *becomes], system_environment() | libraries("pgbouncer"), logs=folder)

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database behind it."""
        return f"postgresql://postgres:any@127.0.0.1:{self.port}/{database}"

    def is_ready(self) -> bool:
        """Whether its own console answers."""
        with suppress(psycopg.OperationalError):
            return bool(self.ask("SHOW VERSION"))
        return False

    def ask(self, command: str) -> list[Any]:
        """Type a command at its console."""
        dsn = f"postgresql://postgres:any@127.0.0.1:{self.port}/pgbouncer"
        with psycopg.connect(dsn, autocommit=True, cursor_factory=psycopg.ClientCursor) as console:
            return console.execute(command.encode()).fetchall()
