"""Each statement and commit of a duty fails once: at its next turns the work is done, and once."""

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.faults import totals
from tests.faults.breaking import Break, When, difference, rows
from tests.faults.duty_work import NO_ROWS, WORK
from tests.support.scripted import Post, a_post
from webapp import duties
from webapp.database import later, writing
from webapp.extensions import db
from webapp.faults import TROUBLE
from webapp.models import Attempt, SandboxMessage

TURNS = 3  # After the one that failed.
# The sandbox may lose a receipt, as any provider may: then another duty asks, and the message is as far in the end.
MAKES_UP = {"sandbox_receipts": ("ask_for_receipts",)}
WAITS_FOR: dict[str, tuple[Any, ...]] = {
    "look_up": (Attempt.next_look_at,),
    "ask_for_receipts": (Attempt.next_ask_at,),
    "sandbox_receipts": (Attempt.next_ask_at, SandboxMessage.next_step_at),
}
DUTIES = {duty.name: duty for duty in (*duties.ALL, *duties.OF_WEB)}


@pytest.fixture
def provider(app: Flask) -> Post:
    made = a_post()
    app.extensions["channels"] = made.channels()
    return made


def test_every_duty_has_work_or_says_why_not() -> None:
    assert DUTIES.keys() == WORK.keys() | NO_ROWS.keys() and not WORK.keys() & NO_ROWS.keys()


@pytest.mark.both_databases
@pytest.mark.parametrize("name", WORK)
def test_what_fails_within_a_duty_is_done_at_its_next_turn_and_once(provider: Post, name: str) -> None:
    undisturbed = Break(When.STATEMENT, 0)
    usual = turns(name, provider, undisturbed)
    found = {
        f"{when} {number}": turns(name, provider, Break(when, number))
        for when in When
        for number in range(1 + left_out(undisturbed, when), undisturbed.seen[when] + 1)
    }

    wrong = {
        place: f"{effect - usual} more, {usual - effect} less" for place, effect in found.items() if effect != usual
    }

    totals.add("The housekeeper's duties", name, places=len(found), false=0, double=len(wrong))
    assert usual and wrong == {}


def left_out(cut: Break, when: When) -> int:
    """On PostgreSQL the reads before the first write, which lock nothing and fail by the same code."""
    is_whole = db.engine.dialect.name == "sqlite" or when is not When.STATEMENT
    return 0 if is_whole else cut.before_write


def turns(name: str, provider: Post, cut: Break) -> Counter[tuple[str, str]]:
    """Make work for a duty, let it have its turns, of which one fails, and say what it did."""
    WORK[name](provider)
    db.session.remove()
    before = rows()
    with suppress(*TROUBLE), cut.applied():
        DUTIES[name].run()
    for _ in range(TURNS):
        db.session.remove()
        time_passes(name)
        for each in (name, *MAKES_UP.get(name, ())):
            DUTIES[each].run()
    db.session.remove()
    lossy = "receipt" if name in MAKES_UP else ""
    return Counter({key: many for key, many in difference(before).items() if key[0] != lossy})


def time_passes(name: str) -> None:
    """What the duty waits for has come."""
    with writing():
        for column in WAITS_FOR.get(name, ()):
            db.session.execute(update(column.class_).where(column.is_not(None)).values({column: later(-1)}))
