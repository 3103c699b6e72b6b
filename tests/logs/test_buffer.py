"""Warnings and errors are kept without what is a guest's, in bounded memory, and whoever logs never suffers for it."""

import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from webapp import logs
from webapp.logs import buffer, request_id
from webapp.logs.buffer import LogBuffer, LogEntry
from webapp.settings import Settings

SECRET = "+14155550123"


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[LogBuffer]:
    """A buffer in place of the process's own, with logging set up as web and worker do."""
    kept, root = LogBuffer(), logging.getLogger()
    before = list(root.handlers), root.level
    monkeypatch.setattr(logs, "BUFFER", kept)
    logs.set_up(Settings(_env_file=None, log_level="INFO"))
    yield kept
    root.handlers, root.level = before


def ours() -> Any:
    return structlog.stdlib.get_logger("webapp.services.delivery.draining")


def test_a_warning_of_ours_is_kept_with_its_ids_and_its_number(kept: LogBuffer) -> None:
    with request_id.carry_on("t-1"):
        ours().warning("A lease ended without an outcome.", message_id=42, attempt="ab12cd34")

    [line] = kept.take()
    assert (line.level, line.sentence, line.trace_id) == ("warning", "A lease ended without an outcome.", "t-1")
    assert line.detail == {"message_id": 42, "attempt": "ab12cd34"}
    assert kept.take() == []


def test_what_is_no_warning_is_not_kept(kept: LogBuffer) -> None:
    ours().info("A message was handed over.", message_id=42)

    assert kept.take() == []


def test_only_values_of_known_names_are_kept(kept: LogBuffer) -> None:
    ours().error("Odd.", to=SECRET, name="Amelia Hart", body="Dear Amelia", subject=f"for {SECRET}", code="21211")

    [line] = kept.take()
    assert line.detail == {"subject": "for …", "code": "21211"}


def test_a_bug_is_kept_by_its_kind_and_place_and_not_by_its_words(kept: LogBuffer) -> None:
    try:
        int(SECRET + "x")
    except ValueError:
        ours().exception("A channel failed by a fault of ours.", message_id=1)

    [line] = kept.take()
    assert line.detail["error"] == "ValueError" and line.detail["where"].startswith("tests/logs/test_buffer.py:")
    assert SECRET not in str(line)


def test_a_line_of_a_library_is_kept_without_what_was_filled_in(kept: LogBuffer) -> None:
    logging.getLogger("kombu.connection").error("No answer for %(who)s in %(time)0.2f s", {"who": SECRET, "time": 2.0})
    logging.getLogger("urllib3").warning(f"Retrying {SECRET} for amelia@guests.example")  # noqa: G004

    first, second = kept.take()
    assert first.sentence == "No answer for … in … s" and first.detail == {"logger": "kombu.connection"}
    assert second.sentence == "Retrying … for …"


def test_the_secret_of_a_link_is_not_kept(kept: LogBuffer) -> None:
    ours().error("A request failed.", path="/webhooks/twilio/status/0123456789abcdef0123456789abcdef")

    assert kept.take()[0].detail == {"path": "/webhooks/twilio/status/…"}


def test_of_too_many_the_oldest_are_dropped_and_counted(kept: LogBuffer) -> None:
    for number in range(buffer.MOST + 7):
        ours().warning("Again.", row=number)

    told, first, *_, last = kept.take()
    assert told.sentence.startswith("Lines were dropped") and told.detail == {"lines": 7}
    assert (first.detail["row"], last.detail["row"]) == (7, buffer.MOST + 6)


def test_what_could_not_be_written_comes_again_before_the_newer(kept: LogBuffer) -> None:
    ours().warning("First.")
    taken = kept.take()
    ours().warning("Second.")

    kept.give_back(taken)

    assert [line.sentence for line in kept.take()] == ["First.", "Second."]


def test_giving_back_stays_within_bounds(kept: LogBuffer) -> None:
    lines = [LogEntry(buffer.datetime.now(buffer.UTC), "error", str(n)) for n in range(buffer.MOST + 5)]

    kept.give_back(lines)

    assert kept.take()[0].detail == {"lines": 5}


def test_a_line_that_cannot_be_read_harms_nobody(kept: LogBuffer, capsys: pytest.CaptureFixture[str]) -> None:
    class Unreadable:
        def __str__(self) -> str:
            raise RuntimeError

    record = logging.LogRecord("webapp", logging.ERROR, "", 0, Unreadable(), None, None)
    kept.handle(record)

    assert kept.take() == [] and "Traceback" not in capsys.readouterr().err
    assert sys.exc_info() == (None, None, None)


def test_what_is_printed_in_a_worker_is_not_kept(kept: LogBuffer) -> None:
    logging.getLogger("celery.redirected").warning("Dear Amelia")

    assert kept.take() == []
