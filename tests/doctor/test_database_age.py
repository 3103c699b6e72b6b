"""Doctor compares the database with the marks beside it, whether or not a process has noticed yet."""

import pytest
from sqlalchemy import update

from tests.doctor.test_doctor import says
from webapp.database import now, writing
from webapp.doctor import house
from webapp.doctor.base import Verdict
from webapp.extensions import db
from webapp.models import DatabaseMark
from webapp.services.restores import guard, marks
from webapp.services.restores.guard import Grow

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def worked(times: int) -> None:
    for _ in range(times):
        guard.look(Grow.NOW)


def changed(**values: object) -> None:
    with writing():
        db.session.execute(update(DatabaseMark).values(values))


def test_it_fails_until_somebody_has_looked() -> None:
    worked(1)
    changed(held_at=now(), lost_at=now())

    assert says(house.age(), Verdict.FAIL, "was in use until", "/queue/restored")


def test_it_fails_before_any_process_has_noticed() -> None:
    worked(3)
    changed(epoch=1)

    assert says(house.age(), Verdict.FAIL, "older than what this desk has already sent", "/queue/restored")


def test_it_warns_where_no_file_can_be_written() -> None:
    marks.path().mkdir()
    worked(1)

    assert says(house.age(), Verdict.WARN, marks.FILE, "DATA_DIR")


def test_it_is_content_where_the_marks_fit_and_where_nobody_has_worked_yet() -> None:
    assert house.age().verdict is Verdict.OK
    worked(2)

    assert house.age().verdict is Verdict.OK
