"""A manager's path on the delivery board: what failed, why and when; ticked by keys; and nothing moves meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Desk
from tests.browser.test_every_page import assert_fine
from tests.support.house import House

expect.set_options(timeout=PATIENCE_MS)
Open = Callable[..., Desk]
FAILING = "+15005550001"
CAUSE = "21211"


@pytest.fixture(scope="module")
def failed(house: House) -> list[str]:
    """Three bookings whose SMS failed, and one that was told."""
    references = [f"BOARD-{n}" for n in range(3)]
    for number, reference in enumerate(references):
        house.book(reference, guest={"name": f"Guest {number}", "phone": FAILING, "channels": ["sms"]})
        house.confirm(reference)
    house.book("BOARD-TOLD", phone="+14155550401")
    house.confirm("BOARD-TOLD")
    for reference in references:
        house.until_settled(reference, sms="failed")
    house.until_settled("BOARD-TOLD", sms="delivered", email="sent")
    return references


def rows(page: Page) -> list[tuple[str, float]]:
    """The rows, each with the place where it stands."""
    found: list[tuple[str, float]] = page.eval_on_selector_all(
        "tr[data-row]", "rows => rows.map(row => [row.id, row.getBoundingClientRect().top + window.scrollY])"
    )
    return found


@pytest.mark.parametrize("width", [1440, 390])
def test_a_manager_finds_what_failed_by_cause_and_day(desk: Open, failed: list[str], house: House, width: int) -> None:
    clerk = desk(width=width, role="manager")
    page = clerk.go("/messages?q=BOARD")
    page.locator("summary", has_text="More filters").click()
    today = datetime.now(UTC).date().isoformat()
    page.get_by_label("Error code").fill(CAUSE)
    page.get_by_label("From").fill(today)
    page.get_by_label("To", exact=True).fill(today)
    page.get_by_role("button", name="Show").click()

    expect(page.locator("[data-row]")).to_have_count(len(failed))
    expect(page.get_by_role("navigation", name="Filters that are set")).to_contain_text(CAUSE)
    assert f"cause={CAUSE}" in page.url and f"from={today}&to={today}" in page.url
    page.get_by_role("link", name="Remove this filter").first.click()
    assert "cause" not in page.url
    clerk.guard.assert_clean()


@pytest.mark.parametrize("view", ["bookings", "messages"])
@pytest.mark.parametrize("width", [1440, 390])
def test_ticked_rows_hold_still_while_others_come(
    desk: Open, failed: list[str], house: House, view: str, width: int
) -> None:
    clerk = desk(width=width, role="manager")
    page = clerk.go(f"/messages?q=BOARD&status=failed&view={view}")
    for key in ("j", "x", "j", "j", "Shift+X", "k", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-ticked]")).to_have_text("2 selected")
    before = rows(page)

    late = f"BOARD-{view}-{width}"
    house.book(late, guest={"name": "Late Guest", "phone": FAILING, "channels": ["sms"]})
    house.confirm(late)
    house.until_settled(late, sms="failed")

    expect(page.locator("#board-news")).to_contain_text("Frozen · 1 new")
    assert rows(page) == before
    expect(page.locator("[data-pick]:checked")).to_have_count(2)
    expect(page.locator("[data-live-word]")).to_contain_text("Frozen")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".chip.new")).to_contain_text("1")
    assert rows(page) == before
    page.keyboard.press("x")
    assert_fine(page, clerk)


def test_the_ticked_ones_are_resolved(desk: Open, failed: list[str]) -> None:
    clerk = desk(role="manager")
    page = clerk.go("/messages?q=BOARD-0&status=failed")
    expect(page.get_by_role("button", name="Retry …")).to_have_count(0)

    page.get_by_label("Select SMS for BOARD-0").check()
    page.get_by_role("button", name="Resolve …", exact=True).click()

    expect(page.locator("main")).to_contain_text("BOARD-0")
    assert "/messages/batches/" in page.url
    clerk.guard.assert_clean()


def test_a_row_moves_on_by_itself_while_nothing_is_ticked(desk: Open, house: House) -> None:
    house.book("BOARD-MOVES", phone="+14155550402")
    clerk = desk(role="manager")
    house.call("POST", "/bookings/BOARD-MOVES/confirm")
    page = clerk.go("/messages?q=BOARD-MOVES")

    expect(page.locator("[data-row]")).to_contain_text("Delivered")
    expect(page.locator("[data-row] [name=row]")).to_have_count(0)
    clerk.guard.assert_clean()


def test_the_board_is_taken_out_as_a_file(desk: Open, failed: list[str]) -> None:
    page = desk(role="manager").go("/messages?q=BOARD-TOLD")

    with page.expect_download() as download:
        page.locator(".tools summary").click()
        page.get_by_role("button", name="Export").click()

    assert len(download.value.path().read_text("utf-8-sig").splitlines()) == 1 + 3


def test_what_matches_nothing_says_which_filter_to_drop(desk: Open, failed: list[str]) -> None:
    page = desk(role="manager").go(f"/messages?q=BOARD&cause={CAUSE}&event=payment_reversed")

    page.get_by_role("link", name="without Payment reversed").click()

    expect(page.locator("[data-row]").first).to_contain_text("Not delivered")
