"""Undo by one key, the countdown before messages go out, and the questions before acts that hurt."""

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Desk
from tests.browser.test_every_page import assert_fine
from tests.support.house import House

expect.set_options(timeout=PATIENCE_MS)
_numbers = itertools.count(1)
Open = Callable[..., Desk]
WIDTHS = pytest.mark.parametrize("width", [1440, 390])
WATCH = """() => {
  window.seen = [];
  const one = document.querySelector('.toast [data-seconds]');
  new MutationObserver(() => window.seen.push(one.textContent)).observe(one, { childList: true });
}"""
COUNTING = "() => /in [1-6] s/.test(document.querySelector('.toast [data-seconds]')?.textContent)"


@pytest.fixture
def booking(house: House) -> str:
    """A pending booking with a payment to verify."""
    number = next(_numbers)
    reference = house.book(f"UNDO-{number}", phone=f"+1415555{750 + number:04d}")
    body = {"method": "Card", "amount": "120.00", "reference": f"UX-{number}"}
    assert house.call("POST", f"/bookings/{reference}/payments", body).status == 201
    return reference


def ask(page: Page, opener: str, does: str) -> None:
    page.get_by_role("button", name=opener).click()
    page.get_by_role("dialog").get_by_role("button", name=does).click()


def change(page: Page, _reference: str) -> None:
    page.get_by_role("link", name="Edit the booking").click()
    page.get_by_label("Guests").fill("4")
    page.get_by_role("button", name="Save changes").click()


ACTS: dict[str, Callable[[Page, str], None]] = {
    "confirm": lambda page, _reference: page.keyboard.press("c"),
    "decline": lambda page, reference: ask(page, "Decline", f"Decline {reference}"),
    "cancel": lambda page, reference: ask(page, "Cancel booking", f"Cancel {reference}"),
    "change": change,
    "verify": lambda page, _reference: page.keyboard.press("v"),
    "reject": lambda page, _reference: ask(page, "Reject", "Reject this payment"),
}


@WIDTHS
@pytest.mark.parametrize("act", ACTS)
def test_one_key_undoes_an_act_before_anything_is_sent(
    desk: Open, booking: str, house: House, act: str, width: int
) -> None:
    before = house.call("GET", f"/bookings/{booking}").body
    clerk = desk(width=width, role="front_desk")
    page = clerk.go(f"/bookings/{booking}")

    ACTS[act](page, booking)
    expect(page.locator("#toasts")).to_contain_text("3 messages go out in")
    page.keyboard.press("z")

    expect(page.locator("#toasts")).to_contain_text("Undone. Nothing was sent.")
    after = house.call("GET", f"/bookings/{booking}").body
    assert [message["status"] for message in after["messages"]] == ["skipped"] * 3
    same = ("status", "payment_status", "party_size", "payments")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    clerk.guard.assert_clean()


def test_the_moment_of_sending_counts_down_for_the_eye_and_is_said_once(desk: Open, booking: str) -> None:
    page = desk(role="front_desk").go(f"/bookings/{booking}")

    page.keyboard.press("c")
    page.wait_for_function(COUNTING)

    said = page.locator("#toasts .vh", has_text="go out in")
    expect(said).to_have_text("3 messages go out in 8 s.")
    expect(page.locator("#toasts [data-seconds]")).to_have_attribute("aria-hidden", "true")
    expect(page.locator(".held")).to_be_hidden()  # It is said in one place.
    expect(page.locator("#toasts [data-seconds]")).to_have_text("3 messages go out now.")


def test_who_wants_less_motion_sees_no_ticking(desk: Open, booking: str) -> None:
    page = desk(role="front_desk", reduced_motion="reduce").go(f"/bookings/{booking}")

    page.keyboard.press("c")
    counted = page.locator("#toasts [data-seconds]")
    expect(counted).to_have_count(1)
    page.evaluate(WATCH)

    expect(counted).to_have_text("3 messages go out now.")
    assert page.evaluate("() => window.seen") == ["3 messages go out now."]


