"""Any interleaving of what people, workers, housekeepers, providers and clocks can do keeps the promises.

The statements are the real ones, on both databases. A worker is a parked call of the real hand-over:
it is left alone (frozen), goes on (late), or is killed, at each point between two of its steps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import hypothesis
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import SearchStrategy
from sqlalchemy import event, text

from tests.chaos import promises
from tests.chaos.conftest import MovedTime
from tests.chaos.parking import Call
from tests.chaos.truth import ANSWERS, Truth
from tests.factories import a_booking
from webapp import clock
from webapp.channels.base import Outcome
from webapp.errors import Conflict, NotFound, Outrun
from webapp.extensions import db
from webapp.models import Audit, Booking, ChannelName, Message, OptOut, Payment
from webapp.services import bookings, delivery, payments
from webapp.services.audit import Actor
from webapp.services.bookings import undo as undoing
from webapp.services.delivery import channel_gate, claim, lookups, receipts, settle
from webapp.services.delivery.claim import Claimed, NotYet
from webapp.services.delivery.worker_slots import in_hand
from webapp.services.failures import retry
from webapp.services.messages import truth
from webapp.settings import current

pytestmark = pytest.mark.both_databases

API, DESK, ADMIN = Actor("the booking site"), Actor("Rosa", may_undo=True), Actor("Ada")
# Each worker's monotonic clock: where it began, and how fast it runs.
CLOCKS = {"one": (0.0, 1.0), "two": (1e6, 1.0001), "three": (-50.0, 0.9999)}
SPANS = [0.5, 9, 12, 15, 61, 91, 91, 125, 301, 950, 1900, 12_000]
WAYS = list(ChannelName)
RATES = {ChannelName.WHATSAPP: 0.1}  # A second: one each ten seconds.
some = st.integers(0, 1_000_000)
rarely = st.sampled_from([False, False, False, True])
DUTIES = [lookups.end_leases, lookups.look_up_due, lookups.look_up_due, receipts.ask_due, lookups.expire_due]
LOST = [answer for answer in ANSWERS if "answer lost" in answer]
answers = st.sampled_from([*["accepted"] * 4, *LOST * 2, *["down"] * 2, *ANSWERS])


@dataclass(frozen=True)
class Event:
    """Something that may happen: how often, when it can, and what is chosen for it."""

    often: int
    is_possible: Callable[[Any], object]
    given: SearchStrategy[dict[str, Any]]


EVENTS: dict[str, Event] = {}


def happens(often: int, *, when: Callable[[Any], object] = lambda _: True, **given: Any) -> Callable[[Any], Any]:
    """Make a method an event. Hypothesis' own rules are as often as another, and whole runs go without some of them."""

    def keep(method: Any) -> Any:
        EVENTS[method.__name__] = Event(often, when, st.fixed_dictionaries(given))
        return method

    return keep


def _event(house: Any) -> SearchStrategy[tuple[str, dict[str, Any]]]:
    often = sorted(EVENTS.items(), key=lambda pair: -pair[1].often)
    names = [name for name, event in often if event.is_possible(house) for _ in range(event.often)]
    return st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), EVENTS[name].given))


