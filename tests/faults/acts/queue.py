"""Acts on channels, on their order, and on the whole queue."""

from sqlalchemy import delete, update

from tests.factories import a_message
from tests.faults.acts.base import ROSA, Post, Scenario, key, numbers
from webapp.database import now, writing
from webapp.extensions import db
from webapp.models import (
    Action,
    Audit,
    ChannelName,
    ChannelState,
    DatabaseMark,
    FallbackOrder,
    Message,
    MessageStatus,
    WorkerRow,
)
from webapp.services.delivery import channel_gate
from webapp.services.queue import acts as queue_acts
from webapp.services.restores import guard
from webapp.services.restores.guard import Grow


def _open() -> None:
    with writing():
        db.session.execute(update(ChannelState).values(channel_gate.OPEN))


def _pause(url: str) -> Scenario:
    def made() -> Post:
        _open()
        return Post(url, {"why": "Storm"})

    return made


def _resume() -> Post:
    _open()
    channel_gate.pause(ChannelName.SMS, why="Storm", by=ROSA)
    return Post("/channels/sms/resumption")


def _resume_all() -> Post:
    _open()
    queue_acts.pause_all(why="Storm", by=ROSA)
    return Post("/queue/resumption")


def _ring() -> Post:
    a_message()
    return Post("/queue/bells")


def _test_message() -> Post:
    return Post("/queue/tests", {"channel": "sms", "to": f"+1415552{next(numbers):04d}"} | key())


def _stop() -> Post:
    name = f"worker-{next(numbers)}@desk"
    with writing():
        db.session.add(WorkerRow(name=name, pool="threads", concurrency=16))
    return Post(f"/queue/workers/{name}/stop")


def _undecided(noun: str) -> Post:
    with writing():
        db.session.execute(delete(FallbackOrder))
        decided = update(Audit).where(Audit.action == Action.FALLBACK_CHANGED)
        db.session.execute(decided.values(action=Action.MESSAGES_EXPORTED))
    return Post(f"/admin/fallbacks/{noun}", {})


def _fallback() -> Post:
    with writing():
        db.session.execute(delete(FallbackOrder))
    return Post("/admin/fallbacks", {"event": "booking_confirmed", "step1": "sms", "step2": "email", "seen": ""})


def _older_database() -> Post:
    with writing():  # It is about all that waits, so what the scenario before left waiting is over.
        waiting = Message.status == MessageStatus.WAITING
        db.session.execute(update(Message).where(waiting).values(status=MessageStatus.SKIPPED))
    a_message()
    guard.look(Grow.NOW)
    with writing():
        lost = {"held_at": now(), "lost_epoch": DatabaseMark.epoch + 1, "lost_at": now()}
        db.session.execute(update(DatabaseMark).values(lost))
        channel_gate.hold_all("An older copy was put back")
    return Post("/queue/restored/resumption", {"choice": "close"} | key())


ACTS: dict[str, Scenario] = {
    "channels.pause": _pause("/channels/sms/pause"),
    "channels.resume": _resume,
    "queue_acts.pause": _pause("/queue/pause"),
    "queue_acts.resume": _resume_all,
    "queue_acts.ring": _ring,
    "queue_acts.drop_reply_keys": lambda: Post("/queue/reply-keys/removal"),
    "queue_acts.send_test": _test_message,
    "queue_workers.stop": _stop,
    "fallbacks.put": _fallback,
    "fallbacks.accept": lambda: _undecided("acceptance"),
    "fallbacks.keep": lambda: _undecided("refusal"),
    "restores.go_on": _older_database,
}
