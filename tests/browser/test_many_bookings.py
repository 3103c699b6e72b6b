"""Many rows at once: ticked with keys or the pointer, confirmed in one go, taken back; with and without a script."""

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, PATIENCE_MS, Desk
from tests.browser.test_every_page import assert_fine
from tests.support.house import House

expect.set_options(timeout=PATIENCE_MS)
_numbers = itertools.count(1)
Open = Callable[..., Desk]
MANY = 10
MOST_KEYS = 14


@pytest.fixture
def group(house: House) -> str:
    """The beginning of the references of ten pending bookings, which nobody else looks at."""
    number = next(_numbers)
    for one in range(MANY):
        house.book(f"MANY{number:02d}-{one}", phone=f"+1415556{number:02d}{one:02d}")
    return f"MANY{number:02d}-"


class Keys:
    """Presses keys and counts them."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1


def ticked(page: Page) -> int:
    return page.locator("[name=ticked]:checked").count()


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_ten_bookings_are_confirmed_with_few_keys(desk: Open, group: str, theme: str, width: int) -> None:
    clerk = desk(theme, width, role="front_desk")
    page = clerk.go(f"/bookings?q={group}")
    keys = Keys(page)

    keys.press("j", "x", *["j"] * (MANY - 1), "Shift+X")
    assert ticked(page) == MANY
    expect(page.locator("[data-live-word]")).to_contain_text("Frozen")
    keys.press("c")
    expect(page.locator("dialog[open]")).to_contain_text("Guests: 10. Messages: 30")
    expect(page.locator("dialog[open] button[type=submit]")).to_be_focused()
    keys.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("10 bookings confirmed.")
    expect(page.locator("[data-row]").filter(has_text="Confirmed")).to_have_count(MANY)
    assert keys.pressed <= MOST_KEYS
    assert page.evaluate("() => Boolean(document.activeElement.closest('[data-row]'))")
    expect(page.locator("[data-live-word]")).to_contain_text("Updated")
    clerk.guard.assert_clean()


def test_all_of_it_is_taken_back_by_one_press(desk: Open, group: str) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go(f"/bookings?q={group}")
    page.get_by_label("all on this page").check()

    page.get_by_role("button", name="Confirm …").click()
    page.get_by_role("button", name="Confirm 10 bookings").click()
    page.locator("#toasts").get_by_role("button", name="Undo").click()

    expect(page.locator("#toasts")).to_contain_text("10 bookings undone")
    expect(page.locator("[data-row]").filter(has_text="Pending")).to_have_count(MANY)
    clerk.guard.assert_clean()


def test_ticks_survive_a_poll_and_hold_the_list_still(desk: Open, group: str, house: House) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go(f"/bookings?q={group}")
    page.get_by_label(f"Select {group}3").check()
    polls: list[str] = []
    page.on("request", lambda request: polls.append(request.url) if "/work" in request.url else None)

    house.book(f"{group}new", phone="+14155569999")
    page.wait_for_timeout(2500)

    assert (ticked(page), polls) == (1, [])
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".chip.new")).to_contain_text("1")


def test_whoever_was_first_is_named_and_the_others_are_done(desk: Open, group: str, house: House) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go(f"/bookings?q={group}")
    page.get_by_label("all on this page").check()
    house.confirm(f"{group}4")

    page.get_by_role("button", name="Confirm …").click()
    expect(page.locator("dialog[open]")).to_contain_text("1 booking is left out")
    house.confirm(f"{group}5")
    page.get_by_role("button", name="Confirm 9 bookings").click()

    told = page.locator("dialog[open]")
    expect(told).to_contain_text("8 bookings confirmed.")
    expect(told).to_contain_text("Somebody was first")
    expect(told).to_contain_text("confirmed this booking just before you")
    assert_fine(page, clerk)


def test_the_bar_and_the_dialog_have_no_barriers(desk: Open, group: str) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go(f"/bookings?q={group}")
    page.get_by_label("all on this page").check()
    assert_fine(page, clerk)

    page.get_by_role("button", name="Decline …").click()

    expect(page.locator("dialog[open] textarea")).to_be_focused()
    assert_fine(page, clerk)
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert ticked(page) == MANY


def test_it_works_without_a_script(desk: Open, group: str) -> None:
    clerk = desk(role="front_desk", java_script_enabled=False)
    page = clerk.go(f"/bookings?q={group}")
    for number in (0, 1):
        page.get_by_label(f"Select {group}{number}").check()

    page.get_by_role("button", name="Confirm …").click()
    expect(page.get_by_role("heading", name="Confirm 2 bookings?")).to_be_visible()
    page.get_by_role("button", name="Confirm 2 bookings").click()
    expect(page.get_by_role("heading", name="2 bookings confirmed.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_role("heading", name="2 bookings undone")).to_be_visible()


def test_days_service_and_order_are_chosen_and_taken_off(desk: Open, group: str) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go(f"/bookings?q={group}")
    page.locator("summary", has_text="Filter and sort").click()
    page.get_by_label("From").fill("2030-01-01")
    page.get_by_label("To", exact=True).fill("2030-12-31")
    page.get_by_label("Service").select_option("Harbour cruise")
    page.get_by_label("Order").select_option("newest")
    page.get_by_role("button", name="Show").click()

    expect(page.locator("[data-row]")).to_have_count(MANY)
    assert "from=2030-01-01&to=2030-12-31&service=Harbour+cruise&sort=newest" in page.url
    assert_fine(page, clerk)
    page.get_by_role("link", name="Clear these days").click()
    expect(page.get_by_role("link", name="Any day")).to_have_attribute("aria-current", "true")
    assert "service=Harbour+cruise" in page.url


def test_a_manager_takes_the_list_out_as_a_file(desk: Open, group: str) -> None:
    page = desk(role="manager").go(f"/bookings?q={group}")

    with page.expect_download() as download:
        page.locator(".tools summary").click()
        page.get_by_role("button", name="Export").click()

    text = download.value.path().read_text("utf-8-sig")
    assert len(text.splitlines()) == MANY + 1
    expect(page.locator("form[data-download] button")).to_be_enabled()
