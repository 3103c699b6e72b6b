"""What one clerk does shows on the other's page: in its row, in every count, and without a row that moves."""

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Desk
from tests.support.house import House

expect.set_options(timeout=PATIENCE_MS)
Open = Callable[..., Desk]
_numbers = itertools.count(1)


@pytest.fixture
def group(house: House) -> str:
    """The beginning of the references of two pending bookings."""
    group = f"BOTH{next(_numbers)}-"
    for one in range(2):
        house.book(f"{group}{one}", phone=f"+141555584{one:02d}")
    return group


def tops(page: Page) -> list[float]:
    found: list[float] = page.eval_on_selector_all(
        "tr[data-row]", "rows => rows.map(row => row.getBoundingClientRect().top)"
    )
    return found


def test_a_row_follows_what_a_colleague_did(desk: Open, house: House, group: str) -> None:
    rosa = desk(role="front_desk")
    page = rosa.go(f"/bookings?q={group}&status=pending")
    before = tops(page)

    house.confirm(f"{group}0")

    row = page.locator(f"#booking-{group}0")
    expect(row).to_contain_text("Confirmed")
    expect(row.get_by_role("button", name="Confirm")).to_have_count(0)
    expect(page.locator(".chip.new")).to_contain_text("1 changed")
    expect(page.locator(f"#booking-{group}1")).to_contain_text("Pending")
    assert tops(page) == before
    page.locator(".chip.new").click()
    expect(page.locator("tr[data-row]")).to_have_count(1)
    rosa.guard.assert_clean()


def test_a_ticked_row_and_an_open_dialog_hold_still(desk: Open, house: House, group: str) -> None:
    page = desk(role="front_desk").go(f"/bookings?q={group}&status=pending")
    page.get_by_label(f"Select {group}0").check()
    before = tops(page)

    house.confirm(f"{group}0")
    page.wait_for_function("() => new Promise(done => document.body.addEventListener('tick-held', () => done(true)))")

    expect(page.locator(f"#booking-{group}0")).to_contain_text("Pending")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(f"#booking-{group}0")).to_contain_text("Confirmed")
    assert tops(page) == before


SECOND_HAS_PASSED = "(since) => performance.now() - since > 1100"


def test_every_number_on_today_agrees_after_a_click(desk: Open, group: str) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go("/")
    page.get_by_role("button", name="Confirm").first.click()
    expect(page.locator("#toasts")).to_contain_text("confirmed")

    # Counts are shared for a second: the right one is what a page says that is opened after it.
    other = desk(role="front_desk").go("/")
    page.wait_for_function(SECOND_HAS_PASSED, arg=page.evaluate("() => performance.now()"))
    other.reload()
    many = other.locator("#today-figures .value").first.inner_text()
    expect(page.locator("#today-figures .value").first).to_have_text(many)
    expect(page.locator("#count-calendar-event")).to_have_text(many)
    expect(page.locator("#confirm-all")).to_have_text(f"All {many}")
    clerk.guard.assert_clean()
