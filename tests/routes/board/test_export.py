"""The delivery board as a file."""

import csv
import io

import pytest

from tests.conftest import Browser
from tests.factories import a_booking, a_message
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Action, Audit, BookingStatus, ChannelName, Message, MessageStatus
from webapp.services.audit import BELLHOP
from webapp.services.board import export as board_export
from webapp.services.board import index_walk
from webapp.services.board.filters import Filters

both = pytest.mark.both_databases


def rows_of(answer: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.decode("utf-8-sig"), newline="")))


@both
def test_the_file_has_what_the_list_shows_and_no_more(manager: Browser) -> None:
    message = a_message(status=MessageStatus.FAILED, error_code="30005", segments=2)
    a_message(status=MessageStatus.FAILED, channel=ChannelName.EMAIL)
    a_message()

    answer = manager.act("/messages/export?status=failed&channel=sms", htmx=False)
    (row,) = rows_of(answer.data)

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert (row["Message"], row["Reference"], row["Channel"]) == (str(message.id), message.reference, "SMS")
    assert (row["Status"], row["Code"], row["Parts"]) == ("Not delivered", "30005", "2")
    assert row["To"] == message.to and row["Due on"] and row["Time zone"] == "UTC"
    assert row["Reason"]


@both
@pytest.mark.usefixtures("app")
def test_rows_that_change_meanwhile_neither_repeat_nor_break_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_export, "BATCH", 2)
    monkeypatch.setattr(index_walk, "LOOK", 3)
    ids = [a_message(status=MessageStatus.WAITING).id for _ in range(9)]
    pieces = board_export.export(Filters(status=MessageStatus.WAITING), by=BELLHOP)
    read = [next(pieces), next(pieces)]  # The heading, and the first two.

    a_message()
    with writing():
        for number in (ids[8], ids[4]):  # One that was given already, and one that was not.
            db.session.get_one(Message, number).status = MessageStatus.SENT
    read += pieces

    found = [int(row["Message"]) for row in rows_of(b"".join(read))]
    assert found == [number for number in ids[::-1] if number != ids[4]]


@pytest.mark.usefixtures("app")
def test_no_read_is_held_open_while_somebody_downloads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_export, "BATCH", 1)
    for _ in range(3):
        a_message()
    pieces = board_export.export(Filters(), by=BELLHOP)

    for _ in pieces:
        assert not db.session().in_transaction()


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1", "@SUM(A1)", "-2"])
def test_what_looks_like_a_formula_is_text(manager: Browser, name: str) -> None:
    a_message(a_booking(BookingStatus.CONFIRMED, name=name))

    (row,) = rows_of(manager.act("/messages/export", htmx=False).data)

    assert row["Name"] == f"'{name}"


def test_a_name_in_another_script_and_a_note_of_two_lines_stay_whole(manager: Browser) -> None:
    message = a_message(a_booking(BookingStatus.CONFIRMED, name="محمد الفارسي"), status=MessageStatus.FAILED)
    with writing():
        db.session.get_one(Message, message.id).resolved_note = 'Called.\nSaid "yes", twice.'

    (row,) = rows_of(manager.act("/messages/export", htmx=False).data)

    assert (row["Name"], row["Note"]) == ("محمد الفارسي", 'Called.\nSaid "yes", twice.')


def test_filters_that_fit_nothing_give_a_heading_alone(manager: Browser) -> None:
    a_message()

    answer = manager.act("/messages/export?from=soon&q=zzz", htmx=False)

    assert answer.data.decode("utf-8-sig").strip() == ",".join(board_export.HEADER)


def test_who_took_what_is_written_down_each_time(manager: Browser) -> None:
    for _ in range(2):
        manager.act("/messages/export?status=failed&from=2026-11-20", htmx=False)

    db.session.rollback()
    first, again = db.session.query(Audit).filter_by(action=Action.MESSAGES_EXPORTED).all()

    assert first.actor == again.actor == "Rosa Silva"
    assert first.detail == {"filters": {"status": "failed", "from": "2026-11-20"}}


def test_only_a_manager_takes_it(front_desk: Browser, manager: Browser) -> None:
    assert front_desk.act("/messages/export").status_code == 403
    assert manager.get("/messages/export").status_code == 405
    assert 'action="/messages/export?status=failed"' in manager.get("/messages?status=failed").text
