"""Posting an act whose n-th step fails, and what is wrong with its answer, its effect or its repeat."""

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from flask import Flask

from tests.conftest import Browser
from tests.factories import PASSWORD
from tests.faults.acts import AGAIN, Post, Scenario
from tests.faults.breaking import Break, Effect, Rows, When, breaking, difference, rows
from webapp.extensions import db

PERHAPS, NOTHING, DONE = "may have been done", "othing was changed", "It was done"


@dataclass
class Caller:
    """Posts acts as a browser, a program or a provider, with the same key each time it posts the same act."""

    app: Flask
    browser: Browser
    key: str
    htmx: bool = False

    def bring(self, act: Post) -> Browser:
        """The browser that posts an act: the admin's, or a new one of whoever the act names."""
        if act.person is None and not act.is_public:
            return self.browser
        other: Browser = self.app.test_client()  # type: ignore[assignment]
        if act.person is not None:
            other.act("/login", htmx=False, email=act.person.email, password=PASSWORD)
        other.csrf_token = token_of(other)
        return other

    def post(self, browser: Browser, act: Post, mark: str) -> Any:
        """Post it; `mark` is what makes a repeat one for the API."""
        program = {"Authorization": f"Bearer {self.key}"}
        if act.json is not None:
            return browser.post(act.url, json=act.json, headers=program | {"Idempotency-Key": mark})
        if act.raw is not None:
            return browser.post(act.url, data=act.raw, headers=program)
        if act.signature:
            return browser.post(act.url, data=act.form, headers={"X-Twilio-Signature": act.signature})
        headers = {"Referer": "http://localhost/bookings"} | ({"HX-Request": "true"} if self.htmx else {})
        return browser.post(act.url, data={"csrf_token": browser.csrf_token, **act.fields()}, headers=headers)


def token_of(browser: Browser) -> str:
    """The CSRF token of a browser's pages."""
    page = browser.get("/login", follow_redirects=True).text
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found
    return found.group(1)


def claim(answer: Any) -> str:
    """What an answer says of its act."""
    said = next((words for words in (PERHAPS, NOTHING, DONE) if words in answer.text), "")
    return said or ("done" if answer.status_code < 400 else "")


class Since(Enum):
    """From where on the places of an act are tried."""

    START = "its start"
    WRITE = "its first statement that writes"
    COMMIT = "its first commit"

    def of(self, cut: Break) -> int:
        """How many statements are left out."""
        return {Since.START: 0, Since.WRITE: cut.before_write, Since.COMMIT: cut.before_commit}[self]


@dataclass
class Trial:
    """One act with the places where it was made to fail, and what was wrong there."""

    name: str
    scenario: Scenario
    caller: Caller
    since: Since = Since.START
    usual: Effect = field(default_factory=Counter)
    places: int = 0
    false: list[str] = field(default_factory=list)  # Answers that say what is not so.
    double: list[str] = field(default_factory=list)  # Effects that are there twice, or not at all.

    def run(self) -> None:
        """Let each statement and commit of the act fail once."""
        cut = self._undisturbed()
        first = {When.STATEMENT: self.since.of(cut)}
        for when in When:
            for number in range(first.get(when, 0) + 1, cut.seen[when] + 1):
                self.places += 1
                self._break(when, number)

    def _undisturbed(self) -> Break:
        act = self.scenario()
        browser, before = self.caller.bring(act), rows()
        with breaking() as cut:
            answer = self.caller.post(browser, act, f"{self.name}-0")
        assert answer.status_code < 400, f"{self.name} answers {answer.status_code}: {answer.text[-600:]}"
        db.session.rollback()  # What goes on later begins afresh.
        act.later()
        self.usual = difference(before)
        assert self.usual, f"{self.name} writes nothing"
        self._repeat(browser, act, f"{self.name}-0", before, "undisturbed")
        return cut

    def _break(self, when: When, number: int) -> None:
        act, mark = self.scenario(), f"{self.name}-{when}-{number}"
        browser, before = self.caller.bring(act), rows()
        with breaking(when, number):
            answer = self.caller.post(browser, act, mark)
        is_changed, said = rows() != before, claim(answer)
        place = f"{when} {number}: {answer.status_code} {said!r}, changed: {is_changed}"
        if (said == NOTHING and is_changed) or (said in (DONE, "done") and not is_changed):
            self.false.append(f"{place}: false")
        elif said in (DONE, "done"):
            db.session.rollback()
            act.later()
            if difference(before) != self.usual:
                self.false.append(f"{place}: only a part was done")
        if answer.status_code >= 500 and not said and is_changed and not (act.raw or act.signature):
            self.false.append(f"{place}: does not say that it was done")
        # A page's repeat finds the database as it was, so it is the undisturbed act; a program's finds its key as well.
        if is_changed or said != NOTHING or act.json is not None:
            self._repeat(browser, act, mark, before, place)

    def _repeat(self, browser: Browser, act: Post, mark: str, before: Rows, place: str) -> None:
        """Post it once more, as a clerk or a program does who saw no answer."""
        answer = self.caller.post(browser, act, mark)
        db.session.rollback()  # What goes on later begins afresh.
        act.later()
        if answer.status_code >= 500:
            self.double.append(f"{place}: its repeat answers {answer.status_code}")
        found = difference(before)
        twice = Counter({key: 2 * many for key, many in self.usual.items()}) if self.name in AGAIN else self.usual
        if found not in (self.usual, twice):
            self.double.append(f"{place}: not once: {found - self.usual} more, {self.usual - found} less")
