"""How many clicks, fields and keys each step of a day takes, which must not grow.

A field that is filled counts once, so does a key and a click. What the walk could not do at all has a bound of its own.
"""

import itertools
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import EMAILS, PATIENCE_MS, Desk
from tests.support.house import House
from webapp.services.accounts.demo import PASSWORD

expect.set_options(timeout=PATIENCE_MS)
_numbers = itertools.count(1)
Open = Callable[..., Desk]
FAILING = "+15005550001"


class Hand:
    """Somebody's hand at a page; it counts what it does."""

    def __init__(self, page: Page) -> None:
        self.page, self.steps = page, 0

    def click(self, target: Locator) -> None:
        target.click()
        self.steps += 1

    def button(self, name: str | re.Pattern[str]) -> None:
        self.click(self.page.get_by_role("button", name=name).first)

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label).first.fill(text)
        self.steps += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.steps += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.steps += 1


def booked(house: House, *, phone: str = "", name: str = "Zoltan Grünwald") -> str:
    number = next(_numbers)
    return house.book(f"STEP-{number}", guest={"name": name, "phone": phone or f"+1415555{700 + number:04d}"})


def toast(page: Page, text: str) -> None:
    expect(page.locator("#toasts")).to_contain_text(text)


def at(desk: Open, path: str, role: str = "front_desk") -> Hand:
    return Hand(desk(role=role).go(path))


def test_signing_in_takes_four(desk: Open) -> None:
    clerk = desk()
    hand = Hand(clerk.go("/login"))

    hand.type(f"{EMAILS['front_desk']}@bellhop.example")
    hand.press("Tab")
    hand.type(PASSWORD)
    hand.press("Enter")

    clerk.page.wait_for_url(f"{clerk.house.url}/")
    assert hand.steps == 4


def test_a_guest_is_found_by_surname_in_one_search(desk: Open, house: House) -> None:
    booked(house, name="Zoltan Grünwald")
    hand = at(desk, "/")

    hand.press("/")
    hand.type("grunwald")
    hand.press("Enter")

    expect(hand.page.locator("[data-row]").first).to_contain_text("Grünwald")
    assert hand.steps <= 3


def test_confirming_takes_one_and_undo_one_key(desk: Open, house: House) -> None:
    reference = booked(house)
    hand = at(desk, f"/bookings?q={reference}")

    hand.button("Confirm")
    toast(hand.page, "confirmed")
    assert hand.steps == 1
    hand.press("z")

    expect(hand.page.locator(f"#booking-{reference}")).to_contain_text("Pending")
    assert hand.steps == 2


def test_declining_with_a_reason_takes_three(desk: Open, house: House) -> None:
    hand = at(desk, f"/bookings/{booked(house)}")

    hand.button(re.compile("^Decline"))
    expect(hand.page.get_by_label("Reason")).to_be_focused()
    hand.type("We are full that day")
    hand.click(hand.page.locator("dialog").get_by_role("button", name=re.compile("^Decline")))

    toast(hand.page, "declined")
    assert hand.steps <= 3


def test_cancelling_takes_two(desk: Open, house: House) -> None:
    reference = booked(house)
    house.confirm(reference)
    hand = at(desk, f"/bookings/{reference}")

    hand.button(re.compile("^Cancel booking"))
    hand.click(hand.page.locator("dialog").get_by_role("button", name=re.compile("^Cancel")))

    toast(hand.page, "cancelled")
    assert hand.steps <= 2


def test_verifying_takes_one_and_rejecting_two(desk: Open, house: House) -> None:
    references = [booked(house), booked(house)]
    for reference in references:
        body = {"method": "Bank transfer", "amount": "120.00", "reference": f"TX-{reference}"}
        assert house.call("POST", f"/bookings/{reference}/payments", body).status == 201
    verified, rejected = (at(desk, f"/payments?q={reference}") for reference in references)

    verified.button("Verify")
    toast(verified.page, "verified")
    rejected.button(re.compile("^Reject"))
    rejected.click(rejected.page.locator("dialog").get_by_role("button", name=re.compile("^Reject")))

    toast(rejected.page, "rejected")
    assert (verified.steps, rejected.steps) == (1, 2)


