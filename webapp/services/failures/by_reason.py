"""Unresolved failures by their cause: how many, for how many guests, whom no channel reached, and what helps.

The query reads a partial index that holds unresolved failures only, so it costs the same with ten thousand messages
and with a million.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, select, union_all
from sqlalchemy.orm import joinedload

from webapp.channels.reasons import Reason, explain, is_of_one_guest
from webapp.extensions import db
from webapp.models import ChannelName, Message
from webapp.monitor.shared import Shared
from webapp.services.failures.selection import UNRESOLVED
from webapp.services.messages import reached

SHOWN = 40  # The commonest causes.
LOOKED_AT = 10_000  # Guests are counted among so many messages of all causes,
OF_ONE = 1000  # and among no more than these of one cause.


@dataclass(frozen=True)
class Cause:
    """Messages that failed on one channel with one code."""

    channel: ChannelName
    code: str
    messages: int  # 0: a page shows it, and all its messages are dealt with.
    guests: int = 0
    unreached: int = 0  # Of these guests, those whom no other channel reached.
    more_guests: bool = False  # There may be more guests: not all messages were counted.
    oldest: datetime | None = None
    newest: datetime | None = None
    named: Message | None = None  # The newest message.

    @property
    def guest(self) -> str:
        """The guest's name, if the cause has one guest only."""
        booking = self.named.booking if self.named and self.guests == 1 and not self.more_guests else None
        return booking.name if booking else ""

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.code}"

    @property
    def only(self) -> Message | None:
        """The message, if there is only one."""
        return self.named if self.messages == 1 else None

    @property
    def may_help_to_retry(self) -> bool:
        """Whether to offer sending again: an expired message would be refused."""
        return self.code != "expired"

    @property
    def helps_to_retry(self) -> bool:
        """Whether sending again is what helps most: a wrong address stays wrong."""
        return self.may_help_to_retry and not is_of_one_guest(self.code)

    @property
    def reason(self) -> Reason:
        return explain(self.channel, self.code)


@dataclass(frozen=True)
class Causes:
    """The commonest causes, and how many there are besides."""

    shown: Sequence[Cause]
    messages: int  # Of all causes.
    others: int = 0  # Causes that are not shown.


def find(order: Iterable[str] = ()) -> Causes:
    """Returns the causes, first those by which most guests were not reached.

    Those in `order`, of an open page, stay in that order.
    """
    found = _shared.get()
    known = {cause.key: cause for cause in found.shown}
    kept = [known.pop(key, None) or _dealt_with(key) for key in dict.fromkeys(order)]
    return Causes([cause for cause in kept if cause] + list(known.values()), found.messages, found.others)


def _dealt_with(key: str) -> Cause | None:
    channel, _, code = key.partition(":")
    return Cause(ChannelName(channel), code[:60], 0) if channel in list(ChannelName) else None


def by_cause() -> Select[*tuple[Any, ...]]:
    """Returns the count, the first id and the last id for each channel and code."""
    of_each = (func.count(), func.min(Message.id), func.max(Message.id))
    counts = select(Message.channel, Message.error_code, *of_each)
    return counts.where(*UNRESOLVED).group_by(Message.channel, Message.error_code)


def _count() -> Causes:
    rows = sorted(db.session.execute(by_cause()).all(), key=lambda row: (-row[2], row[0], row[1]))
    shown = rows[:SHOWN]
    most = min(OF_ONE, LOOKED_AT // max(1, len(shown)))
    guests, ends = _guests(shown, most), _ends(shown)
    causes = [_cause(row, *guests[n], most, ends) for n, row in enumerate(shown)]
    causes.sort(key=lambda cause: (-cause.unreached, -cause.messages))
    return Causes(causes, sum(row[2] for row in rows), len(rows) - len(shown))


def _cause(row: Any, guests: int, unreached: int, most: int, ends: dict[int, Message]) -> Cause:
    channel, code, messages, first, last = row
    oldest, newest = ends.get(first), ends.get(last)
    return Cause(
        channel, code, messages, guests, unreached, more_guests=messages > most, named=newest,
        oldest=oldest.created_at if oldest else None, newest=newest.created_at if newest else None,
    )  # fmt: skip


def _guests(rows: Sequence[Any], most: int) -> list[tuple[int, int]]:
    """Returns how many guests the newest messages of each cause are for, and how many of them were not reached."""
    if not rows:
        return []
    counts = [_guests_of(row[0], row[1], most).add_columns(literal(n).label("n")) for n, row in enumerate(rows)]
    found = {row.n: (row.guests, row.unreached) for row in db.session.execute(union_all(*counts))}
    return [found[n] for n in range(len(rows))]


def _guests_of(channel: ChannelName, code: str, most: int) -> Select[*tuple[Any, ...]]:
    lost = case((and_(*reached.lost()), Message.guest_id)).label("lost")
    newest = select(Message.guest_id, lost).where(*UNRESOLVED, Message.channel == channel, Message.error_code == code)
    looked_at = newest.order_by(Message.id.desc()).limit(most).subquery()
    many = func.count(looked_at.c.guest_id.distinct()).label("guests")
    return select(many, func.count(looked_at.c.lost.distinct()).label("unreached"))


def _ends(rows: Sequence[Any]) -> dict[int, Message]:
    ids = {n for row in rows for n in row[3:5]}
    found = select(Message).where(Message.id.in_(ids)).options(joinedload(Message.booking))
    return {message.id: message for message in db.session.scalars(found)}


_shared = Shared(_count)
forget = _shared.forget
