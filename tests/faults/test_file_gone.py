"""The database's file is removed or replaced while Bellhop runs: nothing more is taken, and everybody is told."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import Browser
from tests.factories import a_booking
from webapp.extensions import db

SAID = "The file of the database is gone"


def remove(file: Path) -> None:
    file.unlink()


def replace(file: Path) -> None:
    shutil.copy(file, file.with_suffix(".copy"))
    file.with_suffix(".copy").replace(file)


def empty(file: Path) -> None:
    file.unlink()
    file.touch()


def rename_folder(file: Path) -> None:
    file.parent.rename(file.parent.with_name(f"{file.parent.name}-moved"))


HARMS = (remove, replace, empty, rename_folder)


@pytest.fixture
def file(app: Flask, tmp_path: Path) -> Path:
    return Path(str(db.engine.url.database))


@pytest.mark.parametrize("harm", HARMS)
def test_an_act_is_refused_in_words(front_desk: Browser, file: Path, harm: Any) -> None:
    booking = a_booking()
    url, version = f"/bookings/{booking.reference}/confirmation", booking.version
    front_desk.get("/bookings")
    db.session.remove()
    harm(file)

    answer = front_desk.post(url, data={"version": version, "csrf_token": front_desk.csrf_token})

    assert answer.status_code == 503 and SAID in answer.text and "Nothing was changed" in answer.text


@pytest.mark.parametrize("harm", HARMS)
def test_readyz_and_every_page_say_so_and_no_new_file_is_made(front_desk: Browser, file: Path, harm: Any) -> None:
    front_desk.get("/bookings")
    db.session.remove()
    harm(file)
    there = file.exists()

    ready, page = front_desk.get("/readyz"), front_desk.get("/bookings")

    assert (ready.status_code, ready.json["status"]) == (503, "file of the database is gone")
    assert page.status_code == 503 and SAID in page.text and file.exists() == there


def test_a_file_that_is_written_to_and_vacuumed_is_the_same(front_desk: Browser) -> None:
    a_booking()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("BEGIN")

    assert front_desk.get("/readyz").status_code == 200
