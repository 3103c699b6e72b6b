"""A row opens wherever it is clicked, unless it is a control that was clicked, or words that were marked."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk

Open = Callable[..., Desk]
FIRST = "tr[data-row] >> nth=0"


@pytest.fixture
def page(desk: Open) -> Page:
    return desk(role="front_desk").go("/bookings")


def link(page: Page) -> str:
    return page.locator(FIRST).locator("[data-open]").get_attribute("href") or ""


def test_a_click_on_a_row_opens_it(page: Page) -> None:
    address = link(page)

    page.locator(FIRST).locator(".col-text").click()

    page.wait_for_url(f"**{address}")


@pytest.mark.parametrize("how", [{"button": "middle"}, {"modifiers": ["ControlOrMeta"]}])
@pytest.mark.parametrize("where", [".col-text", "[data-open]"])
def test_a_row_opens_in_a_tab_of_its_own(page: Page, where: str, how: dict[str, object]) -> None:
    address, here = link(page), page.url

    with page.context.expect_page() as opened:
        page.locator(FIRST).locator(where).click(**how)  # type: ignore[arg-type]

    opened.value.wait_for_url(f"**{address}")
    assert page.url == here


def test_the_controls_of_a_row_keep_their_clicks(page: Page) -> None:
    page.locator("tr[data-row] [data-pick]").first.check()

    expect(page.locator("[data-ticked]")).to_have_text("1 selected")
    expect(page).to_have_title("Bookings – Bellhop")
    phone = page.locator(FIRST).get_by_role("link").nth(1)
    assert (phone.get_attribute("href") or "").startswith("tel:+")


def test_marking_words_in_a_row_does_not_open_it(page: Page) -> None:
    page.evaluate("() => getSelection().selectAllChildren(document.querySelector('tr[data-row] .col-text'))")

    page.locator(FIRST).locator(".col-text").dispatch_event("click")

    expect(page).to_have_title("Bookings – Bellhop")
