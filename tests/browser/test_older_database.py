"""An older database that was put back, at a real browser: what everybody reads, and what an admin does."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import LOOKS, Desk
from tests.browser.test_every_page import assert_fine
from tests.support.house import House

LATER = 60_000  # Milliseconds
TITLE = "The database is older than what this desk has already sent."
# The worker has stopped; its messages wait, and the epoch that stands beside is higher.
OLDER = """
from sqlalchemy import update
from webapp.database import later, writing
from webapp.extensions import db
from webapp.models import DatabaseMark
with writing():
    db.session.execute(update(DatabaseMark).values(epoch=0, grown_at=later(-5400)))
"""


@pytest.fixture(scope="module")
def older_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that works with an older database."""
    with House(tmp_path_factory.mktemp("older"), sandbox=True, undo_seconds=0) as started:
        started.flask("seed-demo")
        started.worker.stop()
        for number in range(3):
            started.confirm(started.book(f"OLD-{number}", phone=f"+1415555017{number}"))
        started.web.stop()
        started.python(OLDER)
        started.web.start()
        started.worker.start()
        yield started


@pytest.fixture(scope="module")
def cookies(browser: Browser, older_house: House) -> dict[str, Any]:
    """Those of an admin and of somebody at the desk."""
    kept = {}
    for role in ("admin", "front_desk"):
        somebody = Desk(browser.new_context(), older_house)
        expect(somebody.sign_in(role).locator("#banners")).to_contain_text(TITLE, timeout=LATER)
        kept[role] = somebody.context.storage_state()
        somebody.context.close()
    return kept


def seen(browser: Browser, house: House, cookies: dict[str, Any], theme: Any, width: int, role: str) -> Desk:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, storage_state=cookies[role]
    )
    return Desk(context, house)


@pytest.mark.parametrize(("theme", "width"), LOOKS)
@pytest.mark.parametrize(
    ("role", "path"), [("front_desk", "/"), ("admin", "/"), ("admin", "/queue"), ("admin", "/queue/restored")]
)
def test_it_reads_well(
    browser: Browser, older_house: House, cookies: dict[str, Any], theme: str, width: int, role: str, path: str
) -> None:
    somebody = seen(browser, older_house, cookies, theme, width, role)

    page = somebody.go(path)

    if path != "/queue/restored":
        expect(page.locator(".banner", has_text=TITLE)).to_be_visible()
    assert_fine(page, somebody)
    somebody.context.close()


def test_an_admin_looks_and_goes_on(browser: Browser, older_house: House, cookies: dict[str, Any]) -> None:
    ada = seen(browser, older_house, cookies, "light", 1440, "admin")
    page = ada.go("/queue")

    page.locator("#queue-notice").get_by_role("link", name="Look at it").click()
    expect(page.locator("main")).to_contain_text("OLD-1")
    page.get_by_role("button", name="I have looked: go on").click()

    expect(page.locator(".toasts")).to_contain_text("closed as “May have arrived”. Messages go out again.")
    expect(page.locator("#queue-notice .banner.bad")).to_have_count(0)
    assert {m["status"] for m in older_house.messages("OLD-1").values()} == {"failed"}
    assert_fine(page, ada)
    ada.context.close()
