"""Outages on real processes: what each takes away comes back, and every message goes out once.

Providers, broker, database and worker fail one at a time. One house serves all tests of a database;
each test breaks something, and what it broke is mended after it.
"""

import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from celery import Celery

from tests.chaos.ledger import Ledger
from tests.chaos.parties import PATIENCE, TAKEN, Party, a_party, confirm, freeze, mend, timed, told
from tests.factories import a_message
from tests.support.house import House
from tests.support.scripted import Post
from tests.support.servers import Postgres, Worker
from tests.support.twilio import faults
from tests.support.waiting import until
from webapp.celery_app import QUEUE
from webapp.models import Attempt, ChannelName, ChannelState, Guest, Message, MessageStatus
from webapp.services import delivery
from webapp.services.delivery.worker_slots import in_hand
from webapp.services.messages.bell import TASK

GOOD, BAD = "HX" + "a" * 32, "HX" + "b" * 32
TIMINGS: dict[str, Any] = {
    # A line may hang for some seconds before anybody gives up, so that a test can break something meanwhile.
    "provider_timeout": 4, "handover_deadline": 5, "mail_deadline": 5, "lease_seconds": 7,
    "sweep_seconds": 0.5,
    # Looks go on close together: by default the third is five minutes after the second.
    "uncertain_looks": ",".join(map(str, [0.5, *range(2, 147, 3)])),
}  # fmt: skip


def on(*databases: str) -> Callable[[Any], Any]:
    """Run a test on these databases; without it on SQLite alone, where the database plays no part."""

    def mark(test: Any) -> Any:
        test.databases = databases
        return test

    return mark


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "standing" in metafunc.fixturenames:
        databases = getattr(metafunc.function, "databases", ("sqlite",))
        metafunc.parametrize("standing", databases, indirect=True, scope="module")


@pytest.fixture(scope="module")
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    settings = dict(TIMINGS)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        settings["database_url"] = server.create_database("outages")
    with House(tmp_path_factory.mktemp("outages"), **settings) as started:
        started.flask("set-whatsapp-template", "booking_confirmed", "en", GOOD)
        started.flask("set-whatsapp-template", "booking_declined", "en", BAD)
        yield started


@pytest.fixture
def house(standing: House) -> Iterator[House]:
    """The standing house, mended after the test."""
    yield standing
    mend(standing)


def once(house: House, *parties: Party) -> bool:
    """Whether each guest's SMS was taken exactly once."""
    return all(len(house.twilio.taken(party.phone)) == 1 for party in parties)


def hanging(house: House, *parties: Party, taken: bool = True) -> None:
    """Confirm bookings whose hand-overs hang until released, and wait until the provider has them all."""
    for party in parties:
        house.twilio.fail_next(faults.hang(taken=taken), to=party.phone)
    confirm(house, *parties)
    arrived = lambda: all(house.twilio.to(party.phone) for party in parties)  # noqa: E731
    until(arrived, within=PATIENCE, saying="the hand-overs have begun")


# The database


@on("sqlite", "postgresql")
@pytest.mark.proves(
    "The database is locked for 6 s (long: 12 s) while a worker holds the provider's Accepted",
    "one hand-over, `sent`, with the provider's id",
)
def test_a_database_that_is_locked_while_a_worker_holds_an_accepted_loses_nothing(house: House, is_long: bool) -> None:
    """The provider has taken it, nobody can write that down for 6 s (long: 12 s, past every timeout): sent once."""
    house.twilio.auto_receipts = False  # The worker's word alone shall count.
    party = a_party(house)
    hanging(house, party)

    with Ledger(house).locked():
        house.twilio.release()
        time.sleep(12 if is_long else 6)  # The fault itself, not a wait.

    [message] = told(house, [party])
    assert once(house, party) and (message["status"], message["attempts"]) == ("sent", 1)
    [attempt] = Ledger(house).rows(Attempt, message_id=message["id"])
    assert attempt.provider_id == house.twilio.taken(party.phone)[0].sid


