"""An alert begins and ends once: after it has held for a while, however many processes look."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from webapp import clock
from webapp.extensions import db
from webapp.models import Alert
from webapp.services import alerts
from webapp.services.alerts import Watch, watch
from webapp.services.alerts.causes import CAUSES
from webapp.services.alerts.finders import Finding

pytestmark = pytest.mark.usefixtures("app")
FULL = Finding(sentence="9 of 10 MiB are used.")
HOLDS, CALM = CAUSES["redis_memory"].holds, CAUSES["redis_memory"].calm


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let time pass on the looking process's own clock."""
    now = [1000.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])

    def wait(seconds: float) -> None:
        now[0] += seconds

    return wait


def see(watch: Watch, *found: Finding, cause: str = "redis_memory") -> None:
    watch.look({cause: lambda: list(found)})


def kept() -> list[Alert]:
    db.session.rollback()
    return list(db.session.scalars(select(Alert).order_by(Alert.id)))


def test_what_is_wrong_for_a_moment_only_is_no_alert(passes: Any) -> None:
    watch = Watch()

    see(watch, FULL)
    passes(HOLDS - 1)
    see(watch)
    passes(2)
    see(watch, FULL)

    assert kept() == []


def test_what_stays_wrong_begins_one_alert(passes: Any) -> None:
    watch = Watch()

    for _ in range(5):
        see(watch, FULL)
        passes(HOLDS)

    [alert] = kept()
    assert (alert.cause, alert.sentence, alert.over_at, alert.told_at) == ("redis_memory", FULL.sentence, None, None)
    assert alert.noticed_by.startswith("web-")


def test_what_flaps_is_not_over(passes: Any) -> None:
    watch = Watch()
    see(watch, FULL)
    passes(HOLDS)
    see(watch, FULL)

    for _ in range(6):
        see(watch)
        passes(CALM - 1)
        see(watch, FULL)

    [alert] = kept()
    assert alert.over_at is None


def test_what_is_fine_for_long_enough_is_over_and_may_begin_again(passes: Any) -> None:
    watch = Watch()
    for _ in range(2):
        see(watch, FULL)
        passes(HOLDS)
        see(watch, FULL)
        see(watch)
        passes(CALM)
        see(watch)

    first, second = kept()
    assert first.over_at and second.over_at and first.id != second.id


def test_what_cannot_be_judged_neither_begins_nor_ends(passes: Any) -> None:
    watch = Watch()
    see(watch, FULL)
    passes(HOLDS)
    see(watch, FULL)
    see(watch)

    for _ in range(3):
        passes(CALM)
        watch.look({"redis_memory": lambda: None})
    see(watch)

    assert kept()[0].over_at is None


def test_subjects_are_alerts_of_their_own(passes: Any) -> None:
    watch, sms = Watch(), Finding(subject="sms", sentence="Paused.", holds=0)
    see(watch, sms, Finding(subject="email", sentence="Paused.", holds=0), cause="channel_paused")

    see(watch, sms, cause="channel_paused")
    passes(CAUSES["channel_paused"].calm)
    see(watch, sms, cause="channel_paused")

    assert {alert.subject: bool(alert.over_at) for alert in kept()} == {"sms": False, "email": True}


def test_another_process_goes_on_with_what_is_open(passes: Any) -> None:
    see(Watch(), Finding(sentence="Full.", holds=0))

    successor = Watch()
    see(successor, Finding(sentence="Full.", holds=0))
    see(successor)
    passes(CALM)
    see(successor)

    [alert] = kept()
    assert alert.over_at


@pytest.mark.both_databases
def test_of_two_that_notice_at_once_one_begins_it_and_the_other_loses_nothing() -> None:
    class Blind(Watch):
        """It read the open alerts before the other had written its own."""

    first, late = Watch(), Blind()
    see(first, Finding(sentence="Full.", holds=0))
    late._weigh("redis_memory", {("redis_memory", ""): Finding(sentence="Also full.", holds=0)}, {})

    assert [alert.sentence for alert in kept()] == ["Full."]


@pytest.mark.both_databases
def test_an_alert_is_closed_once() -> None:
    see(Watch(), Finding(sentence="Full.", holds=0))
    [alert] = kept()
    watch._close(alert.id, ("redis_memory", ""))
    ended = kept()[0].over_at

    watch._close(alert.id, ("redis_memory", ""))

    assert kept()[0].over_at == ended
    assert list(alerts.standing()) == [] and [found.id for found in alerts.lately_over()] == [alert.id]


def test_a_finder_that_breaks_silences_no_other() -> None:
    def broken() -> list[Finding]:
        raise ValueError

    Watch().look({"failed_share": broken, "redis_memory": lambda: [Finding(sentence="Full.", holds=0)]})

    assert [alert.cause for alert in kept()] == ["redis_memory"]