class Hotel(RuleBasedStateMachine):
    """Two guests, three workers, two housekeepers, one provider."""

    app: Flask
    time: MovedTime
    patch: pytest.MonkeyPatch

    @rule(event=st.runner().flatmap(_event))
    def then(self, event: tuple[str, dict[str, Any]]) -> None:
        name, given = event
        getattr(self, name)(**given)

    # The house and its clocks.

    @initialize()
    def open(self) -> None:
        self.time.reset()
        _empty()
        self.truth = Truth(self.time)
        self.app.extensions["channels"] = self.truth.channels()
        in_hand.reset()
        self.workers: dict[str, Call | None] = dict.fromkeys(CLOCKS)
        self.keepers: list[Call] = []
        self.acts: list[int] = []
        self.settled: list[tuple[str, Outcome]] = []
        self.freed: dict[str, Any] = {}  # When a channel's pause was last ended or cut short by a person or a start.
        self.who = "one"
        self.patch.setattr(clock, "monotonic", self._monotonic)
        self.patch.setattr(in_hand, "rest", self.time.move)
        self.patch.setattr(channel_gate, "OPENS_AT", 2)
        self.patch.setattr(delivery.settle, "settle", self._settle)
        self.last_claims: dict[ChannelName, datetime] = {}
        first = a_booking(phone="+14155550001", channels=["sms", "email"])
        self.references = [first.reference]
        self.references.append(a_booking(phone="+14155550001", channels=["whatsapp", "sms"]).reference)
        self.references.append(a_booking(phone="+14155550002", channels=["whatsapp", "email"]).reference)
        self.guests = sorted({bookings.get(reference).guest_id for reference in self.references})
        bookings.confirm(bookings.get(first.reference), by=API)
        self.rows = promises.Rows()

    def _monotonic(self) -> float:
        start, rate = CLOCKS[self.who]
        return start + self.time.elapsed * rate

    def _settle(self, token: str, outcome: Outcome) -> None:
        _settle(token, outcome)
        self.settled.append((token, outcome))

    @happens(3, span=st.sampled_from(SPANS))
    def time_passes(self, span: float) -> None:
        self.time.move(span)

    # People.

    @happens(
        3,
        when=lambda house: len(house.rows.open) < 4,
        which=some,
        verb=st.sampled_from(["verify", "reject", "confirm", "decline", "cancel"]),
        page=st.booleans(),
    )
    def act(self, which: int, verb: str, page: bool) -> None:
        self._act(which, verb, DESK if page else API)

    def _act(self, which: int, verb: str, by: Actor) -> None:
        booking = bookings.get(self.references[which % len(self.references)])
        try:
            if verb in ("verify", "reject"):
                payment = payments.submit(booking, method="Card", amount=booking.amount, reference="P-1", by=API)
                done = getattr(payments, verb)(payment, by=by)
            else:
                done = getattr(bookings, verb)(booking, by=by)
        except (Conflict, Outrun):
            return
        self.acts.append(done.id)

    @happens(1, when=lambda house: house.acts, back=st.integers(0, 2))
    def undo(self, back: int) -> None:
        act_id = self.acts.pop(-1 - back % len(self.acts))
        before = self._what_came_of(act_id)
        act = db.session.get_one(Audit, act_id)
        former = act.detail["before"]
        try:
            undoing.undo(db.session.get_one(Booking, act.booking_id), act_id, by=DESK)
        except (Conflict, NotFound):
            assert self._what_came_of(act_id) == before, "an undo that was refused did something"
            return
        state, made = self._what_came_of(act_id)
        assert state == former
        assert {(status, attempts) for _, status, attempts in made} <= {("skipped", 0)}

    @staticmethod
    def _what_came_of(act_id: int) -> tuple[str, list[Any]]:
        made = [(row.id, row.status, row.attempts_made) for row in promises.Rows().messages if row.act_id == act_id]
        act = db.session.get_one(Audit, act_id)
        of = (Payment, act.payment_id) if act.payment_id else (Booking, act.booking_id)
        state = db.session.get_one(*of).status.value
        db.session.remove()
        return state, made

    def _failed(self) -> list[Any]:
        return [row for row in self.rows.messages if row.status == "failed"]

    @happens(2, when=lambda house: house._failed(), which=some, is_stale=st.sampled_from([False, False, True]))
    def retry_by_hand(self, which: int, is_stale: bool) -> None:
        failed = self._failed()
        seen = failed[which % len(failed)]
        try:
            retry.retry(retry.get(seen.id), by=ADMIN, token="an older one" if is_stale else seen.token)
        except Conflict:
            return
        assert not is_stale, "a failure that the person did not see was sent again"
        self.truth.retried[seen.id] = len(self.truth.taken)

    @happens(
        1,
        when=lambda house: house.rows.open,
        channel=st.sampled_from(WAYS),
        how=st.sampled_from(["pause", "resume", "resume", "a worker starts"]),
    )
    def switch(self, channel: ChannelName, how: str) -> None:
        try:
            if how == "pause":
                channel_gate.pause(channel, why="Wrong sender", by=ADMIN)
            elif how == "resume":
                channel_gate.resume(channel, by=ADMIN)
            else:
                channel_gate.probe_soon()
        except Conflict:
            return
        self.freed |= {name: self.time.now for name in WAYS if how == "a worker starts" or name is channel}

    # Workers.

    def _idle(self) -> list[str]:
        return [name for name, call in self.workers.items() if call is None]

    def _busy(self) -> list[str]:
        return [name for name, call in self.workers.items() if call]

    @happens(
        8,
        when=lambda house: house._idle(),
        which=some,
        answer=answers,
        steps=st.sampled_from([3, 0, 1, 2, 2, 3]),
        saw=st.sampled_from([None, None, None, None, *WAYS]),
    )
    def a_bell_is_answered(self, which: int, answer: str, steps: int, saw: ChannelName | None) -> None:
        """A worker claims, perhaps what it saw long ago, and gets so many steps far."""
        promises.check_the_ring(self.rows, self.time.now)
        if not self.rows.open:
            self._act(which, "verify", API)
        lanes = self.guests if saw else claim.due_lanes(10)
        if lanes:
            guest = lanes[which % len(lanes)]
            self._claim(guest, saw or claim.look(guest), answer, steps)
        else:
            self.time.move(promises.next_event(self.time.now))

    def _claim(self, guest: int, channel: ChannelName | None, answer: str, steps: int) -> None:
        assert channel is not None
        worker = self.who = self._idle()[0]
        state = promises.Rows().channels[channel]
        claimed = claim.claim(guest, channel, worker=worker)
        spent = self._spent(channel)
        if isinstance(claimed, NotYet):
            assert 0 < claimed.seconds <= spent, f"{channel} is held back without need"
        if isinstance(claimed, Claimed):
            assert spent <= 0, f"{channel} goes faster than its rate"
            self.last_claims[channel] = self.time.now
            self._was_rightly_claimed(claimed, state)
            self.workers[worker] = Call(self.app, worker, lambda: delivery.deliver(claimed))
            self._go_on(worker, answer, steps)

    def _spent(self, channel: ChannelName) -> float:
        """Seconds until the channel's rate lets the next one go; below 0 where it does."""
        last = self.last_claims.get(channel)
        return (
            0.0 if last is None or channel not in RATES else 1 / RATES[channel] - (self.time.now - last).total_seconds()
        )

    def _go_on(self, worker: str, answer: str, steps: int) -> None:
        call, self.who = self.workers[worker], worker
        assert call is not None
        for _ in range(steps):
            if not call.is_over:
                call.go(ANSWERS[answer])
        if call.is_over:
            self.workers[worker] = None

    def _was_rightly_claimed(self, claimed: Claimed, state: Any) -> None:
        outgoing, name = claimed.outgoing, claimed.outgoing.channel
        message = db.session.get_one(Message, outgoing.message_id)
        assert message.booking is not None
        assert not truth.is_superseded(message.event, message.booking.status), "an untrue message is claimed"
        assert message.expires_at > self.time.now, "a stale message is claimed"
        stopped = db.session.query(OptOut).filter_by(channel=name, address=message.to).count()
        assert not stopped, "somebody who said stop is written to"
        assert claimed.is_probe == (state.paused_until is not None)
        if claimed.is_probe:
            assert state.paused_until <= self.time.now, "a paused channel is claimed on"
        db.session.remove()
        self._probes_alone(name)

    def _probes_alone(self, name: ChannelName) -> None:
        rows = promises.Rows()
        under_way = [
            rows.attempts[row.id][-1]
            for row in rows.messages
            if row.channel == name and row.status == "sending" and row.lease_until > self.time.now
        ]
        probes = [a for a in under_way if a.is_probe and a.started_at > self.freed.get(name, self.time.start)]
        assert len(probes) <= 1, f"{len(probes)} probes of {name} at once"

    @happens(6, when=lambda house: house._busy(), which=some, answer=answers, steps=st.integers(1, 3))
    def a_worker_goes_on(self, which: int, answer: str, steps: int) -> None:
        self._go_on(self._busy()[which % len(self._busy())], answer, steps)

    @happens(2, when=lambda house: house._busy(), which=some)
    def a_worker_is_killed(self, which: int) -> None:
        worker = self._busy()[which % len(self._busy())]
        call, self.workers[worker] = self.workers[worker], None
        assert call is not None
        call.kill()

    @happens(1, when=lambda house: house.settled, back=st.integers(0, 2))
    def a_settle_is_repeated(self, back: int) -> None:
        """Its commit was done, and the word of that was lost."""
        _settle(*self.settled.pop(-1 - back % len(self.settled)))

    @happens(5, when=lambda house: house.rows.open, events=st.sampled_from([2, 3, 1, 4]))
    def an_hour_goes_by(self, events: int) -> None:
        """The house is kept, and nobody sends, until so many things have come due."""
        for _ in range(events):
            self._keep_house()
            self.time.move(promises.next_event(self.time.now))

    # Providers.

    @happens(5, when=lambda house: house.truth.taken, which=some, step=st.integers(0, 2), is_wrong=rarely)
    def a_receipt_comes(self, which: int, step: int, is_wrong: bool) -> None:
        taken = self.truth.taken[-1 - which % min(4, len(self.truth.taken))]
        outgoing, status = taken.hand.outgoing, taken.answer.fate[step]
        if outgoing.channel is ChannelName.EMAIL:
            return
        if is_wrong:  # Of another installation.
            receipts.receive(outgoing.token[::-1], provider_id=taken.provider_id, status="delivered")
            return
        taken.step = max(taken.step, step)
        code = "30005" if status == "undelivered" else ""
        receipts.receive(outgoing.token, provider_id=taken.provider_id, status=status, code=code)

    # Housekeepers.

    @happens(
        3,
        when=lambda house: len(house.keepers) < 2,
        duty=st.sampled_from(DUTIES),
        parked=st.booleans(),
        list_is_down=rarely,
    )
    def a_housekeeper_works(self, duty: Any, parked: bool, list_is_down: bool) -> None:
        self.truth.shows_its_list = not list_is_down
        keeper = Call(self.app, "keeper", duty)
        while not (parked or keeper.is_over):
            keeper.go()
        if not keeper.is_over:
            self.keepers.append(keeper)

    @happens(3, when=lambda house: house.keepers, which=some, is_killed=rarely)
    def a_housekeeper_goes_on(self, which: int, is_killed: bool) -> None:
        keeper = self.keepers[which % len(self.keepers)]
        keeper.kill() if is_killed else keeper.go()
        self.keepers = [keeper for keeper in self.keepers if not keeper.is_over]

    # The promises.

    @invariant()
    def the_promises_hold(self) -> None:
        if hasattr(self, "truth"):
            self.rows = promises.check(self.truth, most_tries=len(current().retry_delays) + 1)

    def teardown(self) -> None:
        """With the provider healed and time moved on, everything is settled: nothing waits for ever."""
        if not hasattr(self, "truth"):
            return
        try:
            self._let_all_go()
            if self.truth.broken:  # Has been reported by a step.
                return
            self.truth.shows_its_list = True
            self._open_channels()
            self.who = "one"
            for _ in range(150):
                self._keep_house()
                for guest in claim.due_lanes(200):
                    delivery.drain(guest)
                self.the_promises_hold()
                promises.check_the_ring(self.rows, self.time.now)
                if not self.rows.open:
                    break
                self.time.move(promises.next_event(self.time.now))
            left = [(row.id, row.channel, row.status, row.error_code) for row in promises.Rows().open]
            assert not left, f"never settled: {left}"
        finally:
            db.session.remove()

    def _let_all_go(self) -> None:
        for name, call in self.workers.items():
            while call and not call.is_over:
                self.who = name
                call.go(ANSWERS["accepted"])
        for keeper in self.keepers:
            while not keeper.is_over:
                keeper.go()

    def _open_channels(self) -> None:
        for row in promises.Rows().channels.values():
            if row.pause_kind == "by_hand":
                channel_gate.resume(ChannelName(row.name), by=ADMIN)

    def _keep_house(self) -> None:
        lookups.end_leases()
        lookups.expire_due()
        lookups.look_up_due(200)
        receipts.ask_due(200)