def test_three_bookings_are_confirmed_with_five(desk: Open, house: House) -> None:
    number = next(_numbers)
    for one in range(3):
        house.book(f"STEPS{number}-{one}", phone=f"+1415556{number:02d}{90 + one}")
    hand = at(desk, f"/bookings?q=STEPS{number}-")

    hand.click(hand.page.get_by_label("all on this page"))
    hand.button("Confirm …")
    hand.button("Confirm 3 bookings")

    toast(hand.page, "3 bookings confirmed")
    assert hand.steps <= 5


def test_changing_a_date_takes_three(desk: Open, house: House) -> None:
    reference = booked(house)
    hand = at(desk, f"/bookings/{reference}")

    hand.click(hand.page.get_by_role("link", name=re.compile("^Edit")).last)
    hand.fill("Starts", "2031-03-04T10:00")
    hand.button("Save changes")

    toast(hand.page, "changed")
    assert hand.steps <= 3


def test_a_new_booking_is_confirmed_with_it(desk: Open) -> None:
    hand = at(desk, "/bookings/new")

    hand.fill("Name", "Ines Soares")
    hand.fill("Phone", "+14155550777")
    hand.fill("Service", "Harbour cruise")
    hand.fill("Starts", "2031-03-04T10:00")
    hand.fill("Guests", "2")
    hand.page.get_by_label("Amount", exact=True).fill("120")
    hand.steps += 1
    hand.button("Save and confirm")

    toast(hand.page, "confirmed")
    assert hand.steps <= 8


def test_a_wrong_number_takes_four(desk: Open, house: House) -> None:
    reference = booked(house, phone=FAILING)
    house.confirm(reference)
    house.until_settled(reference, sms="failed", whatsapp="failed")
    hand = at(desk, f"/bookings/{reference}")

    hand.click(hand.page.get_by_role("link", name=re.compile("^Fix and send again")).first)
    hand.fill("Phone", "+14155550778")
    hand.button("Send again")

    toast(hand.page, "Sent again")
    assert hand.steps <= 4


def test_a_file_and_a_statement_take_three_each(desk: Open, house: House, tmp_path: Path) -> None:
    reference = booked(house)
    bookings, statement = tmp_path / "bookings.csv", tmp_path / "statement.csv"
    new = f"{reference}-F,Ann,+14155550779,Walk,2030-01-05 10:00,24.00,EUR"
    bookings.write_text(f"Ref,Name,Phone,Tour,Date,Total,Currency\n{new}\n")
    statement.write_text(f"Date;Text;Amount\n2026-11-01;{reference};120,00\n")

    for path, file, last in (
        ("/bookings/import", bookings, "Import 1 booking"),
        ("/payments/statement", statement, re.compile("^Record")),
    ):
        hand = at(desk, path)
        hand.page.set_input_files("input[type=file]", file)
        hand.steps += 1
        hand.button("Upload and preview")
        hand.button(last)
        expect(hand.page.locator("#toasts, main")).to_contain_text([re.compile("recorded|imported")])
        assert hand.steps == 3


def test_a_manager_sees_at_once_why_a_guest_was_not_told(desk: Open, house: House) -> None:
    reference = booked(house, phone=FAILING)
    house.confirm(reference)
    house.until_settled(reference, sms="failed")

    hand = at(desk, f"/messages?q={reference}", role="manager")

    expect(hand.page.locator("[data-row]").first).to_contain_text("This is not a phone number that exists")
    assert hand.steps == 0


def test_an_admin_pauses_a_channel_with_three_and_invites_with_four(desk: Open) -> None:
    pausing, inviting = at(desk, "/queue", role="admin"), at(desk, "/admin/people/new", role="admin")

    email = pausing.page.locator("#channel-email")
    pausing.click(email.locator("summary"))
    pausing.type("The provider is down")
    pausing.press("Enter")
    expect(email).to_contain_text("Paused")
    email.get_by_role("button", name=re.compile("^Resume")).click()
    inviting.fill("Name", "Noa Levi")
    inviting.fill("E-mail", f"noa{next(_numbers)}@desk.example")
    inviting.page.get_by_label("Role").select_option("front_desk")
    inviting.steps += 1
    inviting.button(re.compile("^Add"))

    expect(inviting.page.locator("main")).to_contain_text("link")
    assert pausing.steps <= 3 and inviting.steps <= 4
