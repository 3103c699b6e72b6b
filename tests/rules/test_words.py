"""Every status has a word, a tone and an icon: what has none reaches staff as a word of the code, or as an error."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum

import pytest

from tests.rules.source import Found, listed, nodes, pages, searched
from webapp import templating, words
from webapp.doctor import Verdict
from webapp.models import (
    Action,
    AttemptOutcome,
    BatchKind,
    BookingStatus,
    ChannelName,
    Event,
    MessageStatus,
    PauseKind,
    PaymentState,
    PaymentStatus,
    Role,
)
from webapp.monitor import channels
from webapp.services.audit import ACTS
from webapp.services.failures.eligibility import Obstacle
from webapp.services.imports.bookings import Standing
from webapp.services.imports.statement_matching import Fit
from webapp.services.messages.reached import Reached
from webapp.services.row_fates import Fate
from webapp.settings import ROOT
from webapp.words import Word

TABLES: dict[type[StrEnum] | type[ChannelName], dict[str, Word]] = {
    BookingStatus: words.BOOKING,
    PaymentState: words.PAYMENT,
    PaymentStatus: words.PAYMENT_STATUS,
    MessageStatus: words.MESSAGE,
    Reached: words.REACHED,
    Event: words.EVENT,
    ChannelName: words.CHANNEL,
    Role: words.ROLE,
    AttemptOutcome: words.OUTCOME,
    Verdict: words.VERDICT,
    Fit: words.FIT,
    Standing: words.IMPORTED,
    Fate: words.FATE,
    BatchKind: words.BATCH,
    Obstacle: words.OBSTACLE,
    PauseKind: {str(kind): word for kind, word in channels.CLOSED.items()},
}
ALL = [word for table in TABLES.values() for word in table.values()]
ICONS = set(re.findall(r'<symbol[^>]* id="([^"]+)"', (ROOT / "static" / "icons.svg").read_text()))
TONES = {"ok", "warn", "bad", "info", "mute"}


@pytest.mark.parametrize("kind", TABLES)
def test_every_member_has_its_word(kind: type[StrEnum] | type[ChannelName]) -> None:
    """And no word stays behind when its status goes."""
    assert TABLES[kind].keys() == {str(member) for member in kind}


def test_every_check_of_doctor_has_its_words() -> None:
    """Its report names a check for scripts; people read the words."""
    named = {
        str(call.args[0].value)
        for _, call in nodes(ROOT / "webapp" / "doctor")
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("ok", "warn", "fail", "unknown")
        if isinstance(call.args[0], ast.Constant)
    }

    assert words.CHECK.keys() == named


def test_every_act_has_its_words() -> None:
    """Whoever comes second is told what the first one did; without words they are told of an error instead."""
    assert ACTS.keys() == set(Action)


def test_no_two_statuses_of_a_kind_read_alike() -> None:
    """Two statuses that read the same are one to staff."""
    labels = [[word.label for word in table.values()] for table in TABLES.values()]

    assert [table for table in labels if len(table) != len(set(table))] == []


def test_tones_are_the_five_that_have_colours() -> None:
    """The style sheets know five; another would be shown in none."""
    assert {word.tone for word in ALL} <= TONES


def test_every_icon_is_in_the_sprite() -> None:
    """A missing icon shows as nothing, and a status must never be told by its colour alone."""
    named = {word.icon for word in ALL} | {place[1] for place in templating.PLACES}

    assert named - ICONS == set()


def by_code() -> Iterator[Found]:
    """Icons that code names itself: the third part of a Word, or icon=."""
    for path, node in nodes():
        if isinstance(node, ast.Call):
            third = node.args[2:3] if getattr(node.func, "id", "") == "Word" else []
            named = [*third, *(pair.value for pair in node.keywords if pair.arg == "icon")]
            yield from (Found(path, n.lineno, str(n.value)) for n in named if isinstance(n, ast.Constant))


def test_every_icon_named_in_passing_is_in_the_sprite() -> None:
    """The same for those that a page or a banner names by itself."""
    by_pages = searched(pages(), r"(?<=icon\(\")[a-z0-9-]+(?=\")")

    assert listed(found for found in (*by_pages, *by_code()) if found.what not in ICONS) == []
