"""Draining a guest's lane: look, claim, hand over, settle, again.

Ask of every line between a commit and a network call: what if the process dies here? Before the claim
commits, nothing has happened. After it, the lease ends and the housekeeper takes the attempt on.
"""

import threading

import structlog
from sqlalchemy.exc import DBAPIError

from webapp import clock
from webapp.channels.base import Outcome, Permanent, Scope, Unknown
from webapp.database import writing
from webapp.logs import request_id
from webapp.models import ChannelName, MessageStatus
from webapp.services.delivery import claim, receipts, settle
from webapp.services.delivery.claim import Claimed, Closed, NotYet
from webapp.services.delivery.worker_slots import in_hand
from webapp.services.messages import bell

MOST_MESSAGES = 20
MOST_SECONDS = 60.0
log = structlog.get_logger(__name__)


class GiveBack(Exception):
    """Too little of the lease is left for a whole hand-over: nothing was sent."""


def drain(guest_id: int) -> int:
    """Send the lane's due messages, then those of lanes that wait here for a slot. Returns how many."""
    # A lane that waits for a slot of one channel may still have something on another.
    if in_hand.is_parked(guest_id) and claim.look(guest_id, without=in_hand.full()) is None:
        return 0
    ends = clock.monotonic() + MOST_SECONDS
    handed = _drain(guest_id, ends)
    while _may_go_on(ends) and (waited := in_hand.unpark()) is not None:
        handed += _drain(waited, ends)
    return handed


def _may_go_on(ends: float) -> bool:
    return not in_hand.is_stopping and clock.monotonic() < ends


def _drain(guest_id: int, ends: float) -> int:
    """Send one lane's due messages, one by one, and ring for the rest. Returns how many were handed over."""
    handed = 0
    too_soon: set[ChannelName] = set()  # Their senders are at their rates: the lane's other channels go first.
    for _ in range(MOST_MESSAGES):
        if not _may_go_on(ends):
            break
        full = in_hand.full()
        channel = claim.look(guest_id, without=[*full, *too_soon])
        if channel is None and too_soon:
            channel = claim.look(guest_id, without=full)
        if channel is None:
            if full and (waits_for := claim.look(guest_id)):
                in_hand.park(guest_id, waits_for)
            return handed
        with in_hand.slot(channel) as free:
            claimed = _claim(guest_id, channel, ends, in_turn=channel in too_soon) if free else None
            if isinstance(claimed, Claimed):
                deliver(claimed)
                handed += 1
            elif isinstance(claimed, Closed):
                log.info("A message was closed unsent.", message_id=claimed.message_id)
        if not free:
            in_hand.park(guest_id, channel)
        if claimed is None or (isinstance(claimed, NotYet) and channel in too_soon):
            return handed  # The lane is busy, or waits for a slot, or longer than we can for its sender.
        if isinstance(claimed, NotYet):
            too_soon.add(channel)
    bell.ring(guest_id)
    return handed


def _claim(guest_id: int, channel: ChannelName, ends: float, *, in_turn: bool) -> Claimed | Closed | NotYet | None:
    """Claim a message; `in_turn` waits for the sender's next moment, as long as there is time."""
    if not in_turn:
        return claim.claim(guest_id, channel, worker=in_hand.worker)
    with in_hand.turn(channel):
        while True:
            claimed = claim.claim(guest_id, channel, worker=in_hand.worker)
            if not isinstance(claimed, NotYet) or not _may_go_on(ends - claimed.seconds):
                return claimed
            in_hand.rest(claimed.seconds)


def deliver(claimed: Claimed) -> None:
    """Hand one claimed message over and write down its outcome, under the number of the click that caused it."""
    outgoing = claimed.outgoing
    with request_id.carry_on(outgoing.trace_id):
        with in_hand.hand_over(outgoing.token, outgoing.channel):
            try:
                outcome = hand_over(claimed)
            except GiveBack:
                _until_written(outgoing.token, None)
                return
            _until_written(outgoing.token, outcome)
        log.info(
            "A message was handed over.",
            message_id=outgoing.message_id,
            channel=outgoing.channel,
            attempt=outgoing.token[:8],
            outcome=type(outcome).__name__.lower(),
            code=getattr(outcome, "code", ""),
        )


def hand_over(claimed: Claimed) -> Outcome:
    """Speak to the provider. No transaction is open while it lasts.

    Raises:
        GiveBack: less than the deadline was left just before the first byte.
    """
    channel = receipts.channel_of(claimed.outgoing.channel, simulated=claimed.simulated)
    must_end = clock.monotonic() + channel.deadline
    begun = threading.Event()

    def before_body() -> None:
        if not claimed.outgoing.channel.can_look_up:
            _record_body(claimed.outgoing.token)
        # Past the lease somebody else may send it: what is left of the deadline must fit before. It is asked last,
        # since the database may take its time.
        if max(must_end, clock.monotonic()) > claimed.lease_ends:
            raise GiveBack
        begun.set()

    try:
        return channel.send(claimed.outgoing, before_body)
    except GiveBack:
        raise
    except Exception as error:
        log.exception("A channel failed by a fault of ours.", message_id=claimed.outgoing.message_id)
        words = f"{type(error).__name__}: {error}"
        return Unknown(words, "bug") if begun.is_set() else Permanent("bug", words, Scope.CHANNEL)


def _record_body(token: str) -> None:
    """Commit that the body is about to go: a lease that ends later must count it as perhaps taken.

    Raises:
        GiveBack: the lease has ended already, or the database does not answer; nothing was sent.
    """
    try:
        with writing():
            locked = settle.locked_attempt(token)
            if locked is None or locked[1].token != token or locked[1].status is not MessageStatus.SENDING:
                raise GiveBack
            locked[0].body_begun = True
    except DBAPIError as error:
        raise GiveBack from error


def _until_written(token: str, outcome: Outcome | None) -> None:
    """Settle, again and again while the process lives: a locked database must not lose an Accepted."""
    pause = 0.1
    while True:
        try:
            return settle.not_begun(token) if outcome is None else settle.settle(token, outcome)
        except DBAPIError as error:
            log.warning("An outcome could not be written yet.", attempt=token[:8], error=type(error).__name__)
            _pause.wait(pause)
            pause = min(pause * 2, 5.0)


_pause = threading.Event()  # Never set: a wait that tests can see through.
