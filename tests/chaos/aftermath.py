"""After a storm: what the database says and what the providers saw, laid side by side."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.chaos.ledger import Ledger
from tests.chaos.parties import TAKEN
from tests.support.house import House
from tests.support.twilio.twilio_store import Arrival
from webapp.models import Attempt, AttemptOutcome, ChannelName, Event, Message, MessageStatus


class Freeze(NamedTuple):
    """When a worker stood still: at this time of day, and between these monotonic seconds."""

    pid: int
    at: float
    begun: float
    ended: float


@dataclass(frozen=True)
class HandOver:
    """One hand-over as its provider saw it."""

    guest: str
    channel: ChannelName
    seq: int  # 0 where the line ended before the provider knew which message it was.
    started: float
    ended: float | None
    is_excused: bool  # A frozen worker's, past its lease.


class Aftermath:
    """What the database says and what the providers saw, laid side by side after a storm."""

    def __init__(self, ledger: Ledger, house: House, freezes: list[Freeze]) -> None:
        self.freezes = freezes
        self.twilio, self.mail = house.twilio, house.smtp
        self.messages = {row.id: row for row in ledger.rows(Message)}
        self.attempts = {row.token: row for row in ledger.rows(Attempt)}
        self.by_mail_id = {row.mail_id: row for row in self.messages.values() if row.mail_id}
        self.by_email = {row.to_address: row.guest_id for row in self.by_mail_id.values()}
        self.deadline = float(house.env["MAIL_DEADLINE"])
        self.refused, self.cut = house.smtp.fates.refused, house.smtp.fates.cut
        # A worker that died between head and body handed nothing over; nobody knows what it would have been.
        whole = [arrival for arrival in self.twilio.arrivals if arrival.form or arrival.sid]
        self.hand_overs = [*map(self._posted, whole), *self._mailed()]

    def summary(self) -> str:
        """What the storm was like, for a person."""
        ghosts = sum(one.is_excused for one in self.hand_overs)
        unknown = sum(row.outcome is AttemptOutcome.UNKNOWN for row in self.attempts.values())
        return (
            f"{len(self.messages)} messages, {len(self.attempts)} attempts, {self.refused} refused, {self.cut} cut, "
            f"{unknown} unknown, {len(self.freezes)} freezes, {ghosts} excused hand-overs"
        )

    @property
    def ghosts(self) -> int:
        """How many SMS and WhatsApp messages were taken from a worker after it was frozen with them."""
        return sum(one.is_excused and one.channel is not ChannelName.EMAIL for one in self.hand_overs)

    def badly_ended(self) -> list[str]:
        """The messages that did not end `sent` or better, without a good reason."""
        return [
            f"{row.id} {row.channel} {row.event}: {row.status} {row.error_code} {row.error_detail}"
            for row in self.messages.values()
            if row.status not in TAKEN and not self._is_superseded(row) and not self._broke_twice(row)
        ]

    def _is_superseded(self, row: Any) -> bool:
        cancelled = {r.booking_id for r in self.messages.values() if r.event is Event.BOOKING_CANCELLED}
        return row.error_code == "superseded" and row.status is MessageStatus.SKIPPED and row.booking_id in cancelled

    def _broke_twice(self, row: Any) -> bool:
        unknown = [a for a in self._attempts(row) if a.outcome is AttemptOutcome.UNKNOWN]
        was_mail = row.channel is ChannelName.EMAIL and row.error_code == "may_have_arrived"
        return was_mail and len(unknown) == 2 and any(a.code == "no_answer" for a in unknown)

    def not_taken_once(self) -> list[str]:
        """The SMS and WhatsApp messages that were not taken exactly once (a skipped one: never)."""
        taken: dict[int, list[str]] = {row.id: [] for row in self.messages.values()}
        for message in self.twilio.messages:
            token = _token(message.callback)
            if not self._is_ghost(token, message.sid):
                taken[self.attempts[token].message_id].append(message.sid)
        return [
            f"{row.id} {row.channel} {row.event} {row.status}: taken {len(taken[row.id])} times"
            for row in self.messages.values()
            if row.channel is not ChannelName.EMAIL and len(taken[row.id]) != (row.status in TAKEN)
        ]

    def _is_ghost(self, token: str, sid: str) -> bool:
        """Whether it was claimed before a freeze and arrived after it: frozen after the last check."""
        [arrival] = [a for a in self.twilio.arrivals if a.sid == sid]
        twice = self.messages[self.attempts[token].message_id].went_out_twice
        return bool(twice) and self._was_held(token, arrival.started)

    def _was_held(self, token: str, arrived: float) -> bool:
        attempt = self.attempts[token]
        return any(
            f"-{freeze.pid}@" in attempt.worker and _seconds(attempt.started_at) <= freeze.at + 0.1
            for freeze in self.freezes
            if arrived >= freeze.ended
        )

    def badly_mailed(self) -> list[str]:
        """The e-mails that were taken never, more than twice, or twice without an unknown outcome before."""
        copies = Counter(mail.message_id for mail in self.mail.mails)
        strangers = [f"nobody knows {mail_id}" for mail_id in copies if mail_id not in self.by_mail_id]
        return strangers + [
            f"{row.id} {row.event} {row.status}: taken {copies[row.mail_id]} times"
            for row in self.by_mail_id.values()
            if copies[row.mail_id] > self._most_copies(row) or (row.status in TAKEN and not copies[row.mail_id])
        ]

    def _most_copies(self, row: Any) -> int:
        own = self._attempts(row)
        frozen = any(f"-{freeze.pid}@" in a.worker for a in own for freeze in self.freezes)
        unknown = any(a.outcome is AttemptOutcome.UNKNOWN for a in own) or (frozen and row.went_out_twice)
        return 2 if unknown else 1

    def _attempts(self, row: Any) -> list[Any]:
        return [a for a in self.attempts.values() if a.message_id == row.id]

    def _posted(self, arrival: Arrival) -> HandOver:
        token = _token(arrival.status_callback)
        row = self.messages[self.attempts[token].message_id]
        excused = self._was_held(token, arrival.started)
        return HandOver(row.guest_id, row.channel, row.seq, arrival.started, arrival.ended, excused)

    def _mailed(self) -> Iterator[HandOver]:
        for arrival in self.mail.arrivals:
            row = self.by_mail_id.get(arrival.message_id) if arrival.content else None
            ended = math.inf if arrival.ended is None else arrival.ended
            # A deadline cuts every conversation but that of a worker which stands still.
            over_long = ended - arrival.started > self.deadline
            excused = over_long and any(f.begun < ended and arrival.started < f.ended for f in self.freezes)
            for address in arrival.tried:
                seq = row.seq if row else 0
                guest = self.by_email[address]
                yield HandOver(guest, ChannelName.EMAIL, seq, arrival.started, arrival.ended, excused)


def _token(url: str) -> str:
    return url.rpartition("/")[2]


def _seconds(moment: datetime) -> float:
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
