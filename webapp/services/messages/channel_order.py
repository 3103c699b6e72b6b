"""In which order channels are tried where a guest cannot be reached: one order an event, set by admins.

An event without an order tells its guest on every agreed channel at once, as always. One with an order tells on its
first channel that can be used; the later ones wait until that fails (`fallback`). Agreed channels that are not in
the order are told at once beside it: an order of WhatsApp and SMS leaves the e-mail as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from webapp import words
from webapp.database import now, writing
from webapp.errors import Invalid, NotFound, Outrun
from webapp.extensions import db
from webapp.models import Action, ChannelName, Event, FallbackOrder
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.guests.reach import Reach

# A test goes to the one channel that it tests.
EVENTS = tuple(event for event in Event if event is not Event.TEST)
_row = FallbackOrder.__table__.c
_LOOK = select(_row.channels).where(_row.event == bindparam("event"))


@dataclass(frozen=True)
class Shown:
    """One event's order as its page shows it."""

    event: Event
    channels: list[ChannelName]
    by: str = ""
    at: datetime | None = None


def of(event: Event) -> list[ChannelName]:
    """The event's order; empty where it has none. One look by the key: it runs inside a clerk's click."""
    return [ChannelName(name) for name in db.session.scalar(_LOOK, {"event": event}) or ()]


def every() -> dict[Event, list[ChannelName]]:
    """The orders that are set, by event."""
    return {row.event: _channels(row) for row in rows().values()}


def shown() -> list[Shown]:
    """Each event that can have an order, with the one that it has."""
    set_ones = rows()
    return [
        Shown(event, _channels(row), row.by, row.at) if (row := set_ones.get(event)) else Shown(event, [])
        for event in EVENTS
    ]


def rows() -> dict[Event, FallbackOrder]:
    """The same with who set them, and when."""
    return {row.event: row for row in db.session.scalars(select(FallbackOrder))}


def _channels(row: FallbackOrder | None) -> list[ChannelName]:
    return [ChannelName(name) for name in row.channels] if row else []


def first_channels(order: Sequence[ChannelName], reaches: Sequence[Reach]) -> tuple[list[Reach], ChannelName | None]:
    """Returns the channels that get a message at once, and the one of them that others stand in for.

    Where no channel of the order can be used, all are kept, so that each says why it cannot.
    """
    agreed = [reach for reach in reaches if reach.gets_message]
    usable = {reach.channel for reach in agreed if reach.is_open}
    steps = [channel for channel in order if channel in usable]
    if not steps:
        return agreed, None
    at_once = [reach for reach in agreed if reach.channel is steps[0] or reach.channel not in order]
    return at_once, steps[0] if len(steps) > 1 else None


def preview(order: Sequence[ChannelName], reaches: Sequence[Reach]) -> list[ChannelName]:
    """Returns the channels on which a guest would be told at once."""
    return [reach.channel for reach in first_channels(order, reaches)[0] if reach.is_open]


def put(event_name: str, names: Sequence[str], *, seen: str, by: Actor) -> str:
    """Set an event's order, or end it where no channel is named; how it is then, in words.

    `seen` is the order that the person started from, as `key` writes it.

    Raises:
        NotFound: there is no such event, or it has no order.
        Invalid: the channels make no order.
        Outrun: somebody changed it since.
    """
    event = _event(event_name)
    wanted = _read(names)
    try:
        with writing():
            _put(event, wanted, seen, by)
    except IntegrityError as twice:  # Two first orders at once.
        raise _outrun(event, rows().get(event)) from twice
    return said(wanted)


def _event(name: str) -> Event:
    if name not in EVENTS:
        raise NotFound("There is no such event.")
    return Event(name)


def _read(names: Sequence[str]) -> list[ChannelName]:
    named = [name for name in names if name]
    if any(name not in set(ChannelName) for name in named):
        raise Invalid("Choose channels of the list.")
    wanted = [ChannelName(name) for name in named]
    if len(set(wanted)) < len(wanted):
        raise Invalid("Choose each channel once: a channel cannot stand in for itself.")
    if len(wanted) == 1:
        raise Invalid("Choose a second channel, or none at all: one alone has nothing that stands in for it.")
    return wanted


def _put(event: Event, wanted: list[ChannelName], seen: str, by: Actor) -> None:
    order = db.session.scalar(select(FallbackOrder).where(FallbackOrder.event == event).with_for_update())
    before = _channels(order)
    if before == wanted:
        return  # As after a double click.
    if key(before) != seen:
        raise _outrun(event, order)
    if not wanted:
        db.session.delete(order)
    elif order is None:
        db.session.add(FallbackOrder(event=event, channels=[str(channel) for channel in wanted], by=by.name))
    else:
        order.channels, order.by, order.at = [str(channel) for channel in wanted], by.name, now()
    db.session.flush()
    audit.record(Action.FALLBACK_CHANGED, by=by, event=event, order=[said(before), said(wanted)])


def _outrun(event: Event, order: FallbackOrder | None) -> Outrun:
    now_is = said(_channels(order))
    who = order.by if order else "Somebody"
    label = words.EVENT[event].label
    return Outrun(f"{who} changed “{label}” while you looked: it is now “{now_is}”. Yours is not saved.")


def key(order: Sequence[str]) -> str:
    """An order as a form carries it."""
    return ",".join(order)


def said(order: Sequence[str]) -> str:
    """An order in words."""
    return ", then ".join(words.CHANNEL[channel].label for channel in order) or "All channels at once"
