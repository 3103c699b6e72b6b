"""Writing the outcome of an attempt, and projecting the attempts onto their message.

The outcome is written to its attempt always; the message moves only where the fence still holds.
"""

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp.channels.base import Accepted, Misconfigured, Outcome, Permanent, Scope, Temporary, Unknown
from webapp.database import later, read_now, writing
from webapp.extensions import db
from webapp.models import Attempt, AttemptOutcome, ChannelName, Message, MessageStatus
from webapp.services.delivery import channel_gate, projection, settle_fast
from webapp.services.guests import opt_outs
from webapp.settings import current

STEPS_ASIDE_AFTER = 900.0  # Seconds: put off longer than this, a message holds back no later one.
GIVEN_BACK_SECONDS = 1.0
NO_ANSWER = "no_answer"  # The code of an attempt whose lease ended before its worker knew an outcome.
dice = random.SystemRandom()


def not_begun(token: str) -> None:
    """Give a claimed message back: the provider was never spoken to."""
    with writing():
        attempt, message = _locked(token)
        moment = read_now()
        attempt.outcome, attempt.ended_at, attempt.next_look_at = AttemptOutcome.NOT_BEGUN, moment, None
        if _decides(message, attempt):
            if attempt.is_probe and message.status is MessageStatus.SENDING:
                channel_gate.probe_again(message.channel)
            _release(message, MessageStatus.WAITING)
            message.due_at = later(GIVEN_BACK_SECONDS)  # Not at once: whatever was slow may still be.
            apply(message, moment)  # An older attempt may have been proven meanwhile.


def settle(token: str, outcome: Outcome) -> None:
    """Write an outcome and move the message on, in one transaction."""
    if isinstance(outcome, Accepted) and settle_fast.accept(token, outcome):
        return
    with writing():
        attempt, message = _locked(token)
        moment = read_now()
        # Past its lease another may be the probe.
        is_probe = attempt.is_probe and message.status is MessageStatus.SENDING and message.token == token
        _write(attempt, message.channel, outcome, moment)
        if _decides(message, attempt):
            _move(message, attempt, outcome, moment)
        else:
            apply(message, moment)  # Others have gone on: what the attempts now prove.
        if isinstance(outcome, Permanent) and outcome.code in opt_outs.CODES:
            opt_outs.record(message.channel, message.to, outcome.code)
        _teach_channel(message, outcome, is_probe=is_probe)


def apply(message: Message, moment: datetime) -> bool:
    """Project the attempts onto a locked message. Returns whether it moved."""
    attempts = message.attempts
    message.went_out_twice = projection.went_out_twice(attempts)
    verdict = projection.project(message, attempts)
    if verdict is None:
        return False
    become(message, verdict, moment)
    return True


def become(message: Message, verdict: projection.Verdict, moment: datetime) -> None:
    """Move a locked message to a verdict, with the times that go with it."""
    _set(message, projection.settled(message, verdict, moment))


def locked_attempt(token: str) -> tuple[Attempt, Message] | None:
    """Returns an attempt and its message, both locked and read anew; None if there is no such attempt."""
    attempt = db.session.scalar(select(Attempt).where(Attempt.token == token))
    if attempt is None:
        return None
    message = db.session.scalars(select(Message).where(Message.id == attempt.message_id).with_for_update()).one()
    db.session.refresh(attempt)
    return attempt, message


def _locked(token: str) -> tuple[Attempt, Message]:
    found = locked_attempt(token)
    if found is None:
        raise LookupError("An attempt that was claimed is gone from the database.")
    return found


def _decides(message: Message, attempt: Attempt) -> bool:
    """Whether the attempt's own answer decides: past the lease too, unless another attempt has begun."""
    undecided = message.status in (MessageStatus.SENDING, MessageStatus.UNCERTAIN)
    return undecided and message.token == attempt.token


def _release(message: Message, status: MessageStatus) -> None:
    message.status, message.lease_until = status, None
    message.error_code = message.error_detail = ""


def _set(row: Attempt | Message, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)


