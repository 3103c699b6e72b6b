"""Every page in every state: no barrier that axe-core finds, no breach of the policy, in both themes and widths."""

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import THEMES, WIDTHS, Desk
from tests.support.axe import audit
from tests.support.house import House

Open = Callable[..., Desk]
FAILING = "+15005550001"
# A colour on its way to another is neither: two frames, then whatever still moves.
SETTLED = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
    Promise.allSettled(document.getAnimations().filter(a => a.effect.getComputedTiming().endTime < 5000)
        .map(a => a.finished)).then(() => done()))))"""

# Who looks at what, and what must be there before it is looked at.
PAGES = [
    pytest.param("front_desk", "/bookings", "Confirm", id="bookings-full"),
    pytest.param("front_desk", "/bookings?q=nobody-at-all", "No bookings", id="bookings-nothing-found"),
    pytest.param("front_desk", "/bookings/BK-2391", "Amelia Hart", id="booking-pending"),
    pytest.param("front_desk", "/bookings/PAGE-FAILED", "Not delivered", id="booking-failed"),
    pytest.param("front_desk", "/bookings/PAGE-TOLD", "Delivered", id="booking-told"),
    pytest.param("front_desk", "/messages/{failed}", "21211", id="message-failed"),
    pytest.param("front_desk", "/sandbox", "Nothing", id="sandbox"),
    pytest.param("front_desk", "/queue", "403", id="no-permission"),
    pytest.param("front_desk", "/nowhere", "404", id="nothing-here"),
    pytest.param("manager", "/messages", "Delivery board", id="board-full"),
    pytest.param("manager", "/messages?q=NOBODY", "No messages", id="board-nothing-found"),
    pytest.param("admin", "/messages?status=failed", "Retry", id="board-failed"),
    pytest.param("admin", "/queue", "Running", id="queue"),
]


@pytest.fixture(scope="module")
def places(house: House) -> dict[str, str]:
    """Bookings in the states that the pages above show; ids to fill into addresses."""
    house.book("PAGE-TOLD", phone="+14155550290")
    house.book("PAGE-FAILED", guest={"name": "Liam O’Connor", "phone": FAILING, "channels": ["sms"]})
    house.confirm("PAGE-TOLD")
    house.confirm("PAGE-FAILED")
    house.until_settled("PAGE-TOLD", sms="delivered", email="sent")
    failed = house.until_settled("PAGE-FAILED", sms="failed")
    return {"failed": str(failed["sms"]["id"])}


def assert_fine(page: Page, clerk: Desk) -> None:
    """Look at the page as it stands in each theme and width: nothing of it depends on how it was loaded."""
    for theme, width in itertools.product(THEMES, WIDTHS):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(SETTLED)
        assert audit(page) == [], f"{theme}, {width} px"
        fits = page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
        assert fits, f"it scrolls sideways at {width} px"
    # Only the browser's own word for an answer that is an error is let pass.
    clerk.guard.assert_clean(ignoring=["the server responded with a status of 4"])


@pytest.mark.parametrize(("role", "path", "shows"), PAGES)
def test_a_page_has_no_barriers(desk: Open, places: dict[str, str], role: str, path: str, shows: str) -> None:
    clerk = desk(role=role)

    page = clerk.go(path.format(**places))

    expect(page.locator("body")).to_contain_text(shows)
    assert_fine(page, clerk)


def test_the_sign_in_has_no_barriers_even_when_it_fails(desk: Open) -> None:
    clerk = desk()
    page = clerk.go("/login")
    assert_fine(page, clerk)

    page.get_by_label("E-mail").fill("nobody@bellhop.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()

    expect(page.locator("body")).to_contain_text("do not belong together")
    assert_fine(page, clerk)


def test_a_toast_with_its_undo_has_no_barriers(desk: Open, house: House) -> None:
    house.book("TOAST-1", phone="+14155550291")
    clerk = desk(role="front_desk")
    page = clerk.go("/bookings/TOAST-1")

    page.get_by_role("button", name="Confirm").click()

    expect(page.locator("#toasts")).to_contain_text("Undo")
    assert_fine(page, clerk)


def test_the_list_of_keys_has_no_barriers(desk: Open) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go("/bookings")

    page.keyboard.press("?")

    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    assert_fine(page, clerk)