def test_the_undo_button_is_one_key_away_from_everywhere(desk: Open, booking: str) -> None:
    page = desk(role="front_desk").go(f"/bookings?q={booking}")
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.locator("#toasts")).to_contain_text("confirmed")

    page.keyboard.press("F6")

    expect(page.locator("#toasts").get_by_role("button", name="Undo")).to_be_focused()


def test_no_letter_acts_in_a_field_nor_where_letters_are_off(desk: Open, booking: str) -> None:
    page = desk(role="front_desk").go(f"/bookings/{booking}")
    page.get_by_label("Add a note").fill("")
    page.get_by_label("Add a note").type("zcdnv/gb")
    page.keyboard.press("Tab")
    page.evaluate("() => { document.body.dataset.keys = 'off'; }")
    for key in ("c", "v", "d", "g", "b", "n"):
        page.keyboard.press(key)

    expect(page.get_by_label("Add a note")).to_have_value("zcdnv/gb")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#booking-state")).to_contain_text("Pending")
    assert page.url.endswith(f"/bookings/{booking}")


def test_letters_lead_from_page_to_page(desk: Open) -> None:
    page = desk(role="manager").go("/")

    for keys, path in (
        ("gb", "/bookings"),
        ("gp", "/payments"),
        ("gm", "/messages"),
        ("gt", "/"),
        ("n", "/bookings/new"),
    ):
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_url(lambda url, path=path: url.endswith(path))
    page.keyboard.press("/")

    page.wait_for_url("**/bookings#search")
    expect(page.get_by_role("searchbox")).to_be_focused()


@WIDTHS
def test_a_question_shows_the_text_as_it_will_be_read(desk: Open, booking: str, width: int) -> None:
    clerk = desk(width=width, role="front_desk")
    page = clerk.go(f"/bookings/{booking}")

    page.keyboard.press("d")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("The boat is full")

    expect(dialog.locator("#ask-texts blockquote").first).to_contain_text("The boat is full.")
    expect(dialog).to_contain_text("not in WhatsApp")
    expect(dialog).to_contain_text("gets 3 messages (SMS, WhatsApp and E-mail) in 8 seconds")
    assert_fine(page, clerk)


def test_escape_keeps_the_booking_and_what_was_typed_and_the_focus_comes_back(desk: Open, booking: str) -> None:
    page = desk(role="front_desk").go(f"/bookings/{booking}")
    page.get_by_role("button", name="Decline").click()
    page.get_by_label("Reason").fill("The boat is full")

    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Decline")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_label("Reason")).to_have_value("The boat is full")
    expect(page.locator("#ask-texts blockquote").first).to_contain_text("The boat is full.")
    expect(page.locator("#booking-state")).to_contain_text("Pending")


@WIDTHS
def test_the_question_of_the_last_row_stands_inside_the_window(desk: Open, width: int) -> None:
    page = desk(width=width, role="front_desk").go("/payments")
    page.get_by_role("button", name="Reject").last.click()

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Reason")).to_be_in_viewport()
    expect(dialog.get_by_role("button", name="Reject this payment")).to_be_in_viewport()
    page.get_by_role("button", name="Keep the payment").click()

    expect(page.get_by_role("button", name="Reject").last).to_be_focused()


def test_a_declined_booking_is_reopened(desk: Open, booking: str, house: House) -> None:
    assert house.call("POST", f"/bookings/{booking}/decline", {}).status == 200
    house.until_settled(booking, sms="delivered")
    clerk = desk(role="front_desk")
    page = clerk.go(f"/bookings/{booking}")

    page.get_by_role("button", name="Reopen").click()
    expect(page.get_by_role("dialog")).to_contain_text("was told that there is no booking")
    page.get_by_role("dialog").get_by_role("button", name=f"Reopen {booking}").click()

    expect(page.locator("#booking-state")).to_contain_text("Pending")
    expect(page.get_by_role("button", name="Confirm")).to_be_visible()
    clerk.guard.assert_clean()