def _write(attempt: Attempt, channel: ChannelName, outcome: Outcome, moment: datetime) -> None:
    if isinstance(outcome, Unknown) and attempt.outcome is AttemptOutcome.ACCEPTED:
        return  # A look has found it meanwhile.
    stays_silent = isinstance(outcome, Unknown) and attempt.code == NO_ANSWER
    if isinstance(outcome, Accepted):
        _set(attempt, projection.accepted(outcome, channel, moment, receipt_rank=attempt.receipt_rank))
        return
    attempt.ended_at, attempt.next_look_at = moment, None
    attempt.outcome = AttemptOutcome(type(outcome).__name__.lower())
    attempt.detail = outcome.detail[:500]
    if not stays_silent:  # The look-ups that began at its lease's end count more than what it did when it woke.
        attempt.code = outcome.code[:60]
    if isinstance(outcome, Unknown) and not attempt.proves_acceptance:
        attempt.next_look_at = first_look(moment)


def first_look(moment: datetime) -> datetime:
    """Returns when an attempt of unknown outcome is first looked up."""
    looks = current().uncertain_looks
    return moment + timedelta(seconds=looks[0] if looks else 0)


def _move(message: Message, attempt: Attempt, outcome: Outcome, moment: datetime) -> None:
    attempts = message.attempts
    message.went_out_twice = projection.went_out_twice(attempts)
    # What a receipt said before our own answer came, of this attempt or of an older one, is known better.
    if verdict := projection.proven(attempts) or projection.failure(attempts):
        become(message, verdict, moment)
    elif isinstance(outcome, Temporary):
        _put_off(message, attempt, outcome, moment)
    elif isinstance(outcome, Misconfigured):
        _release(message, MessageStatus.WAITING)
    elif isinstance(outcome, Unknown):
        _release(message, MessageStatus.UNCERTAIN)
        message.error_code = outcome.code


def _put_off(message: Message, attempt: Attempt, outcome: Temporary, moment: datetime) -> None:
    """Let a message wait for its next try; while the channel is closed no try is used."""
    delays, jitter = current().retry_delays, current().retry_jitter
    channel_is_closed = outcome.scope is Scope.CHANNEL and (
        attempt.is_probe or not channel_gate.is_open(message.channel)
    )
    wait = outcome.retry_after or 0.0
    if attempt.is_probe and not wait and delays:
        wait = delays[0] * dice.uniform(1.0, 1.0 + jitter)  # Another message may be the next probe.
    if not channel_is_closed and outcome.uses_try and _is_dead(message, outcome):
        channel_gate.shut(message.channel, outcome.detail or outcome.code)
    elif not channel_is_closed and outcome.uses_try:
        message.tries_used += 1
        if message.tries_used > len(delays):
            become(message, projection.Verdict(MessageStatus.FAILED, "tries_used_up", outcome.detail), moment)
            return
        wait = outcome.retry_after or delays[message.tries_used - 1] * dice.uniform(1.0, 1.0 + jitter)
    elif not outcome.uses_try and not wait:
        wait = delays[0] * dice.uniform(1.0, 1.0 + jitter) if delays else 1.0
    _release(message, MessageStatus.WAITING)
    message.error_code, message.error_detail = outcome.code, outcome.detail[:500]
    message.due_at = min(moment + timedelta(seconds=wait), message.expires_at)
    message.stepped_aside = wait > STEPS_ASIDE_AFTER


def _is_dead(message: Message, outcome: Temporary) -> bool:
    """Whether a last try failed on a channel where nothing has worked since the first: then the message waits.

    A quiet desk has one message on its way, and its four failures would not open the breaker.
    """
    is_last = message.tries_used == len(current().retry_delays) > 0
    about_channel = outcome.scope is Scope.CHANNEL and not message.simulated
    return is_last and about_channel and channel_gate.failures_in_row(message.channel) >= message.tries_used


def _teach_channel(message: Message, outcome: Outcome, *, is_probe: bool) -> None:
    """Tell the channel's breaker; a recipient's failure says that the channel works."""
    channel, channel_wide = message.channel, getattr(outcome, "scope", Scope.CHANNEL) is Scope.CHANNEL
    if message.simulated:
        if is_probe:
            channel_gate.probe_again(channel)  # The sandbox says nothing about the provider.
    elif isinstance(outcome, Misconfigured):
        channel_gate.misconfigured(channel, outcome.detail or outcome.code)
    elif isinstance(outcome, Unknown) or (isinstance(outcome, Temporary) and channel_wide and outcome.uses_try):
        channel_gate.failed(channel, outcome.detail or outcome.code, is_probe=is_probe)
    elif isinstance(outcome, Accepted) or (is_probe and not (isinstance(outcome, Permanent) and channel_wide)):
        channel_gate.worked(channel, is_probe=is_probe)
