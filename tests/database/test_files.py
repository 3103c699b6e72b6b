"""What is a guest's is read by nobody else on the machine, however the file came about."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT, environment
from webapp.database import sqlite


def modes(folder: Path) -> dict[str, int]:
    """The rights of the database's files."""
    return {path.name: path.stat().st_mode & 0o777 for path in folder.glob("bellhop.db*")}


def test_a_command_under_a_usual_umask_makes_a_folder_and_a_database_of_its_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]

    subprocess.run(command, env=environment(data_dir=data), cwd=ROOT, umask=0o022, check=True, capture_output=True)

    assert data.stat().st_mode & 0o777 == 0o700
    assert set(modes(data).values()) == {0o600}


@pytest.mark.parametrize("before", [0o644, 0o664, 0o666, 0o640])
def test_a_file_that_others_may_read_is_closed_to_them_with_what_lies_beside_it(tmp_path: Path, before: int) -> None:
    file = tmp_path / "bellhop.db"
    writer = sqlite3.connect(file)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE t (a)")
    for path in tmp_path.iterdir():
        path.chmod(before)

    sqlite.keep_private(file)

    assert modes(tmp_path) == dict.fromkeys(("bellhop.db", "bellhop.db-wal", "bellhop.db-shm"), 0o600)
    writer.close()


def test_a_file_that_is_made_under_the_laxest_umask_is_its_owners(tmp_path: Path) -> None:
    usual = os.umask(0)
    try:
        sqlite.keep_private(tmp_path / "bellhop.db")
    finally:
        os.umask(usual)

    assert modes(tmp_path) == {"bellhop.db": 0o600}


@pytest.mark.parametrize("name", ["", ":memory:", "no/such/folder/bellhop.db"])
def test_what_is_no_file_or_cannot_be_made_is_left_to_sqlite(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    sqlite.keep_private(Path(name))

    assert list(tmp_path.iterdir()) == []
