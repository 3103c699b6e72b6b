"""How far a confirmation walks through the code, from the click to its rows: measured, bounded, and written down."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import webapp
from tests.conftest import Browser
from tests.factories import a_booking
from webapp.database import writing
from webapp.extensions import db
from webapp.models import BookingStatus, Event, FallbackOrder, Message, WhatsAppTemplate
from webapp.services.texts import overrides

ROOT = Path(webapp.__file__).parent
PAGE = (ROOT.parent / "docs" / "architecture.md").read_text()
MOST_FUNCTIONS, MOST_FILES = 27, 11
DATABASE = ("webapp.database.writing", "webapp.database.changed")
# Each gives a value for values, and neither reads nor writes a row.
VALUES = ("webapp/services/parsing/", "webapp/services/texts/sms_parts.py", "webapp/services/texts/mail_html.py")
SETTINGS = ("webapp/services/business/stored.py",)  # The settings as admins changed them, read beforehand.
FIRST, LAST = "webapp.routes.bookings.pages.confirm", "webapp.routes.bookings.responses.done"
NO_STEP = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>")


def _name(frame: FrameType) -> str:
    """The dotted name of a frame's function: a nested one is part of the function that it stands in."""
    path = Path(frame.f_code.co_filename).relative_to(ROOT.parent).with_suffix("")
    within = frame.f_code.co_qualname.partition(".<locals>")[0]
    return ".".join([*path.parts, within]).replace(".__init__.", ".")


def _is_property(name: str) -> bool:
    """Whether it is read as a column is."""
    module, _, within = name.rpartition(".")
    owner = getattr(sys.modules.get(module.rpartition(".")[0]), module.rpartition(".")[2], None)
    return isinstance(getattr(owner, within, None), property)


def _counts(frame: FrameType) -> bool:
    """Whether a frame is a step: routes and services, and the two verbs by which they write.

    Not counted are the floors below them (models, settings, the clock, the database's own hooks), which any code may
    use, and what only turns values into values.
    """
    file = frame.f_code.co_filename
    if not file.startswith(str(ROOT)):
        return False
    path, name = Path(file).relative_to(ROOT.parent).as_posix(), _name(frame)
    if name in DATABASE:
        return True
    return path.startswith(("webapp/routes/", "webapp/services/")) and not path.startswith(VALUES + SETTINGS)


@contextmanager
def walked() -> Iterator[dict[str, str]]:
    """Collect the functions that run between the route and its answer, in the order of their first call."""
    found: dict[str, str] = {}
    is_on = False

    def see(frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal is_on
        if event != "call" or not _counts(frame):
            return
        name = _name(frame)
        is_on = (is_on or name == FIRST) and name != LAST
        if is_on and frame.f_code.co_name not in NO_STEP and not _is_property(name):
            found.setdefault(name, frame.f_code.co_filename)

    sys.setprofile(see)
    try:
        yield found
    finally:
        sys.setprofile(None)


def _confirm(browser: Browser) -> dict[str, str]:
    """Confirm a booking on its page, every text looked up anew."""
    booking = a_booking()
    overrides.forget()
    browser.get(f"/bookings/{booking.reference}")
    with walked() as found:
        answer = browser.act(
            f"/bookings/{booking.reference}/confirmation", version=booking.version, form_key=booking.reference
        )
    assert answer.status_code == 200
    db.session.rollback()
    assert booking.status is BookingStatus.CONFIRMED
    assert db.session.query(Message).filter_by(booking_id=booking.id).count() == 2
    return found


def test_a_confirmation_walks_through_few_functions_and_files(front_desk: Browser) -> None:
    event, variables = Event.BOOKING_CONFIRMED, ["name", "reference"]
    with writing():
        db.session.add(FallbackOrder(event=event, channels=["whatsapp", "sms"], by="Ada"))
        db.session.add(WhatsAppTemplate(event=event, language="en", content_sid=f"HX{'0' * 32}", variables=variables))
    _confirm(front_desk)  # A process's first click also reads and compiles the texts that came with Bellhop.

    found = _confirm(front_desk)

    assert len(found) <= MOST_FUNCTIONS, "\n".join(found)
    assert len(set(found.values())) <= MOST_FILES, sorted(set(found.values()))
    click = PAGE.partition("The code of the click")[2].partition("And of the delivery")[0]
    named = re.findall(r"`(webapp\.[\w.]+)`", click)
    assert named == [*found, LAST], "docs/architecture.md names each function of the walk, in the order of the calls"
