"""A page that was open while the database fell silent: it says so, loses nothing, and goes on by itself."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.outages.desk import Desk, postgresql_desk
from tests.support.servers import Postgres
from tests.support.waiting import until

expect.set_options(timeout=PATIENCE_MS)
WORDS = "The database does not answer"
CONFIRM = "form[action$='/confirmation'] button"


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Desk]:
    """A desk whose database can be silenced."""
    with postgresql_desk(tmp_path_factory.mktemp("away"), postgres) as started:
        yield started


@pytest.fixture
def page(browser: Browser, away: Desk) -> Iterator[Page]:
    """Somebody signed in, at the page of a booking to confirm."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    name, _, value = away.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": away.house.url}])
    opened = context.new_page()
    opened.goto(f"{away.house.url}/bookings/{away.next_booking()}")
    yield opened
    away.database.be("pass")
    context.close()


def is_confirmed(page: Page) -> bool:
    """Click where the button is still there: each process finds out for itself, within a second."""
    if page.locator(CONFIRM).count():
        page.locator(CONFIRM).click(timeout=2000)
    return "Confirmed" in page.locator("#booking").inner_text(timeout=2000)


def test_an_open_page_says_that_the_database_is_silent_and_goes_on_by_itself(page: Page, away: Desk) -> None:
    page.get_by_label("Add a note").fill("Half a sentence")
    banner = page.locator("#stale-banner")

    away.database.be("silent")
    expect(banner).to_contain_text(WORDS)
    expect(banner).to_be_visible()
    away.database.be("pass")

    expect(banner).to_be_hidden()
    expect(page.get_by_label("Add a note")).to_have_value("Half a sentence")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#timeline")).to_contain_text("Half a sentence")


def test_an_act_meanwhile_says_why_not_and_works_afterwards(page: Page, away: Desk) -> None:
    away.database.be("silent")
    page.locator(CONFIRM).click()
    expect(page.locator("#toasts")).to_contain_text(f"{WORDS}. Nothing was changed.")

    away.database.be("pass")
    expect(page.locator("#stale-banner")).to_be_hidden()

    until(lambda: is_confirmed(page), within=PATIENCE_MS / 1000, saying="the booking is confirmed", ignoring=(Error,))
