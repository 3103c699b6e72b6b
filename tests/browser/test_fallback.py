"""A channel that stands in for another, at real browsers: set by an admin, seen by a clerk, done by nobody."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS, Desk
from tests.browser.test_every_page import assert_fine
from tests.support.house import House
from webapp.channels.sandbox import NO_WHATSAPP

expect.set_options(timeout=PATIENCE_MS)
Open = Callable[..., Desk]
PAGE = "/admin/fallbacks"
NO_ORDER = """
from webapp.database import writing
from webapp.extensions import db
from webapp.models import FallbackOrder
with writing():
    db.session.query(FallbackOrder).delete()
"""


@pytest.fixture(autouse=True)
def without_orders_again(house: House) -> Iterator[None]:
    """The other tests' guests are told on every channel."""
    yield
    house.python(NO_ORDER)


def order_of(page: Page, event: str) -> Locator:
    """The row of an event, its form open."""
    row = page.get_by_role("listitem").filter(has_text=event)
    row.locator("summary").click()
    return row


def choose(row: Locator, *channels: str) -> None:
    for label, channel in zip(("First", "If that fails", "If that fails too"), channels, strict=False):
        row.get_by_label(label, exact=True).select_option(label=channel)
    row.get_by_role("button", name="Save").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_whom_whatsapp_cannot_reach_is_told_by_sms_and_the_page_says_why(
    desk: Open, house: House, scripts: bool
) -> None:
    reference = house.book(f"FALL-{scripts:d}", phone=NO_WHATSAPP[0])
    admin = desk(role="admin", java_script_enabled=scripts)
    choose(order_of(admin.go(PAGE), "Booking confirmed"), "WhatsApp", "SMS", "E-mail")
    expect(admin.page.locator("#toasts")).to_contain_text("Booking confirmed: WhatsApp, then SMS, then E-mail.")
    clerk = desk(role="front_desk")

    clerk.go(f"/bookings/{reference}").get_by_role("button", name="Confirm").click()

    messages = clerk.page.locator("#timeline")
    expect(messages).to_contain_text("Sent by SMS because WhatsApp failed: There is no WhatsApp on this number.")
    expect(messages.locator(".message").filter(has_text="Delivered")).to_have_count(1)
    assert "email" not in house.messages(reference)
    messages.locator(".sent > summary").first.click()
    assert_fine(clerk.page, clerk)
    clerk.page.get_by_role("link", name="WhatsApp failed").click()
    expect(clerk.page.locator(".timeline")).to_contain_text("SMS instead")
    clerk.page.get_by_role("link", name="by SMS").click()
    expect(clerk.page.locator("h1")).to_have_text("SMS: Booking confirmed")
    assert_fine(clerk.page, clerk)


def test_of_two_admins_the_second_sees_the_first_and_keeps_what_they_chose(desk: Open) -> None:
    first, second = desk(role="admin"), desk(role="admin")
    rows = [order_of(one.go(PAGE), "Payment reversed") for one in (first, second)]
    choose(rows[0], "SMS", "E-mail")
    expect(first.page.locator("#toasts")).to_contain_text("Saved.")

    choose(rows[1], "E-mail", "WhatsApp")

    expect(second.page.get_by_role("alert").filter(has_text="just before you")).to_contain_text("SMS, then E-mail")
    row = second.page.get_by_role("listitem").filter(has_text="Payment reversed")
    expect(row.get_by_label("First", exact=True)).to_have_value("email")
    assert_fine(second.page, second)
    row.get_by_role("button", name="Save").click()
    expect(second.page.locator("#toasts")).to_contain_text("E-mail, then WhatsApp")