_settle = settle.settle


def _empty() -> None:
    """As a fresh database: this is quicker than to copy one."""
    db.session.remove()
    tables = list(reversed(db.metadata.sorted_tables))
    with db.engine.begin() as connection:
        if db.engine.dialect.name == "postgresql":
            connection.execute(text(f"TRUNCATE {', '.join(table.name for table in tables)} RESTART IDENTITY CASCADE"))
        else:
            for table in tables:
                connection.execute(table.delete())
    channel_gate.ensure_rows()


@pytest.mark.settings(retry_jitter=0, **{f"{channel}_per_second": rate for channel, rate in RATES.items()})
@pytest.mark.proves(
    "Any interleaving of acts, claims, crashes at any step, freezes past the lease, late answers, receipts "
    "(early, late, doubled, of an older attempt), look-ups by two housekeepers, lease ends, undo, retries by "
    "hand, pauses, probes, sender's rates and clocks that run apart",
    "after each step, against a provider that counts: one hand-over at a time for each guest, in order on each"
    " channel, never twice but in the four ways above, no status without its proof, a way out of every state; "
    "in the end nothing is open",
)
def test_no_interleaving_breaks_a_promise(
    app: Flask, moved_time: MovedTime, seed: int, monkeypatch: pytest.MonkeyPatch, is_long: bool
) -> None:
    quick = app.config["SETTINGS"].database.startswith("sqlite")
    examples = (300 if quick else 100) if is_long else (24 if quick else 9)
    chosen = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=60 if is_long else 40,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        # To make a failure smaller takes minutes; the seed finds it again.
        phases=[Phase.generate, Phase.shrink] if is_long else [Phase.generate],
        print_blob=False,
        report_multiple_bugs=False,
    )
    if quick:  # What a power cut could undo is not tried here.
        event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        db.engine.dispose()
    Hotel.app, Hotel.time, Hotel.patch = app, moved_time, monkeypatch

    run_state_machine_as_test(hypothesis.seed(seed)(Hotel), settings=chosen)
