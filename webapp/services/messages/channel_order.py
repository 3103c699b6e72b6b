"""In which order channels are tried if a guest cannot be reached: one order an event, set by admins.

An event without an order tells its guest on every agreed channel at once. One with an order tells on its first channel
that can be used; the later ones wait until that fails (`fallback`). Agreed channels that are not in the order are told
at once beside it: an order of WhatsApp and SMS leaves the e-mail as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from sqlalchemy import bindparam, exists, select
from sqlalchemy.exc import IntegrityError

from webapp import words
from webapp.database import now, writing
from webapp.errors import Invalid, NotFound, Outrun
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import PROPOSED_ORDER, Action, Audit, ChannelName, Event, FallbackOrder
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
    """Returns an event's order; empty if it has none. One look-up by the key: it runs inside a clerk's click."""
    return [ChannelName(name) for name in db.session.scalar(_LOOK, {"event": event}) or ()]


def every() -> dict[Event, list[ChannelName]]:
    """Returns the orders that are set, by event."""
    return {order.event: order.channels for order in shown() if order.channels}


def shown() -> list[Shown]:
    """Returns each event that can have an order, with its order."""
    rows = {row.event: row for row in db.session.scalars(select(FallbackOrder))}
    return [
        Shown(event, _channels(row), row.by, row.at) if (row := rows.get(event)) else Shown(event, [])
        for event in EVENTS
    ]


def _channels(row: FallbackOrder | None) -> list[ChannelName]:
    return [ChannelName(name) for name in row.channels] if row else []


def first_channels(order: Sequence[ChannelName], reaches: Sequence[Reach]) -> tuple[list[Reach], ChannelName | None]:
    """Returns the channels that get a message at once, and the one of them that has a fallback.

    If no channel of the order can be used, all are kept, so that each says why it cannot.
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
    """Set an event's order, or end it if no channel is named. Returns the order in words.

    `seen` is the order that the person started from, as `key` writes it.

    Raises:
        NotFound: there is no such event, or it has no order.
        Invalid: the channels make no order.
        Outrun: somebody changed it since.
    """
    if event_name not in EVENTS:
        raise NotFound(gettext("There is no such event."))
    event, channels = Event(event_name), _read(names)
    try:
        with writing():
            _put(event, channels, seen, by)
    except IntegrityError as error:  # Two first orders at once.
        row = db.session.scalar(select(FallbackOrder).where(FallbackOrder.event == event))
        raise _outrun(row or FallbackOrder(event=event, channels=[], by="")) from error
    return said(channels)


def accept(*, by: Actor) -> str:
    """Set the proposed order for each event that has none, in one transaction. Returns the order in words."""
    with writing():
        for event in EVENTS:
            if event not in every():
                _put(event, list(PROPOSED_ORDER), key(()), by)
    return said(PROPOSED_ORDER)


def keep(*, by: Actor) -> None:
    """Record that an admin looked at the proposed order and keeps what is set."""
    with writing():
        if not is_decided():
            audit.record(Action.FALLBACK_CHANGED, by=by, kept=_in_english(()))


def is_decided() -> bool:
    """Returns whether somebody has ever set an order, or kept all channels."""
    return db.session.scalars(select(exists().where(Audit.action == Action.FALLBACK_CHANGED))).one()


def _read(names: Sequence[str]) -> list[ChannelName]:
    named = [name for name in names if name]
    if any(name not in ChannelName for name in named):
        raise Invalid(gettext("Choose channels of the list."))
    if len(set(named)) < len(named):
        raise Invalid(gettext("Choose each channel once: a channel cannot stand in for itself."))
    if len(named) == 1:
        raise Invalid(gettext("Choose a second channel, or none at all: a single channel has no fallback."))
    return [ChannelName(name) for name in named]


def _put(event: Event, channels: list[ChannelName], seen: str, by: Actor) -> None:
    row = db.session.scalar(select(FallbackOrder).where(FallbackOrder.event == event).with_for_update())
    before = _channels(row)
    if before == channels:
        return  # As after a double click.
    row = row or FallbackOrder(event=event, channels=[], by="")
    if key(before) != seen:
        raise _outrun(row)
    if channels:
        row.channels, row.by, row.at = [str(channel) for channel in channels], by.name, now()
        db.session.add(row)
    else:
        db.session.delete(row)
    db.session.flush()
    audit.record(Action.FALLBACK_CHANGED, by=by, event=event, order=[_in_english(before), _in_english(channels)])


def _outrun(row: FallbackOrder) -> Outrun:
    return Outrun(
        gettext(
            "%(person)s changed “%(event)s” just before you: it is now “%(order)s”. Your change is not saved.",
            person=row.by or gettext("Somebody"),
            event=words.EVENT[row.event].label,
            order=said(_channels(row)),
        )
    )


def key(order: Sequence[str]) -> str:
    """Returns an order as a form carries it."""
    return ",".join(order)


def said(order: Sequence[ChannelName]) -> str:
    """Returns an order in words, in the language of the reader."""
    if not order:
        return gettext("All channels at once")
    labels = [words.CHANNEL[channel].label for channel in order]
    return reduce(lambda first, then: gettext("%(first)s, then %(then)s", first=first, then=then), labels)


def _in_english(order: Sequence[ChannelName]) -> str:
    return ", then ".join(words.CHANNEL[channel].text for channel in order) or "All channels at once"
