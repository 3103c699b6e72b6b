"""Each statement and commit of a message's way fails once, or its worker dies there: the guest still gets it once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories import a_booking, a_message
from tests.faults import totals
from tests.faults.breaking import Break, Died, When
from tests.faults.provider import Honest, Way, honest
from webapp.database import later, writing
from webapp.extensions import db
from webapp.faults import TROUBLE
from webapp.models import Attempt, BookingStatus, ChannelName, ChannelState, Message, MessageStatus
from webapp.services import delivery
from webapp.services.delivery import draining, lookups
from webapp.services.delivery.worker_slots import in_hand

SMS, EMAIL = ChannelName.SMS, ChannelName.EMAIL
ROUNDS = 8
SENT, REFUSED, PERHAPS = "sent", "failed 21211", "failed may_have_arrived"
Ended = tuple[int, str]  # How often the guest has it, and where it stands.
WAYS = [(channel, way) for way in Way for channel in (SMS, EMAIL)]
# A busy server, and one that refuses, are the same to both channels.
DROPS = [(SMS, way) for way in Way] + [(EMAIL, Way.TAKES), (EMAIL, Way.SILENT)]


@pytest.fixture
def provider(app: Flask) -> Iterator[dict[ChannelName, Honest]]:
    """Honest providers, and no pauses between the tries to write an outcome."""
    made = honest()
    app.extensions["channels"] = made.channels()
    draining._pause.set()
    yield {channel.name: channel for channel in made.all()}  # type: ignore[misc]
    draining._pause.clear()


@pytest.mark.parametrize(("channel", "way"), DROPS)
def test_a_guest_gets_a_message_once_wherever_the_connection_drops(
    provider: dict[ChannelName, Honest], channel: ChannelName, way: Way
) -> None:
    check_drops(provider, channel, way)


@pytest.mark.both_databases
@pytest.mark.parametrize(("channel", "way"), [(SMS, Way.SILENT)])
def test_so_does_one_whose_rows_are_locked_one_by_one(
    provider: dict[ChannelName, Honest], channel: ChannelName, way: Way
) -> None:
    """PostgreSQL locks rows where SQLite locks all: the way that passes each step."""
    check_drops(provider, channel, way)


def check_drops(provider: dict[ChannelName, Honest], channel: ChannelName, way: Way) -> None:
    """Whatever fails, it must end as if nothing had."""
    found, usual = lives(provider[channel], way, tuple(When), is_death=False)

    assert {place: ended for place, ended in found.items() if ended != usual} == {}


@pytest.mark.both_databases
@pytest.mark.parametrize(("channel", "way"), WAYS)
def test_a_guest_gets_a_message_once_wherever_its_worker_dies(
    provider: dict[ChannelName, Honest], channel: ChannelName, way: Way
) -> None:
    """At each commit and after it: within a transaction all places are one, since it is undone, and nothing is sent.

    Mail servers show no list of what they took. So an e-mail whose worker died goes out once more, under the same
    Message-ID; one that its server had broken off as well is left to a person.
    """
    found, usual = lives(provider[channel], way, (When.COMMIT, When.ANSWER), is_death=True)

    fine = {usual} | ({(2, SENT), (0, PERHAPS), (1, PERHAPS), (2, PERHAPS)} if channel is EMAIL else set())
    assert {place: ended for place, ended in found.items() if ended not in fine} == {}


def lives(provider: Honest, way: Way, whens: tuple[When, ...], *, is_death: bool) -> tuple[dict[str, Ended], Ended]:
    """How a message ends for each place that fails, and where none does."""
    undisturbed = Break(When.STATEMENT, 0)
    usual = life(provider, way, undisturbed)
    found = {
        f"{when} {number}": life(provider, way, Break(when, number, is_death=is_death))
        for when in whens
        for number in range(1, undisturbed.seen[when] + 1)
    }
    kind = "A worker that dies" if is_death else "A worker whose connection drops"
    wrong = sum(many > 2 for many, _ in found.values())
    totals.add(kind, f"{provider.name} {way}", places=len(found), false=0, double=wrong)
    assert usual[0] == expected(provider.name, way)
    return found, usual


def expected(channel: ChannelName, way: Way) -> int:
    """How often the guest has it where nothing else fails."""
    return {Way.REFUSES: 0, Way.SILENT: 2 if channel is EMAIL else 1}.get(way, 1)


def life(provider: Honest, way: Way, cut: Break) -> Ended:
    """One message from its being due to its end, with all that goes on by itself."""
    message = a_message(a_booking(BookingStatus.CONFIRMED), channel=provider.name)
    message_id, guest_id, to = message.id, message.guest_id, message.to
    provider.way = way
    for _ in range(ROUNDS):
        step(cut, lambda: delivery.drain(guest_id))
        time_passes()
        step(cut, lookups.end_leases)
        step(cut, lookups.look_up_due)
        if state(message_id) in (SENT, PERHAPS, REFUSED):
            break
        time_passes()
    return sum(one.to == to for one in provider.taken), state(message_id)


def step(cut: Break, work: Callable[[], Any]) -> None:
    """Do one thing as a worker does: what fails is logged, and the next turn comes; after a death, of another one."""
    try:
        with cut.applied():
            work()
    except TROUBLE:
        pass
    except Died:
        in_hand.reset()
    db.session.remove()


def time_passes() -> None:
    """Whatever waits for a moment may go on now."""
    with writing():
        sending = Message.status == MessageStatus.SENDING
        db.session.execute(update(Message).where(sending).values(lease_until=later(-1)))
        db.session.execute(update(Message).where(Message.status == MessageStatus.WAITING).values(due_at=later(-1)))
        db.session.execute(update(Attempt).where(Attempt.next_look_at.is_not(None)).values(next_look_at=later(-1)))
        paused = ChannelState.paused_until.is_not(None)
        db.session.execute(update(ChannelState).where(paused).values(paused_until=later(-1)))


def state(message_id: int) -> str:
    """Where it stands, and why."""
    db.session.rollback()
    row = db.session.execute(select(Message.status, Message.error_code).where(Message.id == message_id)).one()
    return f"{row.status} {row.error_code}".strip()