@on("postgresql")
@pytest.mark.parametrize("end", [Postgres.stop, Postgres.kill], ids=["restarted", "killed"])
@pytest.mark.proves(
    "PostgreSQL is restarted, and killed with -9, with sends in hand",
    "the API says so, the same worker goes on, each message is taken once",
)
def test_postgresql_ended_under_way_costs_a_moment_and_no_message(
    house: House, postgres: Postgres, end: Callable[[Postgres], None]
) -> None:
    """While it is away the API says so; then what was in hand, what waited and what is new goes out, once each."""
    parties = [a_party(house) for _ in range(6)]
    worker = house.worker.pid
    hanging(house, *parties[:2])
    confirm(house, *parties[2:4])

    end(postgres)
    house.twilio.release()
    assert house.confirm(parties[4].reference).status >= 500
    postgres.start()
    until(lambda: house.call("GET", "/queue").status == 200, within=PATIENCE, saying="the API answers again")
    confirm(house, *parties[4:])

    told(house, parties)
    assert once(house, *parties)
    assert house.worker.is_running and house.worker.pid == worker


# Providers


@on("sqlite", "postgresql")
@pytest.mark.proves(
    "Twilio takes connections and says nothing for 6 s (long: 60 s), to look-ups neither",
    "e-mail flows meanwhile; afterwards every SMS is taken once, with at most one try used",
)
def test_a_black_holed_provider_uses_up_no_tries_and_everything_goes_out_afterwards(
    house: House, is_long: bool
) -> None:
    """For 6 s (long: 60 s) Twilio takes connections and says nothing, to look-ups neither; e-mail flows meanwhile."""
    parties = [a_party(house) for _ in range(12)]
    house.twilio.fail_always(faults.hang())
    house.twilio.fail_looks(faults.hang(), times=100_000)
    confirm(house, *parties)
    until(lambda: house.twilio.arrivals[-1].phone in {p.phone for p in parties}, within=PATIENCE, saying="it hangs")
    ends = time.monotonic() + (60 if is_long else 6)
    by_mail = a_party(house, "email")
    confirm(house, by_mail)
    told(house, [by_mail])
    time.sleep(max(0.0, ends - time.monotonic()))  # The fault itself, not a wait.

    house.twilio.heal()

    messages = told(house, parties, within=240 if is_long else PATIENCE)
    assert once(house, *parties)
    assert all(row.tries_used <= 1 for row in Ledger(house).rows(Message) if row.id in {m["id"] for m in messages})


@pytest.mark.proves(
    "Twilio refuses connections until a probe has failed",
    "every message is taken once; together they used at most the five tries that opened the breaker",
)
def test_a_provider_that_is_away_for_longer_than_the_schedule_uses_up_no_tries(house: House) -> None:
    """It refuses connections until a probe has failed too: only what opened the breaker cost a try; all goes out."""
    parties = [a_party(house) for _ in range(12)]
    house.twilio.go_down()
    confirm(house, *parties)

    def has_failed_probes() -> bool:
        [sms] = Ledger(house).rows(ChannelState, name=ChannelName.SMS)
        return bool(sms.pause_seconds >= 10)

    try:
        until(has_failed_probes, within=PATIENCE, saying="the breaker's probe has failed")
    finally:
        house.twilio.come_back()

    messages = told(house, parties)
    assert once(house, *parties)
    assert sum(m["tries"] for m in messages) <= 5  # The breaker opens at the fifth failure.


@pytest.mark.proves(
    "An answer that drips a byte each half second",
    "cut at the deadline, found by a look-up, sent once; others flow",
)
def test_a_dripping_provider_is_cut_off_and_asked_what_it_took(house: House) -> None:
    """An answer of 800 bytes, one each 0.5 s: cut at the deadline, found by a look, sent once; others flow."""
    slow, quick = a_party(house), a_party(house)
    house.twilio.fail_next(faults.drip(0.5), to=slow.phone)

    confirm(house, slow, quick)
    [message, _] = told(house, [slow, quick])

    [arrival] = house.twilio.to(slow.phone)
    assert arrival.ended is not None and arrival.ended - arrival.started < 60  # Dripping to its end takes 400 s.
    assert once(house, slow, quick) and message["attempts"] == 1


@pytest.mark.proves(
    "One number is refused, one WhatsApp template is rejected",
    "both fail at once with their reasons; sixteen other messages go at the first try, no channel pauses",
)
def test_one_bad_recipient_and_one_bad_template_hold_nobody_else_back(house: House) -> None:
    """Both fail at once with their reasons; eight others get SMS and WhatsApp at the first try, no channel pauses."""
    bad_phone, bad_text = a_party(house), a_party(house, "whatsapp")
    others = [a_party(house, "sms", "whatsapp") for _ in range(8)]
    house.twilio.fail_always(faults.reject(21614), to=bad_phone.phone)
    house.twilio.rule(lambda arrival: faults.reject(63027) if arrival.content_sid == BAD else None)

    confirm(house, *others[:4], bad_phone)
    assert house.call("POST", f"/bookings/{bad_text.reference}/decline").status == 200
    confirm(house, *others[4:])

    messages = told(house, others)
    assert {m["attempts"] for m in messages} == {1} and len(messages) == 16
    assert house.until_settled(bad_phone.reference, sms="failed")["sms"]["error"]["code"] == "21614"
    assert house.until_settled(bad_text.reference, whatsapp="failed")["whatsapp"]["error"]["code"] == "63027"
    assert {state.pause_kind for state in Ledger(house).rows(ChannelState)} == {None}


