"""Each statement and commit of an act fails once: no answer may say what is not so, and nothing is done twice."""

import pytest
from flask import Flask

from tests.conftest import Browser
from tests.faults import totals
from tests.faults.acts import ACTS, WRITE_NOTHING
from tests.faults.breaking import rows
from tests.faults.judging import Caller, Since, Trial
from webapp.extensions import db

# Of pages alone: neither programs nor providers post as HTMX does.
PAGES = [name for name in ACTS if not name.startswith(("api.", "webhooks.", "bounces.", "exports."))]


def test_every_act_has_a_scenario(app: Flask) -> None:
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    enumerated = {name.partition("/")[0] for name in ACTS}

    assert posts == enumerated | WRITE_NOTHING.keys() and not enumerated & WRITE_NOTHING.keys()


@pytest.mark.parametrize("name", WRITE_NOTHING)
def test_what_is_said_to_write_nothing_does_so(admin: Browser, name: str) -> None:
    before = rows()

    answer = WRITE_NOTHING[name](admin)

    assert answer.status_code < 400 and rows() == before


@pytest.mark.both_databases
@pytest.mark.parametrize("name", ACTS)
def test_no_answer_says_what_is_not_so_and_nothing_is_done_twice(caller: Caller, name: str) -> None:
    """On PostgreSQL from the first statement that writes on: reads before it lock nothing and fail by the same code."""
    since = Since.START if db.engine.dialect.name == "sqlite" else Since.WRITE

    judge(Trial(name, ACTS[name], caller, since), "Pages, programs and providers")


@pytest.mark.parametrize("name", PAGES)
def test_no_toast_says_what_is_not_so(caller: Caller, name: str) -> None:
    """As HTMX posts. Up to an act's first commit it fails by the same code, so that is not tried again."""
    caller.htmx = True

    judge(Trial(name, ACTS[name], caller, Since.COMMIT), "Pages, as HTMX posts")


def judge(trial: Trial, kind: str) -> None:
    """Let each place of an act fail, count it in, and ask for no trouble."""
    trial.run()

    totals.add(kind, trial.name, places=trial.places, false=len(trial.false), double=len(trial.double))
    assert trial.false + trial.double == []
