"""One booking at the desk: taken, changed and written about by hand, and nothing of what was typed is ever lost."""

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS, Desk
from tests.support.house import House
from webapp.services.accounts.demo import PASSWORD

expect.set_options(timeout=PATIENCE_MS)
_numbers = itertools.count(1)
Open = Callable[..., Desk]
KEPT = "() => Object.keys(localStorage).filter(name => name.startsWith('draft:')).length"
SAVED = "text => Object.values(localStorage).some(draft => draft.includes(text))"


@pytest.fixture
def booking(house: House) -> str:
    number = next(_numbers)
    return house.book(f"ONE-{number}", phone=f"+1415555{600 + number:04d}")


def fill(page: Page, **more: str) -> None:
    typed = {"Name": "Zoë Brännström", "Phone": "+14155552671", "Service": "Night kayak", "Amount": "185"} | more
    for label, text in typed.items():
        page.get_by_label(label).first.fill(text)
    page.get_by_label("Starts").fill("2030-05-01T18:00")


def kept(page: Page, text: str) -> None:
    """Wait until the browser has kept what was typed."""
    page.wait_for_function(SAVED, arg=text)


def note_of(page: Page) -> Locator:
    return page.get_by_label("Add a note")


def sign_in_here(page: Page) -> None:
    page.get_by_label("E-mail").fill("desk@bellhop.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_booking_is_taken_with_the_keyboard_alone(desk: Open) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go("/bookings/new")
    page.get_by_label("Name").focus()

    for text in ("Zoë Brännström", "+14155552671", "zoe@guests.example"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    fill(page)
    page.get_by_label("Amount").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Zoë Brännström")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text("saved, not confirmed yet")
    assert page.evaluate(KEPT) == 0
    clerk.guard.assert_clean()


def test_a_wrong_field_says_what_to_do_and_the_rest_stays(desk: Open) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go("/bookings/new")

    fill(page, Phone="12")
    page.get_by_role("button", name="Save booking").click()

    expect(page.locator("#phone-error")).to_contain_text("country code")
    expect(page.get_by_label("Service")).to_have_value("Night kayak")
    expect(page.locator(".summary")).to_be_focused()


def test_without_a_script_a_booking_is_taken_changed_and_written_about(desk: Open) -> None:
    clerk = desk(role="front_desk", java_script_enabled=False)
    page = clerk.go("/bookings/new")
    fill(page)
    page.get_by_role("button", name="Save booking").click()

    page.get_by_role("link", name="Edit the booking").click()
    page.get_by_label("Guests").fill("4")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#toasts")).to_contain_text("messages go out in 8 s.")
    note_of(page).fill("Wants the window seat.")
    page.get_by_role("button", name="Add note").click()

    expect(page.locator("#timeline")).to_contain_text("Wants the window seat.")
    expect(page.locator(".timeline")).to_contain_text("Guests: 1 became→ 4")


def test_a_reload_a_closed_tab_and_an_ended_session_lose_nothing(desk: Open) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go("/bookings/new")
    fill(page, Name="Overnight Guest")
    page.get_by_label("WhatsApp").uncheck()
    kept(page, "Overnight Guest")

    page.close()
    page = clerk.context.new_page()
    page.goto(f"{clerk.house.url}/bookings/new")
    expect(page.get_by_text("We restored what you typed")).to_be_visible()
    expect(page.get_by_label("WhatsApp")).not_to_be_checked()
    clerk.context.clear_cookies()
    page.get_by_role("button", name="Save booking").click()
    sign_in_here(page)

    page.wait_for_url("**/bookings/new")
    expect(page.get_by_label("Name")).to_have_value("Overnight Guest")
    expect(page.get_by_label("Starts")).to_have_value("2030-05-01T18:00")
    page.get_by_role("button", name="Save booking").click()
    expect(page.get_by_role("heading", name="Overnight Guest")).to_be_visible()
    assert page.evaluate(KEPT) == 0


def test_signing_in_elsewhere_leads_back_to_the_form_with_its_content(desk: Open) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go("/bookings/new")
    fill(page, Name="Two Tabs")
    clerk.context.clear_cookies()
    other = clerk.context.new_page()
    other.goto(f"{clerk.house.url}/login")
    sign_in_here(other)
    other.wait_for_url(f"{clerk.house.url}/")

    page.get_by_role("button", name="Save booking").click()

    expect(page.locator("#toasts")).to_contain_text("Check it and send it again")
    expect(page.get_by_label("Name")).to_have_value("Two Tabs")


def test_a_draft_can_be_thrown_away_and_leaves_with_whoever_logs_out(desk: Open) -> None:
    clerk = desk()
    clerk.sign_in()
    page = clerk.go("/bookings/new")
    fill(page)
    kept(page, "Night kayak")
    page.reload()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Name")).to_have_value("")

    fill(page)
    kept(page, "Night kayak")
    page.get_by_role("button", name="Sign out").click()

    page.wait_for_url("**/login")
    assert page.evaluate(KEPT) == 0


def test_two_clerks_change_one_booking_and_the_second_keeps_what_was_typed(desk: Open, booking: str) -> None:
    rosa, martin = desk(role="front_desk"), desk(role="manager")
    page = rosa.go(f"/bookings/{booking}/change")
    page.get_by_label("Guests").fill("7")
    page.get_by_label("Name").fill("Amelia Stone")

    martin.go(f"/bookings/{booking}/change").get_by_label("Guests").fill("3")
    martin.page.get_by_role("button", name="Save changes").click()

    expect(page.locator("#news")).to_contain_text("Martin Keller changed this booking")
    expect(page.get_by_label("Guests")).to_have_value("7")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(".summary")).to_contain_text("Martin Keller changed this booking just before you")
    expect(page.locator(".both")).to_contain_text("3")
    expect(page.get_by_label("Guests")).to_have_value("7")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", name="Amelia Stone")).to_be_visible()
    rosa.guard.assert_clean(ignoring=["the server responded with a status of 4"])


def test_a_poll_and_an_act_leave_a_half_written_note_alone(desk: Open, booking: str, house: House) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go(f"/bookings/{booking}")
    note_of(page).fill("Half a th")

    house.confirm(booking)
    expect(page.locator("#booking-state")).to_contain_text("API tests confirmed this booking")
    expect(page.locator("#booking-state")).to_contain_text("Confirmed")
    expect(note_of(page)).to_be_focused()
    page.keyboard.type("ought")
    page.get_by_role("button", name="Cancel booking").click()
    page.locator("dialog").get_by_role("button", name=f"Cancel {booking}").click()

    expect(page.locator("#booking-state")).to_contain_text("Cancelled")
    expect(note_of(page)).to_have_value("Half a thought")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#timeline .written")).to_contain_text("Half a thought")
    expect(note_of(page)).to_have_value("")
    page.wait_for_function(f"() => ({KEPT})() === 0")
    clerk.guard.assert_clean()


# Types and sends within one tick, before a draft's save can have run; then waits until it must have.
TYPE_AND_SEND = """([field, button]) => {
  field.value = 'Sent at once';
  field.dispatchEvent(new Event('input', {bubbles: true}));
  window.sentAt = performance.now();
  button.click();
}"""


def test_what_is_sent_as_soon_as_it_is_typed_does_not_come_back_as_a_draft(desk: Open, booking: str) -> None:
    page = desk(role="front_desk").go(f"/bookings/{booking}")
    button = page.get_by_role("button", name="Add note")

    page.evaluate(TYPE_AND_SEND, [note_of(page).element_handle(), button.element_handle()])

    expect(page.locator("#timeline .written")).to_contain_text("Sent at once")
    page.wait_for_function(f"() => performance.now() > window.sentAt + 900 && ({KEPT})() === 0")


def test_whoever_logs_out_while_typing_leaves_nothing_behind(desk: Open, booking: str) -> None:
    page = desk(role="front_desk").go(f"/bookings/{booking}")
    button = page.get_by_role("button", name="Sign out")

    page.evaluate(TYPE_AND_SEND, [note_of(page).element_handle(), button.element_handle()])

    page.wait_for_url("**/login")
    assert page.evaluate(KEPT) == 0


def test_undo_leaves_a_half_written_note_alone(desk: Open, booking: str) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go(f"/bookings/{booking}")
    note_of(page).fill("Half a thought")

    page.get_by_role("button", name="Confirm").click()
    page.locator("#toasts").get_by_role("button", name="Undo").click()

    expect(page.locator("#toasts")).to_contain_text("Nothing was sent")
    expect(page.locator("#booking-state")).to_contain_text("Pending")
    expect(note_of(page)).to_have_value("Half a thought")


def test_whether_the_guest_came_is_marked_from_the_start_on(desk: Open, house: House) -> None:
    house.book("CAME-1", phone="+14155550698", starts_at="2026-01-05T10:00:00+01:00")
    house.confirm("CAME-1")
    clerk = desk(role="front_desk")
    page = clerk.go("/bookings/CAME-1")

    page.get_by_role("button", name="No-show").click()
    expect(page.locator("#booking-state .badge").first).to_have_text("No-show")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Completed").click()

    expect(page.locator("#booking-state .badge").first).to_have_text("Completed")
    expect(page.locator(".timeline")).to_contain_text("marked this booking as a no-show")
    clerk.guard.assert_clean()


def test_an_open_form_is_never_swapped_away_and_says_who_was_first(desk: Open, booking: str, house: House) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go(f"/bookings/{booking}")
    page.get_by_role("button", name="Decline").click()
    page.get_by_label("Reason").fill("The boat is full")

    house.confirm(booking)
    expect(page.get_by_label("Reason")).to_have_value("The boat is full")
    page.locator("dialog").get_by_role("button", name=f"Decline {booking}").click()

    expect(page.locator("#toasts")).to_contain_text("API tests confirmed this booking just before you")
    kept(page, "The boat is full")


def test_a_failed_message_goes_out_afresh_to_the_corrected_number(desk: Open, house: House) -> None:
    house.book("AFRESH-1", guest={"name": "Liam O’Connor", "phone": "+15005550001", "channels": ["sms"]})
    house.confirm("AFRESH-1")
    house.until_settled("AFRESH-1", sms="failed")
    clerk = desk(role="front_desk")
    page = clerk.go("/bookings/AFRESH-1")

    page.get_by_role("link", name="Fix and send again").click()
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#phone-error")).to_contain_text("the address that did not work")
    page.get_by_label("Phone").fill("+14155550699")
    page.get_by_role("button", name="Send again").click()

    expect(page.locator("#toasts")).to_contain_text("Sent again")
    expect(page.locator("#timeline")).to_contain_text("Resolved by Rosa Silva")
    expect(page.locator("li[id^=message-]").first).to_contain_text("Delivered")
    clerk.guard.assert_clean(ignoring=["the server responded with a status of 4"])


@pytest.mark.parametrize("path", ["/bookings/new", "/bookings/{0}", "/bookings/{0}/change"])
def test_the_narrowest_screen_scrolls_one_way_only(desk: Open, booking: str, path: str) -> None:
    clerk = desk(width=320, role="front_desk")

    page = clerk.go(path.format(booking))

    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
