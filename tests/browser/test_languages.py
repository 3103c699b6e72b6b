"""Pages in German and Spanish, guests' texts in the booking's language, and pages written from right to left."""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.browser.conftest import Desk
from tests.factories import PASSWORD, a_booking, a_message, a_payment, a_user
from tests.support import pseudo
from tests.support.axe import audit, csp_guard
from tests.support.house import House
from tests.support.waiting import until
from webapp import create_app, i18n
from webapp.extensions import limiter
from webapp.models import MessageStatus, Role
from webapp.settings import Settings

Open = Callable[..., Desk]
PLACES = (
    "/", "/bookings", "/bookings/new", "/bookings/import", "/payments", "/payments/statement", "/account",
    "/messages", "/messages/failures", "/messages/figures", "/admin/fallbacks", "/admin/returned-mail",
    "/queue", "/queue/help", "/queue/doctor", "/queue/tests", "/queue/log", "/queue/history",
    "/admin/people", "/admin/people/new", "/admin/keys", "/admin/texts", "/admin/audit", "/admin/settings", "/help",
)  # fmt: skip
# What a page says in a language: a button, a state, a place.
SAID = {
    "de": ("Bestätigen", "Buchungen", "Zahlungen", "Warteschlange"),
    "es": ("Confirmar", "Reservas", "Pagos", "Cola"),
}
# How the booking's start reads in the text to its guest, and its amount on the page.
WRITTEN = {
    "de": ("Freitag, 5. März 2027, 13:00", "1.200,00 €"),
    "es": ("viernes, 5 de marzo de 2027, 13:00", "1.200,00 €"),
}


@pytest.mark.parametrize("language", ["de", "es"])
def test_a_day_in_another_language(language: str, desk: Open, house: House) -> None:
    """Whoever's browser asks for it works in it: every place in the navigation, an act, and what the guest is told."""
    confirm, bookings, payments, queue = SAID[language]
    reference = f"LANG-{language.upper()}"
    start = {"starts_at": "2027-03-05T13:00:00Z", "amount": "1200.00", "currency": "EUR"}
    guest = {"name": "Änne Muñoz", "phone": "+14155550142", "language": language}
    house.book(reference, guest=guest, **start)
    admin = desk(role="admin", locale=f"{language}-{language.upper()}")

    page = admin.go("/bookings")
    expect(page.locator("html")).to_have_attribute("lang", language)
    for place in (bookings, payments, queue):
        expect(page.get_by_role("navigation").get_by_role("link", name=place).first).to_be_visible()
    page = admin.go(f"/bookings/{reference}")
    page.get_by_role("button", name=f"{confirm} {reference}").click()
    day, amount = WRITTEN[language]
    until(lambda: day in _told(admin, reference), within=60, saying="the guest's text has the day in its language")

    shown = admin.go(f"/bookings/{reference}").locator("main").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    assert amount in shown
    admin.guard.assert_clean()


def _told(admin: Desk, reference: str) -> str:
    """The text of the booking's newest message, on its page."""
    link = admin.go(f"/bookings/{reference}").locator("main a[href^='/messages/']").first
    page = admin.go(link.get_attribute("href") or "")
    return " ".join(page.locator("main").inner_text().replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture
def foreign(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An app whose only other language is nobody's, written from right to left."""
    monkeypatch.setattr(i18n, "CATALOGUES", str(pseudo.write_catalogue(tmp_path / "catalogues")))
    monkeypatch.setattr(i18n, "LANGUAGES", {"en": "English", pseudo.LANGUAGE: "العربية"})
    app = create_app(settings)
    with app.app_context():
        yield app


@pytest.fixture
def url(foreign: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(limiter, "enabled", False)
    server = make_server("127.0.0.1", 0, foreign, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


# What stands on a page and is no sentence: what people typed, codes, keys, and names of things outside.
LEFT = """() => {
    const page = document.body.cloneNode(true);
    const known = 'bdi, blockquote, code, kbd, pre, script, style, svg, textarea, option, time, .brand, .mono';
    for (const part of page.querySelectorAll(known)) part.remove();
    let text = page.innerText || page.textContent;
    for (let n = 0; n < 20; n++) text = text.replace(/⟦[^⟦⟧]*⟧/g, ' ');
    return text.split('\\n').map(line => line.trim()).filter(line => /[A-Za-z]{3}/.test(line));
}"""


@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_mirrored_and_translated(foreign: Flask, url: str, browser: Browser, width: int) -> None:
    """Nothing sticks out, nothing is a barrier, and no sentence is left in English."""
    booking = a_booking(name="ليلى", amount=Decimal(1200), currency="EUR", starts_in=timedelta(days=300))
    a_payment(booking)
    a_message(booking, status=MessageStatus.FAILED, error_code="30005")
    person = a_user(Role.ADMIN)
    known = {person.name, person.email, booking.email}  # Data, and no sentences.
    page = browser.new_context(viewport={"width": width, "height": 844}, locale="ar").new_page()
    guard = csp_guard(page)
    page.goto(f"{url}/login")
    page.locator("[name=email]").fill(person.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url(f"{url}/")

    found = {}
    for path in (*PLACES, f"/bookings/{booking.reference}"):
        page.goto(f"{url}{path}")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        found[path] = [*_sticking_out(page), *audit(page), *_english(page, known)]
    page.context.close()

    wrong = [f"{path}: {line}" for path, lines in found.items() for line in lines]
    assert not wrong, "\n".join(wrong)
    guard.assert_clean(ignoring=["503"])


def _english(page: Page, known: set[str | None]) -> list[str]:
    lines = {line.rstrip(",") for line in page.evaluate(LEFT)} - known
    # Addresses of pages, and what the operating system says of a connection.
    return [f"English: {line}" for line in sorted(lines) if not re.fullmatch(r"(/[a-z/-]+\s*)+|.*\[Errno.*", line)]


def _sticking_out(page: Page) -> list[str]:
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{wide} px too wide"] if wide > 0 else []


def test_the_pseudo_language_keeps_placeholders_and_markup() -> None:
    assert pseudo.said("Told <b>%(name)s</b>, 5 %%.") == "⟦Töld <b>%(name)s</b>, 5 %%.⟧"
    assert re.search("[aeiou]", pseudo.said("Queue")) is None
