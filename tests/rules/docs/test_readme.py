"""The README's first screen is what most people ever try: what stands there works, and nothing else stands there.

Here its commands are held against the code, in a moment; tests/end_to_end types them into a shell.
"""

import json
import re
import shlex
from itertools import groupby
from typing import Any

import pytest
from flask import Flask

from tests.rules.docs.readme import TEXT, blocks
from webapp.services.accounts import api_keys, demo
from webapp.settings import ROOT

COMMANDS = "\n".join(block.commands for block in blocks())
MARKS = ["setup", "second-terminal", "api", "api-look", "test"]
LONGEST = 120


def test_the_readme_fits_its_purpose() -> None:
    """A README that tells everything is read by nobody."""
    assert len(TEXT.splitlines()) <= LONGEST


def test_every_block_says_who_runs_it() -> None:
    """A block without a mark would be run by no test."""
    assert [block.mark for block in blocks()] == MARKS


def test_every_link_leads_somewhere() -> None:
    """The screenshot too: a broken picture on the first screen is the first impression."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", TEXT)

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_make_target_is_there() -> None:
    """Those in the text as well as those in blocks."""
    named = set(re.findall(r"\bmake ([a-z]+)", "\n".join([COMMANDS, *re.findall(r"`(make [a-z]+)`", TEXT)])))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert {"run", "test"} <= named <= targets


def test_every_flask_command_is_there(app: Flask) -> None:
    """The names of commands are promised; a renamed one breaks people's scripts, and this page."""
    named = re.findall(r"flask --app wsgi ([a-z-]+)", COMMANDS)

    assert named
    assert set(named) <= app.cli.commands.keys()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([a-z_]+/[a-z_/]*)`", TEXT))))
def test_every_folder_is_there(path: str) -> None:
    """The map of the house must show the house; `data/` is made by the first start."""
    assert path == "data/" or (ROOT / path).is_dir()


def test_the_sign_in_is_the_demo_one() -> None:
    """Whoever cannot sign in at the second step leaves."""
    assert demo.PASSWORD in TEXT
    assert set(re.findall(r"[a-z]+@bellhop\.example", TEXT)) <= {email for email, _, _ in demo.STAFF}


def calls() -> list[tuple[str, str, Any]]:
    """The API calls of the README: method, path and body."""
    marked = [block.commands for block in blocks() if block.mark.startswith("api")]
    words = shlex.split("\n".join(marked).replace("$DESK", "/api/v1").replace("$REF", "WEB-1"))
    parts = [list(part) for is_call, part in groupby(words, key=lambda word: word == "desk") if not is_call]
    found = []
    for part in parts:
        path = next((word for word in part if word.startswith("/api/v1")), "")
        body = json.loads(part[part.index("-d") + 1]) if "-d" in part else None
        if path:
            found.append(("POST" if body or "POST" in part else "GET", path, body))
    return found


def test_the_api_calls_do_what_is_said(app: Flask, client: Any) -> None:
    """Booking, payment, verification, and then three messages: the flow that everything else is for."""
    key = {"Authorization": f"Bearer {api_keys.create('Booking site')}"}

    answers = [client.open(path, method=method, json=body, headers=key) for method, path, body in calls()]

    assert [answer.status_code for answer in answers] == [201, 201, 200, 200], [answer.text for answer in answers]
    assert answers[-1].json["payment_status"] == "paid"
    assert {message["event"] for message in answers[-1].json["messages"]} == {"payment_verified"}
    assert [message["channel"] for message in answers[-1].json["messages"]] == ["sms", "whatsapp", "email"]


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "docs/operations.md", "docs/extending.md"])
def test_a_command_that_is_not_there_is_called_planned(page: str, app: Flask) -> None:
    """A page may name what is to come only where it says so."""
    text = (ROOT / page).read_text()
    named = set(re.findall(r"flask --app wsgi ([a-z][a-z-]+)", text)) - {"db"}

    silent = {name for name in named - app.cli.commands.keys() if not re.search(rf"{name}[^\n]*planned", text)}

    assert silent == set()
