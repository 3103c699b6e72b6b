"""Whatever a file holds, no more is recorded than came in: neither by what is ticked, nor by a hand that tries all."""

import itertools
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import a_booking
from webapp.extensions import db
from webapp.models import Upload, UploadKind
from webapp.services.audit import Actor
from webapp.services.imports import statement_lines, statement_matching, statements, uploads
from webapp.services.imports.statement_fields import NOT_FINAL
from webapp.services.parsing.money_marks import IN, OUT

pytestmark = pytest.mark.usefixtures("app")
DESK = Actor("Rosa Silva", may_undo=True)
HEADER = "Date;Text;Amount;Out;Dr/Cr;Currency;State"
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
KINDS = ["in", "signed", "marked", "column", "direction", "state", "currency", "beside", "unknown", "both"]
_numbers = itertools.count(1)
WORDS_OUT, WORDS_IN = (sorted(word for word in words if word.isalpha()) for words in (OUT, IN))


def cells(amount: str = "", out: str = "", way: str = "", currency: str = "EUR", state: str = "completed") -> str:
    return ";".join((amount, out, way, currency, state))


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, Decimal]:
    """One line, and what came in by it: nothing of money that went out, has not come or is of another currency."""
    value = Decimal(draw(st.integers(1, 9_999_999))) / 100
    kind = draw(st.sampled_from(KINDS))
    text = draw(st.sampled_from([f"{value:.2f}", f"{value:,.2f}"]))
    dash, word = draw(st.sampled_from(DASHES)), draw(st.sampled_from(WORDS_OUT))
    if kind == "in":
        way = draw(st.sampled_from(WORDS_IN))
        return draw(
            st.sampled_from([cells(text, way=way), cells(f"+{text}", way=way), cells(f"{text} CR", way=way)])
        ), value
    if kind == "state":
        return cells(text, way="CR", state=draw(st.sampled_from(sorted(NOT_FINAL)))), Decimal(0)
    other = draw(st.sampled_from(["USD", "gbp", "$", "CHF", "JPY", "kr", "Fr."]))
    written = {
        "signed": [cells(f"{dash}{text}"), cells(f"{text}{dash}"), cells(f"({text})"), cells(f"€ {dash}{text}")],
        "marked": [cells(f"{text} {word}"), cells(f"{word} {text}"), cells(f"{text} EUR {word}")],
        "column": [cells(out=text), cells("0.00", text), cells(out=f"{dash}{text}"), cells(dash + text, text)],
        "direction": [cells(text, way=word), cells(text, way=word.upper()), cells(f"{text} {word}", way=word)],
        "currency": [cells(text, way="CR", currency=other), cells(f"{text} {other}", way="CR", currency="")],
        "beside": [cells(f"{other} {text}", way="CR")],
        "unknown": [cells(f"{text} ?", way="CR"), cells(text, way="??"), cells(f"{text} REV", way="CR"), cells(text)],
        "both": [cells(text, text), cells(f"{dash}{text}", way="CR"), cells(f"{text} {word}", way="CR")],
    }[kind]
    return draw(st.sampled_from(written)), Decimal(0)


def a_file(rows: list[str]) -> Upload:
    """An upload whose columns are guessed anew; the bookings' number makes each file another."""
    data = "\n".join((HEADER, *rows)).encode()
    return uploads.store(UploadKind.STATEMENT, "f.csv", data, by=DESK)[0]


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=st.lists(lines(), min_size=1, max_size=6))
def test_no_more_is_recorded_than_came_in(drawn: list[tuple[str, Decimal]]) -> None:
    booking = a_booking(reference=f"PR-{next(_numbers):06}", amount=Decimal(900_000), currency="EUR")
    rows = [f"2026-05-{n:02};{booking.reference};{line}" for n, (line, _) in enumerate(drawn, 1)]
    upload = a_file([*rows, "2026-05-30;other;0.01;;CR;EUR;completed"])

    seen = statement_matching.match(statement_lines.read(upload))
    statements.confirm(upload, [one.token for one in seen if one.may_confirm], by=DESK)
    for one in seen[:-1]:
        statements.confirm_by_hand(upload, one.line.number, booking.reference, by=DESK)

    db.session.refresh(booking)
    recorded = Counter(payment.amount for payment in booking.payments)
    assert recorded <= Counter(came for _, came in drawn if came)