@on("sqlite", "postgresql")
@pytest.mark.proves(
    "SMS is paused with 2,000 guests due (long: 10,000)",
    "e-mails go out, no SMS does, until it is resumed",
)
def test_a_paused_channel_with_a_crowd_due_does_not_slow_another(house: House, is_long: bool) -> None:
    """2,000 guests (long: 10,000) wait for SMS, which is paused: e-mails go out, no SMS does, until it is resumed."""
    ledger = Ledger(house)
    ledger.pause(ChannelName.SMS)
    ledger.crowd(10_000 if is_long else 2_000)
    parties = [a_party(house, "email") for _ in range(10)]
    before = len(house.twilio.arrivals)

    confirm(house, *parties)
    told(house, parties)

    assert len(house.twilio.arrivals) == before
    assert all(len(house.smtp.to(party.email)) == 1 for party in parties)
    ledger.resume()
    until(lambda: len(house.twilio.arrivals) >= before + 100, within=PATIENCE, saying="the crowd is being told")


# The broker


@pytest.mark.proves(
    "Redis is frozen while bookings are confirmed",
    "the click is answered; after the thaw each message is taken once",
)
def test_a_frozen_redis_does_not_hold_up_the_click_and_the_message_goes_out_later(house: House) -> None:
    """The answer comes although Redis never does; after the thaw each message goes out once."""
    parties = [a_party(house) for _ in range(4)]
    usual = timed(house, parties[0])
    house.valkey.freeze()

    took = [timed(house, party) for party in parties[1:]]

    assert max(took) < 5 + 4 * usual  # Without limits of its own a click would wait for the thaw.
    assert {house.messages(party.reference)["sms"]["status"] for party in parties[1:]} == {"waiting"}
    house.valkey.thaw()
    told(house, parties)
    assert once(house, *parties)


@pytest.mark.proves(
    "Redis is full: a bell cannot be rung, another not be noted",
    "the click is answered; once there is room each message is taken once",
)
def test_a_full_redis_stops_no_click_and_the_messages_go_out_once_there_is_room(house: House) -> None:
    """A bell was there before, another could not be rung: the worker lives or is started again, both go out once."""
    early, late = a_party(house), a_party(house)
    freeze(house, house.worker)
    confirm(house, early)
    fill(house)
    house.worker.thaw()  # It takes the bell, and cannot note in Redis that it did.

    confirm(house, late)
    until(lambda: house.valkey.call("LLEN", QUEUE) == 0, within=PATIENCE, saying="the bell was taken")
    if not house.worker.is_running:
        house.worker.start(within=PATIENCE)
    house.valkey.call("CONFIG", "SET", "maxmemory", "0")

    told(house, [early, late])
    assert once(house, early, late)


def fill(house: House) -> None:
    """Leave no room in Redis, for large values nor for small ones."""
    house.valkey.call("CONFIG", "SET", "maxmemory", "5mb")
    for size in (100_000, 1_000, 10):
        for n in range(1_000):
            try:
                house.valkey.call("SET", f"filler:{size}:{n}", "x" * size)
            except redis.exceptions.OutOfMemoryError:
                break
        else:
            pytest.fail("Redis took all that and is not full")


@pytest.mark.proves(
    "Redis is killed with -9 twice with four sends in hand",
    "the same worker process finishes them and takes new bells; each message is taken once",
)
def test_a_worker_lives_through_restarts_of_redis_with_sends_in_hand(house: House) -> None:
    """Celery 5.6.3 does; 5.7.0's workers exit with 1. The same process finishes what it held and takes new bells."""
    worker = house.worker.pid
    for _ in range(2):
        parties = [a_party(house) for _ in range(4)]
        hanging(house, *parties)
        losses = lost_connections(house)

        house.valkey.kill()
        gone = lambda before=losses: not house.worker.is_running or lost_connections(house) > before  # noqa: E731
        until(gone, within=PATIENCE, saying="the worker noticed")
        house.valkey.start()
        house.twilio.release()

        after = a_party(house)
        confirm(house, after)
        told(house, [*parties, after])
        assert house.worker.is_running and house.worker.pid == worker
        assert once(house, *parties, after)


