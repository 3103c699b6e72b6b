"""The words of the queue page, and which of two things it says first."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from webapp.models import ChannelName
from webapp.monitor.channels import Closed
from webapp.monitor.format import span
from webapp.monitor.notice import notice
from webapp.monitor.redis.broker import TOO_SLOW
from webapp.monitor.redis.minutes import Minute
from webapp.monitor.state import state
from webapp.monitor.view import HandOver, QueueView
from webapp.monitor.workers.view import RunningTask, WorkerView

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WORKER = WorkerView(name="w1", alive=True, seen_at=NOON, heartbeat_age=1, pool="thread", concurrency=16, active=0,
                    longest_call=0, done=0, answered=True)  # fmt: skip
WELL = QueueView(
    taken_at=NOON, snapshot_age=1, is_stale=False, broker_up=True, broker_problem="", broker_at=NOON, broker=None,
    queued=0, due_later=0, retrying=0, running=0, uncertain=0, oldest_waiting_seconds=None, clears_in_seconds=None,
    bells=0, unacked=0, tasks=(), handovers=(), workers=(WORKER,), minutes=(),
    database=None,
)  # fmt: skip
DOWN = replace(WELL, broker_up=False, broker_problem="It is away.", bells=None, is_stale=True)
DRAIN = RunningTask(id="t1", name="tasks.deliver", args="42", worker="w1", seconds=9, guest_id=42)
OTHER = RunningTask(id="t2", name="tasks.test_celery", args="", worker="w1", seconds=1)
HANDOVER = HandOver(message_id=7, guest_id=42, channel=ChannelName.SMS, reference="BK-1", has_booking=True, worker="w1",
                    attempt=1, started_at=NOON, seconds=2, is_late=False)  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0.0 s"), (1.24, "1.2 s"), (14, "14 s"), (240, "4 min"), (7300, "2 h"), (3 * 86_400, "3 days")],
)
def test_a_span_is_told_as_staff_say_it(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_a_hand_over_and_its_task_are_one_line() -> None:
    first, second = replace(WELL, tasks=(DRAIN, OTHER), handovers=(HANDOVER,)).in_hand

    assert (first.handover, first.task, first.seconds) == (HANDOVER, DRAIN, 2)
    assert (second.handover, second.task, second.worker) == (None, OTHER, "w1")


def test_a_hand_over_is_shown_where_tasks_are_unknown() -> None:
    (line,) = replace(WELL, tasks=None, handovers=(HANDOVER,)).in_hand

    assert (line.handover, line.task, line.worker) == (HANDOVER, None, "w1")


def test_all_well_needs_no_words() -> None:
    assert notice(WELL) is None


def test_redis_away_is_said_before_anything_else() -> None:
    said = notice(DOWN)

    assert said is not None
    assert (said.title, said.tone) == ("Redis does not answer.", "bad")
    assert "It is away." in said.text
    assert "No worker" not in said.text


def test_redis_and_workers_away_share_one_banner() -> None:
    said = notice(replace(DOWN, workers=()))

    assert said is not None
    assert "No worker is running either" in said.text


def test_no_worker_is_said_with_what_to_do() -> None:
    said = notice(replace(WELL, workers=(replace(WORKER, alive=False),)))

    assert said is not None
    assert said.title == "Nothing is being sent: no worker is running."
    assert "python celery_worker.py" in said.text


def test_an_old_sample_is_said_last() -> None:
    said = notice(replace(WELL, is_stale=True))

    assert said is not None
    assert said.tone == "warn"


def test_redis_that_is_silent_is_said_once() -> None:
    said = notice(replace(DOWN, broker_problem=TOO_SLOW))

    assert said is not None
    assert f"{said.title} {said.text}".count("Redis does not answer") == 1


def test_no_worker_is_said_with_what_waits() -> None:
    said = state(replace(WELL, workers=(), queued=12), ())

    assert (said.tone, said.cause) == ("bad", "no_worker") and "12 messages wait." in said.text


@pytest.mark.parametrize(
    ("sent", "oldest", "words"),
    [
        (3, 2.0, "3 messages went out in the last minute. Nothing waits longer than 2.0 s."),
        (1, None, "1 message went out in the last minute. Nothing waits."),
        (0, None, "No message was due in the last minute. Nothing waits."),
    ],
)
def test_all_well_is_said_in_figures(sent: int, oldest: float | None, words: str) -> None:
    minutes = (Minute(start=NOON, waiting=0, running=0, sent=sent, failed=0),)

    said = state(replace(WELL, minutes=minutes, oldest_waiting_seconds=oldest), ())

    assert (said.title, said.text, said.tone) == ("All is well.", words, "ok")


def test_figures_that_are_not_known_are_not_said() -> None:
    assert state(WELL, ()).text == "Nothing waits."


def test_a_queue_that_grows_says_how_long_the_oldest_has_waited() -> None:
    said = state(replace(WELL, queued=40, oldest_waiting_seconds=90, clears_in_seconds=120), ())

    assert (said.title, said.tone) == ("40 messages wait to be sent.", "warn")
    assert said.text == "The oldest has waited for 2 min. At this speed all are sent in about 2 min."


@pytest.mark.usefixtures("app")
def test_a_paused_channel_is_named_with_what_waits_and_the_act_that_mends_it() -> None:
    closed = Closed(name=ChannelName.SMS, is_by_hand=True, why="Twilio is down", since=NOON, waiting=12)

    said = state(WELL, (closed,))

    assert said.title.startswith("SMS has been paused since ") and (said.tone, said.resume) == ("warn", "sms")
    assert said.text == "“Twilio is down” 12 messages wait for it."


def test_several_paused_channels_are_resumed_together() -> None:
    closed = [
        Closed(name=name, is_by_hand=True, why="", since=NOON, waiting=1)
        for name in (ChannelName.SMS, ChannelName.WHATSAPP)
    ]

    said = state(WELL, closed)

    assert said.title == "SMS and WhatsApp are paused." and said.resume == "all"
    assert said.text == "2 messages wait for them."
