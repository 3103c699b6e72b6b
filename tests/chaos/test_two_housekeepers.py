"""Two housekeepers that both believe to hold every duty, at the same moment, on both databases.

It is what a housekeeper does that was frozen past its lease and wakes: it runs what it believes to hold once more.
Each duty is guarded by its own rows, so that both together do what one would.
"""

import threading
from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories import a_message, an_attempt
from tests.services.delivery.test_draining import expire_lease
from tests.support.scripted import Post
from webapp import duties
from webapp.channels.base import Outgoing, Sighting
from webapp.database import later, now, writing
from webapp.duties.keeper import Keeper
from webapp.extensions import db
from webapp.models import Attempt, AttemptOutcome, ChannelName, DutyLease, Event, FallbackOrder, Message, MessageStatus
from webapp.services.housekeeping import leases

ROWS = 6  # Of each kind: a duty takes at most 20 in one turn.
KEPT = ("end_leases", "expire", "fall_back", "look_up", "ask_for_receipts")
pytestmark = pytest.mark.both_databases


def _dead(number: int) -> int:
    """An SMS whose worker died with it in hand."""
    message = a_message()
    an_attempt(message, outcome=None, provider_id=None, token=f"dead{number}")
    message.status = MessageStatus.SENDING
    db.session.commit()
    expire_lease(message)
    return message.id


def _lost(number: int) -> int:
    """An SMS whose answer was lost, looked for once without a trace."""
    message = a_message(status=MessageStatus.UNCERTAIN, error_code="unknown")
    facts = {"outcome": AttemptOutcome.UNKNOWN, "provider_id": None, "next_look_at": now()}
    an_attempt(message, token=f"lost{number}", looks=1, good_looks=1, **facts)
    return message.id


def _cut(number: int) -> int:
    """An e-mail whose line was cut after its body."""
    message = a_message(channel=ChannelName.EMAIL, status=MessageStatus.UNCERTAIN, error_code="unknown")
    facts = {"outcome": AttemptOutcome.UNKNOWN, "provider_id": None, "next_look_at": now()}
    an_attempt(message, token=f"cut{number}", body_begun=True, **facts)
    return message.id


def _unreceipted(number: int) -> int:
    """An SMS that was taken, of which no receipt came."""
    message = a_message(status=MessageStatus.SENT)
    an_attempt(message, token=f"sent{number}", provider_id=f"SM{number}", next_ask_at=now())
    return message.id


def _stale(number: int) -> int:
    """An SMS that waited past its time."""
    return a_message(expires_at=later(-number - 1)).id


def _unreached(_number: int) -> int:
    """A WhatsApp message that failed, for which an SMS stands in."""
    with writing():
        order = FallbackOrder(event=Event.BOOKING_CONFIRMED, channels=["whatsapp", "sms"], by="Aisha Bello")
        db.session.merge(order)
    return a_message(channel=ChannelName.WHATSAPP, status=MessageStatus.FAILED, error_code="63003", falls_back=True).id


def both(app: Flask) -> list[BaseException]:
    """Let a frozen housekeeper and the one that took its duties over work at once; what went wrong."""
    own = [duty for duty in duties.ALL if duty.name in KEPT]
    leases.ensure([duty.name for duty in own])
    keepers = [Keeper(own, "frozen@one"), Keeper(own, "awake@two")]
    for keeper in keepers:  # The first one's leases end in the database, and it does not know: both believe.
        keeper._renew()
        _end_all_leases()
    assert [sorted(keeper._held) for keeper in keepers] == [sorted(KEPT)] * 2
    start, trouble = threading.Barrier(2), []

    def work(keeper: Keeper) -> None:
        with app.app_context():
            start.wait(30)
            try:
                keeper.turn()
            except BaseException as error:  # noqa: BLE001 - the test's own thread looks at it
                trouble.append(error)
            trouble.extend(RuntimeError(text) for text in keeper._to_report.values() if text)

    threads = [threading.Thread(target=work, args=(keeper,), daemon=True) for keeper in keepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return trouble


def _end_all_leases() -> None:
    db.session.execute(update(DutyLease).values(until=later(-1)))
    db.session.commit()


@pytest.mark.proves(
    "Two housekeepers hold every duty at once, and work at the same moment",
    "each attempt is looked for and asked about once, each message moves once and uses one try, and one message "
    "stands in for each that could not reach its guest",
)
def test_what_two_housekeepers_do_at_once_is_done_once(app: Flask, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each attempt is looked for once and asked about once, each message moves once and uses one try."""
    looked, asked = _counted(post, monkeypatch)
    made = {
        make: [make(number) for number in range(ROWS)]
        for make in (_dead, _lost, _cut, _unreceipted, _stale, _unreached)
    }
    db.session.remove()

    assert both(app) == []

    assert set(looked.values()) <= {1} and {f"lost{number}" for number in range(ROWS)} <= set(looked)
    assert asked == Counter(f"SM{number}" for number in range(ROWS))
    ends = {make: {_end(message_id) for message_id in ids} for make, ids in made.items()}
    assert ends[_dead] == {("uncertain", 0)}
    assert ends[_lost] == {("waiting", 1)}
    assert ends[_cut] == {("waiting", 1)}
    assert ends[_unreceipted] == {("delivered", 0)}
    assert ends[_stale] == ends[_unreached] == {("failed", 0)}
    stood_in = db.session.scalars(select(Message.fallback_of_id).where(Message.fallback_of_id.is_not(None)))
    assert sorted(stood_in) == made[_unreached]
    assert db.session.query(Attempt).count() == 4 * ROWS


def _counted(post: Post, monkeypatch: pytest.MonkeyPatch) -> tuple[Counter[str], Counter[str]]:
    """Count the looks by token and the questions by id; nothing is found, and everything asked about is delivered."""
    looked: Counter[str] = Counter()
    asked: Counter[str] = Counter()

    def find(outgoing: Outgoing) -> list[Sighting]:
        looked[outgoing.token] += 1
        return []

    def ask(provider_id: str) -> Sighting:
        asked[provider_id] += 1
        return Sighting(provider_id, "delivered")

    monkeypatch.setattr(post.sms, "find", find)
    monkeypatch.setattr(post.sms, "ask", ask)
    return looked, asked


def _end(message_id: int) -> tuple[str, int]:
    message = db.session.get_one(Message, message_id)
    return message.status.value, message.tries_used
