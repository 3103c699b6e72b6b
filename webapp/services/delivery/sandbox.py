"""The sandbox's memory, and its receipts: they take the same way as a provider's."""

import random
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError

from webapp.channels.base import Outgoing, Sighting
from webapp.database import changed, now, read_now, reading, writing
from webapp.extensions import db
from webapp.models import ChannelName, SandboxMessage
from webapp.services.delivery import receipts

# The next status of each, and how long it takes in seconds; None ends.
STEPS: dict[str, tuple[str, float]] = {"queued": ("sent", 0.4), "sent": ("delivered", 1.2), "delivered": ("read", 6.0)}
READ_SHARE = 0.5
KEPT = ("token", "channel", "to", "subject", "body", "html", "reference")  # Of what was to go out.
dice = random.SystemRandom()


class DatabaseStore:
    """`channels.sandbox.SandboxStore` over a table: an acceptance is committed before it is answered."""

    def accept(self, outgoing: Outgoing, provider_id: str) -> str:
        """Keep an acceptance. Returns the id that its token has: the first one where it comes twice."""
        first = timedelta(seconds=STEPS["queued"][1]) if outgoing.channel.has_receipts else None
        kept = {name: getattr(outgoing, name) for name in KEPT}
        try:
            with writing():
                at = read_now() + first if first else None
                db.session.add(SandboxMessage(provider_id=provider_id, next_step_at=at, **kept))
        except IntegrityError:
            with reading():
                known = select(SandboxMessage.provider_id).where(SandboxMessage.token == outgoing.token)
                return db.session.scalars(known).one()
        return provider_id

    def find(self, token: str) -> Sighting | None:
        """Look an attempt up by its token."""
        return self._sighting(SandboxMessage.token == token)

    def get(self, provider_id: str) -> Sighting | None:
        """Returns the present state of a message."""
        return self._sighting(SandboxMessage.provider_id == provider_id)

    def _sighting(self, condition: ColumnElement[bool]) -> Sighting | None:
        with reading():
            row = db.session.scalar(select(SandboxMessage).where(condition))
            return Sighting(row.provider_id, row.status) if row else None


def step_due(limit: int = 200) -> int:
    """Send the receipts whose time has come. Returns how many."""
    with reading():
        due = select(SandboxMessage).where(SandboxMessage.next_step_at <= now()).order_by(SandboxMessage.next_step_at)
        rows = [(m.id, m.token, m.provider_id, m.status, m.channel) for m in db.session.scalars(due.limit(limit))]
    return sum(_step(*row) for row in rows)


def _step(row_id: int, token: str, provider_id: str, status: str, channel: ChannelName) -> bool:
    after, _ = STEPS[status]
    with writing():
        moment = read_now()
        stepped = changed(
            update(SandboxMessage)
            .where(SandboxMessage.id == row_id, SandboxMessage.status == status)
            .values(status=after, next_step_at=_next(after, channel, moment))
        )
    # A crash here costs a receipt, as it may with a real provider: the duty that asks by id makes up for it.
    return stepped == 1 and receipts.receive(token, provider_id=provider_id, status=after, source="sandbox")


def _next(status: str, channel: ChannelName, moment: datetime) -> datetime | None:
    if status not in STEPS:
        return None
    following, wait = STEPS[status]
    if following == "read" and (not channel.has_read_receipts or dice.random() > READ_SHARE):
        return None
    return moment + timedelta(seconds=wait)


def taken(limit: int = 100) -> list[SandboxMessage]:
    """Returns the messages that would have been sent, newest first."""
    return list(db.session.scalars(select(SandboxMessage).order_by(SandboxMessage.id.desc()).limit(limit)))
