"""What the attempts of a message, taken together, say about it. Pure: no database, no clock.

Attempts are the facts; a message's status is their projection. So an outcome, a receipt or a look-up
may be written in any order, twice, or late, and the message comes out the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from webapp.channels.base import Accepted
from webapp.models import ARRIVED, Attempt, AttemptOutcome, ChannelName, Message, MessageStatus

ASK_AFTER = (60.0, 600.0, 3600.0, 86_400.0)  # Seconds until a receipt that did not come by itself is asked for.
FINAL_RANK = 40  # From this rank on a receipt is the provider's last word, or nearly: it is not asked any more.


@dataclass(frozen=True)
class Verdict:
    """The status that the attempts prove, and the failure's code where it is one."""

    status: MessageStatus
    code: str = ""
    detail: str = ""


# From these, a late proof of failure moves nothing: a person or the schedule has gone on.
_FAILURE_MOVES = (MessageStatus.SENT, MessageStatus.UNCERTAIN)


def proven(attempts: Sequence[Attempt]) -> Verdict | None:
    """The verdict that any proof of acceptance gives; the best word of all attempts that were not refused later."""
    taken = [a for a in attempts if a.proves_acceptance and not a.was_refused_later]
    if not taken:
        return None
    words = {a.receipt for a in taken}
    if "read" in words:
        return Verdict(MessageStatus.READ)
    return Verdict(MessageStatus.DELIVERED if "delivered" in words else MessageStatus.SENT)


def went_out_twice(attempts: Sequence[Attempt]) -> bool:
    """Whether two hand-overs were taken: shown, never hidden. What two attempts know by one id is one copy."""
    # A mail server's answer is kept in the id's place, and may be the same words twice.
    copies = {a.token if a.provider == "smtp" else a.provider_id or a.token for a in attempts if a.proves_acceptance}
    return len(copies) > 1


def failure(attempts: Sequence[Attempt]) -> Verdict | None:
    """The verdict of the newest attempt where it proves a failure; older ones prove nothing any more."""
    newest = max(attempts, key=lambda a: a.number, default=None)
    if newest is None:
        return None
    if newest.was_refused_later:
        return Verdict(MessageStatus.FAILED, newest.receipt_code or newest.receipt)
    if newest.outcome is AttemptOutcome.PERMANENT:
        return Verdict(MessageStatus.FAILED, newest.code, newest.detail)
    return None


def project(message: Message, attempts: Sequence[Attempt]) -> Verdict | None:
    """What the message becomes, or None where it stays as it is.

    Not for a message that is `sending`: only its own attempt's settle or lease end decides that.
    """
    if message.status is MessageStatus.SENDING:
        return None
    verdict = proven(attempts)
    if verdict is None and message.status in _FAILURE_MOVES:
        verdict = failure(attempts)
    if verdict is None and message.status is MessageStatus.SENT:
        verdict = failure([a for a in attempts if a.was_refused_later])  # The proof itself was taken back.
    if verdict is None or (verdict.status, verdict.code) == (message.status, message.error_code):
        return None
    return verdict


def first_ask(channel: ChannelName, moment: datetime) -> datetime | None:
    """Returns when the provider is first asked for the receipt of an accepted message; e-mail has no receipts."""
    return moment + timedelta(seconds=ASK_AFTER[0]) if channel.has_receipts else None


def accepted(outcome: Accepted, channel: ChannelName, moment: datetime, *, receipt_rank: int = 0) -> dict[str, Any]:
    """Returns what the columns of an accepted attempt become."""
    is_final = receipt_rank >= FINAL_RANK  # Its last receipt was quicker than the provider's answer.
    return {
        "outcome": AttemptOutcome.ACCEPTED,
        "code": "",
        "detail": outcome.detail[:500],
        "provider_id": outcome.provider_id[:120],
        "ended_at": moment,
        "next_look_at": None,
        "next_ask_at": None if is_final else first_ask(channel, moment),
    }


def settled(message: Message | Row[Any], verdict: Verdict, moment: datetime) -> dict[str, Any]:
    """Returns what the columns of a message become with a verdict; the first times of sending and arrival stay."""
    failed, arrived = verdict.status is MessageStatus.FAILED, verdict.status in ARRIVED
    return {
        "status": verdict.status,
        "lease_until": None,
        "error_code": verdict.code,
        "error_detail": verdict.detail[:500],
        "settled_at": moment,
        "sent_at": message.sent_at if failed else message.sent_at or moment,
        "delivered_at": message.delivered_at or moment if arrived else message.delivered_at,
    }
