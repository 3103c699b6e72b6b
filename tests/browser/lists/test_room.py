"""How much of a window the rows get: on a phone, on a tablet held upright, and at the desk."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.support.axe import overflow
from tests.support.house import House

Open = Callable[..., Desk]
HEAD, DENSE = 200, 12
FAILING = "+15005550001"
ROWS = "main [data-row], main .cause"
LISTS = [
    ("front_desk", "/bookings"),
    ("front_desk", "/payments"),
    ("front_desk", "/"),
    ("manager", "/messages"),
    ("manager", "/messages/failures"),
]


@pytest.fixture(scope="module", autouse=True)
def failed(house: House) -> None:
    house.book("ROOM-FAILED", guest={"name": "Liam O’Connor", "phone": FAILING, "channels": ["sms"]})
    house.confirm("ROOM-FAILED")
    house.until_settled("ROOM-FAILED", sms="failed")


def tops(page: Page) -> list[float]:
    found: list[float] = page.eval_on_selector_all(ROWS, "rows => rows.map(row => row.getBoundingClientRect().top)")
    return found


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
@pytest.mark.parametrize(("role", "path"), LISTS)
def test_on_a_phone_the_first_row_begins_near_the_top(desk: Open, role: str, path: str, locale: str) -> None:
    page = desk(width=390, role=role, locale=locale).go(path)

    expect(page.locator(ROWS).first).to_be_visible()

    assert tops(page)[0] < HEAD
    assert overflow(page) == 0


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_every_place_is_in_sight_on_a_phone(desk: Open, locale: str) -> None:
    page = desk(width=390, role="admin", locale=locale).go("/")
    tabs = page.get_by_role("navigation").first

    page.locator(".more summary").click()

    assert tabs.evaluate("nav => nav.scrollWidth <= nav.clientWidth")
    expect(tabs.locator("a:visible")).to_have_count(tabs.locator("a").count())
    expect(page.locator(".account form button")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator(".account")).to_be_hidden()
    expect(page.locator(".more summary")).to_be_focused()


@pytest.mark.parametrize(("role", "path"), [("front_desk", "/bookings"), ("manager", "/messages?view=messages")])
@pytest.mark.parametrize("width", [720, 768, 1024])
def test_a_tablet_has_a_table_with_tick_boxes(desk: Open, role: str, path: str, width: int) -> None:
    page = desk(width=width, role=role).go(path)

    expect(page.locator("thead [data-pick-all]")).to_be_visible()

    lefts = page.eval_on_selector_all(
        "tr[data-row] .col-title", "all => all.map(one => one.getBoundingClientRect().left)"
    )
    assert len(set(lefts)) == 1
    cut = page.evaluate(
        "() => { const all = document.querySelector('.tablewrap'); return all.scrollWidth - all.clientWidth }"
    )
    assert cut <= 0


def test_the_desk_sees_a_dozen_bookings(desk: Open) -> None:
    page = desk(role="front_desk").go("/bookings")

    bottoms = page.eval_on_selector_all("tr[data-row]", "rows => rows.map(row => row.getBoundingClientRect().bottom)")

    assert sum(bottom <= 900 for bottom in bottoms) >= DENSE


def test_filters_open_over_the_list(desk: Open) -> None:
    page = desk(role="front_desk").go("/bookings")
    before = tops(page)

    page.locator("summary", has_text="Filter and sort").click()

    expect(page.get_by_label("From")).to_be_visible()
    assert tops(page) == before


def test_a_search_on_a_phone_takes_its_line_only_while_somebody_types(desk: Open) -> None:
    page = desk(width=390, role="front_desk").go("/")
    box = page.get_by_role("searchbox")
    assert box.evaluate("box => box.clientWidth") < 60

    box.fill("Amelia Hart")
    assert box.evaluate("box => box.clientWidth") > 300
    box.press("Enter")

    expect(page.locator("[data-row]").first).to_contain_text("Amelia Hart")
    assert "/bookings" in page.url
