"""Each statement and commit of an act fails once: no answer may say what is not so, and nothing is done twice."""

import re
from collections import Counter
from typing import Any

import pytest
from flask import Flask

from tests.conftest import Browser
from tests.faults.acts import ACTS, NOT_YET, Post
from tests.faults.breaking import When, breaking, rows, shape
from webapp.services.accounts import api_keys

PERHAPS, NOTHING, DONE = "may have been done", "othing was changed", "It was done"


class Caller:
    """Posts acts as a browser or as a program, with the same key each time it posts the same act."""

    def __init__(self, browser: Browser, key: str) -> None:
        self.browser, self.key = browser, key

    def post(self, act: Post, mark: str) -> Any:
        """Post it; `mark` is what makes a repeat one for the API."""
        if act.json is not None:
            headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": mark}
            return self.browser.post(act.url, json=act.json, headers=headers)
        data = {"csrf_token": self.browser.csrf_token, **act.form}
        return self.browser.post(act.url, data=data, headers={"Referer": "http://localhost/bookings"})


@pytest.fixture
def caller(app: Flask, admin: Browser) -> Caller:
    page = admin.get("/login", follow_redirects=True).text
    admin.csrf_token = re.search(r'name="csrf-token" content="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    return Caller(admin, api_keys.create("Enumeration"))


def claim(answer: Any) -> str:
    """What an answer says of its act."""
    said = next((words for words in (PERHAPS, NOTHING, DONE) if words in answer.text), "")
    return said or ("done" if answer.status_code < 400 else "")


def test_every_act_has_a_scenario(app: Flask) -> None:
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}

    assert posts == ACTS.keys() | NOT_YET.keys() and not ACTS.keys() & NOT_YET.keys()


@pytest.mark.both_databases
@pytest.mark.parametrize("name", ACTS)
def test_no_answer_says_what_is_not_so(caller: Caller, name: str) -> None:
    usual, many = undisturbed(caller, name)
    wrong = []

    for when in When:
        for number in range(1, many[when] + 1):
            wrong += trouble(caller, name, when, number, usual)

    assert wrong == []


def undisturbed(caller: Caller, name: str) -> tuple[Counter[Any], Counter[When]]:
    """The effect of an act with its repeat, and how many statements and commits it takes."""
    act, before = ACTS[name](), shape()
    with breaking() as cut:
        answer = caller.post(act, f"{name}-0")
    assert answer.status_code < 400, f"{name} answers {answer.status_code}"
    caller.post(act, f"{name}-0")
    assert many_of(cut.seen) and difference(before), "the act writes nothing"
    return difference(before), cut.seen


def trouble(caller: Caller, name: str, when: When, number: int, usual: Counter[Any]) -> list[str]:
    """What is wrong with an act whose n-th step fails, and with its repeat."""
    act, before, was, mark = ACTS[name](), shape(), rows(), f"{name}-{when}-{number}"
    with breaking(when, number):
        answer = caller.post(act, mark)
    is_changed, said = rows() != was, claim(answer)
    caller.post(act, mark)
    place, found = f"{when} {number}: {answer.status_code} {said!r}, changed: {is_changed}", []
    if (said == NOTHING and is_changed) or (said in (DONE, "done") and not is_changed):
        found.append(f"{place}: false")
    if answer.status_code >= 500 and not said and is_changed:
        found.append(f"{place}: does not say that it was done")
    if difference(before) != usual:
        found.append(f"{place}: not once: {difference(before)} in place of {usual}")
    return found


def many_of(seen: Counter[When]) -> int:
    return seen[When.STATEMENT]


def difference(before: Counter[Any]) -> Counter[Any]:
    now = shape()
    return Counter({key: now[key] - before[key] for key in now | before if now[key] != before[key]})