def lost_connections(house: House) -> int:
    return house.worker.output().count("Cannot connect to")


@pytest.mark.proves(
    "A bell is rung ten times",
    "one attempt, one message",
)
def test_a_bell_rung_ten_times_sends_once(house: House) -> None:
    party = a_party(house)
    freeze(house, house.worker)
    confirm(house, party)
    [guest] = Ledger(house).rows(Guest, phone=party.phone)
    with Celery(broker=house.valkey.url) as ringer:
        for _ in range(10):
            ringer.send_task(TASK, args=[guest.id], queue=QUEUE)
    # One may be on its way to the frozen worker; the click's own was not rung where Redis was away a moment before.
    assert house.valkey.call("LLEN", QUEUE) >= 9

    house.worker.thaw()
    told(house, [party])
    bells = lambda: house.valkey.call("LLEN", QUEUE) + house.valkey.call("HLEN", "unacked")  # noqa: E731
    until(lambda: bells() == 0, within=PATIENCE, saying="every bell was answered")

    assert len(house.twilio.to(party.phone)) == 1 and house.messages(party.reference)["sms"]["attempts"] == 1


# Workers


@pytest.mark.proves(
    "A worker gets SIGTERM in the middle of a hand-over",
    "it ends with 0, what it held is `sent`, the guest's next message waits for the next worker",
)
def test_a_worker_told_to_stop_finishes_what_it_holds_and_claims_no_more(house: House) -> None:
    """SIGTERM in the middle of a hand-over: it ends with 0 in time, the guest's next message waits for the next."""
    house.twilio.auto_receipts = False
    held = a_party(house)
    following = a_party(house, phone=held.phone)
    hanging(house, held)
    confirm(house, following)

    house.worker.send(signal.SIGTERM)
    until(lambda: "Warm shutdown" in house.worker.output(), within=PATIENCE, saying="it has heard")
    house.twilio.release()
    until(lambda: not house.worker.is_running, within=60, saying="it has ended")

    assert house.worker.returncode == 0
    assert house.messages(held.reference)["sms"]["status"] == "sent"
    assert house.messages(following.reference)["sms"]["status"] == "waiting"
    house.worker.start(within=PATIENCE)
    told(house, [following])
    assert [m.status for m in Ledger(house).rows(Message, to_address=held.phone)] == [MessageStatus.SENT] * 2
    assert len(house.twilio.taken(held.phone)) == 2


@on("sqlite", "postgresql")
@pytest.mark.proves(
    "The worker that holds every duty is killed with -9",
    "the other holds all of them within seconds of the lease's end; a retry that needed them is sent once",
)
def test_duties_fail_over_when_their_holder_is_killed(house: House) -> None:
    """Of two workers one does each duty; killed with -9, the other has all of them within seconds of the lease's end.

    A message that was told 503 needs the housekeeper to be tried again: it is sent by the survivor.
    """
    ledger, party = Ledger(house), a_party(house)
    until(lambda: "" not in ledger.holders(), within=PATIENCE, saying="every duty is held")
    with Worker(house.env, name="survivor") as survivor:
        house.worker.kill()
        killed = time.monotonic()
        house.twilio.fail_next(faults.broken(503), to=party.phone)
        confirm(house, party)

        has_all = lambda: [h.partition("@")[0] for h in ledger.holders()] == [f"notification_worker-{survivor.pid}"]  # noqa: E731
        until(has_all, within=PATIENCE, saying="the survivor holds every duty")
        took = time.monotonic() - killed
        [message] = told(house, [party])

    assert took < 60  # The lease lasts 10 s.
    assert message["status"] in TAKEN and message["attempts"] == 2 and once(house, party)


# Slots


@pytest.mark.proves(
    "All of a channel's slots are taken when a bell comes",
    "whoever frees a slot serves that lane next",
)
def test_a_bell_that_came_while_its_channel_was_full_is_answered_by_whoever_frees_a_slot(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It used to be eaten in vain: of a crowd on one channel the spare threads ate nine bells in ten."""
    monkeypatch.setattr(in_hand, "slots", 1)
    first, second = a_message(), a_message()
    with in_hand.slot(ChannelName.SMS):
        assert delivery.drain(second.guest_id) == 0

    assert delivery.drain(first.guest_id) == 2

    assert [sent.message_id for sent in post.handed] == [first.id, second.id]
