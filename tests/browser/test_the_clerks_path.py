"""What a clerk does all day: with the keyboard alone, without a script, beside another clerk."""

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, PATIENCE_MS, Desk
from tests.support.house import House

expect.set_options(timeout=PATIENCE_MS)
_numbers = itertools.count(1)
Open = Callable[..., Desk]


@pytest.fixture
def booking(house: House) -> str:
    number = next(_numbers)
    return house.book(f"DESK-{number}", phone=f"+1415555{300 + number:04d}")


def focused(page: Page) -> str:
    return str(page.evaluate("() => document.activeElement.textContent.trim()"))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_with_the_keyboard_alone_from_signing_in_to_delivered(desk: Open, booking: str, theme: str, width: int) -> None:
    clerk = desk(theme, width)
    page = clerk.go("/login")
    page.keyboard.press("Tab")
    page.get_by_label("E-mail").focus()
    page.keyboard.type("desk@bellhop.example")
    press(page, "Tab")
    page.keyboard.type("bellhop-demo")
    press(page, "Enter")
    page.wait_for_url(f"{clerk.house.url}/")
    clerk.go("/bookings")

    press(page, "/")
    page.keyboard.type(booking)
    press(page, "Enter")
    row = page.locator(f"#booking-{booking}")
    expect(page.locator("[data-row]")).to_have_count(1)
    press(page, "j", "c")

    expect(row).to_contain_text("Confirmed")
    expect(page.get_by_role("status").filter(has_text="confirmed")).to_contain_text("Undo")
    page.wait_for_function("() => document.activeElement !== document.body")
    assert page.evaluate(f"() => document.getElementById('booking-{booking}').contains(document.activeElement)")
    page.evaluate(f"() => document.getElementById('booking-{booking}').focus()")
    press(page, "j", "Enter")
    page.wait_for_url(f"**/bookings/{booking}")
    for channel, word in (("SMS", "Delivered"), ("WhatsApp", "Delivered"), ("E-mail", "Sent")):
        told = page.locator("li[id^=message-]").filter(has_text=channel)
        expect(told.locator(".badge").first).to_have_text(word)
    clerk.guard.assert_clean()


def test_undo_takes_it_all_back_and_says_so(desk: Open, booking: str) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go(f"/bookings?q={booking}")

    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Undo").click()

    expect(page.locator(f"#booking-{booking}")).to_contain_text("Pending")
    expect(page.locator("#toasts")).to_contain_text("Nothing was sent")
    clerk.guard.assert_clean()


def test_a_double_click_confirms_once(desk: Open, booking: str, house: House) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go(f"/bookings?q={booking}")

    page.get_by_role("button", name="Confirm").dblclick()

    expect(page.locator(f"#booking-{booking}")).to_contain_text("Confirmed")
    assert len(house.call("GET", f"/bookings/{booking}").body["messages"]) == 3


def test_of_two_clerks_the_second_sees_who_was_first(desk: Open, booking: str) -> None:
    rosa, martin = desk(role="front_desk"), desk(role="manager")
    rosa.go(f"/bookings/{booking}")
    martin.go(f"/bookings/{booking}")

    rosa.page.get_by_role("button", name="Confirm").click()
    expect(rosa.page.locator("#toasts")).to_contain_text("confirmed")
    martin.page.get_by_role("button", name="Confirm").click()

    expect(martin.page.locator("#toasts")).to_contain_text("Rosa Silva confirmed this booking just before you")
    expect(martin.page.get_by_role("button", name="Confirm")).to_have_count(0)


def test_everything_works_without_a_script(desk: Open, booking: str) -> None:
    clerk = desk(role="front_desk", java_script_enabled=False)
    page = clerk.go(f"/bookings?q={booking}")

    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#toasts")).to_contain_text("confirmed")
    page.get_by_role("button", name="Undo").click()

    expect(page.locator("#toasts")).to_contain_text("Nothing was sent")


def test_a_session_that_ended_leads_to_the_sign_in_and_never_into_a_table(desk: Open, booking: str) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go(f"/bookings?q={booking}")
    page.wait_for_load_state("networkidle")  # The answer to a poll under way would bring the cookie back.
    clerk.context.clear_cookies()

    page.get_by_role("button", name="Confirm").click()

    page.wait_for_url("**/login**")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_keys_can_be_switched_off(desk: Open, booking: str) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go(f"/bookings?q={booking}")
    press(page, "?")
    page.get_by_role("button", name="Turn single-key shortcuts off").click()
    press(page, "Escape")

    press(page, "j", "c")

    expect(page.locator(f"#booking-{booking}")).to_contain_text("Pending")
