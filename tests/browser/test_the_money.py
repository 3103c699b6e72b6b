"""Payments at a browser: with the keyboard alone, without a script, beside another clerk; and files."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_MS, Desk
from tests.browser.test_every_page import assert_fine
from tests.support.house import House

expect.set_options(timeout=PATIENCE_MS)
_numbers = itertools.count(1)
Open = Callable[..., Desk]


@pytest.fixture
def paid(house: House) -> str:
    """The reference of a booking whose guest says that it is paid."""
    number = next(_numbers)
    reference = house.book(f"MONEY-{number}", phone=f"+1415555{600 + number:04d}")
    body = {"method": "Bank transfer", "amount": "120.00", "reference": f"TX-{number}"}
    assert house.call("POST", f"/bookings/{reference}/payments", body).status == 201
    return reference


def csv(content: str, name: str = "file.csv") -> Any:
    return {"name": name, "mimeType": "text/csv", "buffer": content.encode()}


def test_with_the_keyboard_alone_a_payment_is_found_verified_and_taken_back(desk: Open, paid: str) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go("/payments")
    page.keyboard.press("/")
    page.keyboard.type(paid)
    page.keyboard.press("Enter")
    row = page.locator("[data-row]")
    expect(row).to_have_count(1)

    for key in ("j", "v"):
        page.keyboard.press(key)
    expect(row).to_contain_text("Verified")
    page.get_by_role("button", name="Undo").click()

    expect(row).to_contain_text("To verify")
    clerk.guard.assert_clean()


def test_a_row_follows_another_clerk_without_moving(desk: Open, paid: str) -> None:
    rosa, martin = desk(role="front_desk"), desk(role="manager")
    rosa.go(f"/payments?q={paid}")
    martin.go(f"/payments?q={paid}")

    martin.page.get_by_role("button", name="Verify").click()

    expect(rosa.page.locator("[data-row]")).to_contain_text("by Martin Keller")
    expect(rosa.page.get_by_role("button", name="Verify")).to_have_count(0)


def test_rejecting_asks_for_a_reason_and_has_no_barriers(desk: Open, paid: str) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go(f"/payments?q={paid}")
    page.get_by_role("button", name="Reject").click()
    page.get_by_label("Reason").fill("No money came")
    assert_fine(page, clerk)

    page.get_by_role("button", name="Reject this payment").click()

    expect(page.locator("[data-row]")).to_contain_text("Rejected")


def test_all_of_it_works_without_a_script(desk: Open, paid: str) -> None:
    clerk = desk(role="front_desk", java_script_enabled=False)
    page = clerk.go(f"/payments?q={paid}")
    page.get_by_role("button", name="Reject").click()
    page.get_by_role("button", name="Reject this payment").click()
    expect(page.locator("#toasts")).to_contain_text("rejected")

    page.goto(f"{clerk.house.url}/bookings/{paid}/payments/new")
    page.get_by_label("Paid by").fill("Cash")
    page.get_by_label("Reference").fill("Till 7")
    page.get_by_role("button", name="Record payment").click()

    expect(page.locator("#toasts")).to_contain_text("£120.00 recorded")


@pytest.mark.parametrize("script", [True, False])
def test_cash_is_taken_in_two_clicks_from_the_bookings_page_and_undone_in_one(
    desk: Open, house: House, script: bool
) -> None:
    number = next(_numbers)
    reference = house.book(f"CASH-{number}", phone=f"+1415555{600 + number:04d}")
    clerk = desk(role="front_desk", java_script_enabled=script)
    page = clerk.go(f"/bookings/{reference}")

    page.get_by_role("link", name="Take £120.00 in cash").click()
    if script:
        assert_fine(page, clerk)
    page.get_by_role("button", name="Record and verify").click()

    payments = page.get_by_role("region", name="Payments")
    expect(payments).to_contain_text("Paid in full")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(payments).to_contain_text("£120.00 due")
    assert house.call("GET", f"/bookings/{reference}").body["payments"] == []


def test_the_usual_price_is_offered_and_never_written_over_what_was_typed(desk: Open, house: House) -> None:
    house.book(f"PRICE-{next(_numbers)}", phone="+14155550699")
    clerk = desk(role="front_desk")
    page = clerk.go("/bookings/new")
    page.get_by_label("Amount").fill("7.00")
    page.get_by_label("Currency").fill("GBP")
    page.get_by_label("Service").fill("Harbour cruise")
    page.get_by_label("Service").blur()

    offer = page.locator("[data-fill]")
    expect(offer).to_be_visible()
    expect(page.get_by_label("Amount")).to_have_value("7.00")
    offer.click()

    expect(page.get_by_label("Amount")).not_to_have_value("7.00")
    clerk.guard.assert_clean()


@pytest.mark.parametrize("script", [True, False])
def test_a_statement_is_uploaded_and_its_ticked_lines_recorded(desk: Open, paid: str, script: bool) -> None:
    clerk = desk(role="front_desk", java_script_enabled=script)
    page = clerk.go("/payments/statement")
    lines = (
        f"Date;Text;Amount\n2026-11-01;from me {paid.lower()};120,00\n2026-11-02;{paid};5,00\n2026-11-03;rent;-9,00\n"
    )
    page.set_input_files("input[type=file]", csv(lines))
    page.get_by_role("button", name="Upload and preview").click()
    expect(page.get_by_role("checkbox").first).to_be_checked()
    if script:
        assert_fine(page, clerk)

    page.get_by_role("button", name="Record selected payments").click()

    expect(page.locator("#toasts")).to_contain_text(f"The line for {paid} is recorded as verified.")
    assert clerk.house.call("GET", f"/bookings/{paid}").body["payment_status"] == "paid"


@pytest.mark.parametrize("script", [True, False])
def test_bookings_are_imported_from_a_file(desk: Open, script: bool) -> None:
    clerk = desk(role="front_desk", java_script_enabled=script)
    reference = f"FILE-{next(_numbers)}"
    page = clerk.go("/bookings/import")
    good = f"{reference},Ann,+14155550601,Walk,2030-01-05 10:00,24.00,EUR"
    content = f"Ref,Name,Phone,Tour,Date,Total,Currency\n{good}\n,B,1,,x,y,z\n"
    page.set_input_files("input[type=file]", csv(content))
    page.get_by_role("button", name="Upload and preview").click()
    expect(page.locator("main")).to_contain_text("1 line is ready")
    if script:
        assert_fine(page, clerk)

    page.get_by_role("button", name="Import 1 booking").click()
    page.get_by_role("link", name=reference).click()

    expect(page.locator("h1")).to_have_text("Ann")


def test_unknown_columns_are_chosen_in_a_form_without_barriers(desk: Open) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go("/payments/statement")
    page.set_input_files("input[type=file]", csv("A;B;C\n2026-11-01;who knows;1,00\n"))
    page.get_by_role("button", name="Upload and preview").click()
    expect(page.locator("main")).to_contain_text("Choose which column is which")
    assert_fine(page, clerk)

    page.get_by_label("Text").select_option("B")
    page.get_by_label("Amount").select_option("C")
    page.get_by_role("button", name="Use these columns").click()

    expect(page.locator("main")).to_contain_text("No booking")
