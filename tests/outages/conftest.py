"""Two desks for the matrix: one on PostgreSQL, and one on SQLite whose disk can be filled."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.outages.desk import Desk, postgresql_desk
from tests.outages.record import Record
from tests.support.servers import Postgres

SMALL = "24m"


def pytest_configure(config: pytest.Config) -> None:
    config.stash[Record.KEY] = Record(config)
    config.pluginmanager.register(config.stash[Record.KEY])


@pytest.fixture
def note(pytestconfig: pytest.Config) -> Callable[..., None]:
    """Keep what a fault was answered, for the page."""
    return pytestconfig.stash[Record.KEY].note


@pytest.fixture(autouse=True)
def bells() -> None:
    """Nothing stands in for the broker here."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Desk]:
    with postgresql_desk(tmp_path_factory.mktemp("desk"), postgres) as started:
        yield started


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes. Mounting one needs root: elsewhere the test says so."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(disk)]
    done = subprocess.run(command, capture_output=True, text=True, check=False) if shutil.which("mount") else None
    if done is None or done.returncode:
        pytest.skip(f"MISSING: the right to mount a small disk ({done.stderr.strip() if done else 'no mount'})")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture
def full_desk(tmp_path: Path, small_disk: Path) -> Iterator[Desk]:
    (tmp_path / "desk").mkdir()
    with Desk(tmp_path / "desk", f"sqlite:///{small_disk}/bellhop.db") as started:
        yield started


@pytest.fixture
def fill(small_disk: Path) -> Callable[[], None]:
    """Fill the disk to its last byte; SQLite's log is emptied first, for it has room of its own."""

    def fill() -> None:
        with sqlite3.connect(small_disk / "bellhop.db", timeout=30) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as filler:
            while filler.write(b"x" * 4096):
                pass

    return fill
