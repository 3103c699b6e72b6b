"""The menu of Ctrl-K: every page, booking and act of the page in reach of the keyboard, and of a thumb."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LOOKS
from tests.browser.test_every_page import SETTLED, Open
from tests.support.axe import audit
from tests.support.house import House


def opened(page: Page, keys: str = "Control+k") -> Locator:
    page.keyboard.press(keys)
    box = page.get_by_role("combobox", name="Page, booking or action")
    expect(box).to_be_focused()
    expect(page.locator("#menu").get_by_role("option", name="Your account")).to_be_visible()
    return box


def active(page: Page) -> Locator:
    return page.locator("[role=option][aria-selected=true]")


def test_it_leads_to_a_page(desk: Open) -> None:
    page = desk(role="front_desk").go("/bookings")

    opened(page).press_sequentially("bank st")
    expect(active(page)).to_have_text("Bank statement")
    page.keyboard.press("Enter")

    page.wait_for_url("**/payments/statement")


def test_it_finds_a_booking_by_a_part_of_the_name(house: House, desk: Open) -> None:
    house.book("MENU-1", guest={"name": "Zoë Menuhin", "phone": "+14155550241"})
    page = desk(role="front_desk").go("/payments")

    opened(page).fill("menuhin")
    expect(active(page)).to_contain_text("MENU-1")
    expect(active(page)).to_contain_text("Pending")
    page.keyboard.press("Enter")

    page.wait_for_url("**/bookings/MENU-1")


def test_enter_waits_for_what_is_found(house: House, desk: Open) -> None:
    """A fast typist must not choose what the letters before had found."""
    house.book("MENU-2", guest={"name": "Quentin Rapidly", "phone": "+14155550242"})
    page = desk(role="front_desk").go("/payments")

    opened(page).fill("rapidly")
    page.keyboard.press("Enter")

    page.wait_for_url("**/bookings/MENU-2")


def test_it_does_an_act_of_the_page(house: House, desk: Open) -> None:
    house.book("MENU-3", guest={"name": "Ada Act", "phone": "+14155550243"})
    page = desk(role="front_desk").go("/bookings/MENU-3")

    opened(page).fill("confirm")
    expect(active(page)).to_contain_text("Confirm")
    page.keyboard.press("Enter")

    expect(page.locator("#toasts").get_by_role("button", name="Undo")).to_be_visible()


def test_a_name_opens_the_booking_sooner_than_it_acts_on_it(house: House, desk: Open) -> None:
    """Enter after a guest's name must never confirm: the list has a button of that name too."""
    house.book("MENU-4", guest={"name": "Beatrix Sooner", "phone": "+14155550244"})
    page = desk(role="front_desk").go("/bookings?q=sooner")

    opened(page).fill("sooner")

    expect(active(page)).to_have_attribute("href", "/bookings/MENU-4")
    expect(page.locator("#menu").get_by_role("option").last).to_contain_text("MENU-4")
    acts = page.get_by_role("group", name="On this page")
    expect(acts.get_by_role("option", name="Confirm MENU-4 Beatrix Sooner")).to_be_visible()


def test_the_arrows_go_round_and_escape_gives_the_focus_back(desk: Open) -> None:
    page = desk(role="manager").go("/messages/figures")
    button = page.get_by_role("button", name="Search or do …")
    button.focus()

    box = opened(page, "Space")
    expect(active(page)).to_have_count(0)
    page.keyboard.press("ArrowUp")
    expect(page.locator("#menu").get_by_role("option").last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#menu").get_by_role("option").first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute(
        "aria-activedescendant", page.locator("#menu").get_by_role("option").first.get_attribute("id") or "?"
    )
    page.keyboard.press("Escape")

    expect(button).to_be_focused()


def test_nothing_found_is_said(desk: Open) -> None:
    page = desk(role="front_desk").go("/bookings")

    opened(page).fill("xyzzyxyzzy")

    expect(page.get_by_role("status").filter(has_text="Nothing found")).to_be_visible()
    expect(page.locator("#menu").get_by_role("option")).to_have_count(0)


def test_without_a_script_its_button_is_a_link_to_the_search(desk: Open) -> None:
    page = desk(role="front_desk", java_script_enabled=False).go("/payments")

    page.get_by_role("link", name="Search or do …").click()

    page.wait_for_url("**/bookings#search")


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_no_barrier_is_found_in_it(desk: Open, theme: str, width: int) -> None:
    someone = desk(theme, width, role="front_desk")
    page = someone.go("/bookings")
    if width < 500:
        page.locator(".more summary").click()

    page.get_by_role("button", name="Search or do …").click()
    page.get_by_role("combobox").fill("am")
    expect(page.locator("#menu").get_by_role("option").filter(has_text="Amelia Hart").first).to_be_visible()
    page.evaluate(SETTLED)

    assert audit(page) == []
    someone.guard.assert_clean()
