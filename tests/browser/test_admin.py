"""What admins keep, at real browsers: people, one's account, and what guests read; with and without a script."""

import itertools
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Desk
from tests.browser.test_every_page import assert_fine
from tests.support.house import House

expect.set_options(timeout=PATIENCE_MS)
_numbers = itertools.count(1)
Open = Callable[..., Desk]
NEW = "four quiet brown horses"
SMS = "/admin/texts/payment_reversed/sms/en"


def invite(page: Page, role: str = "Front desk") -> tuple[str, str]:
    """Fill in the form that the page shows; the e-mail and the link."""
    email = f"anna{next(_numbers)}@desk.example"
    page.get_by_label("Name").fill("Anna Berg")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Role").select_option(label=role)
    page.get_by_role("button", name="Add and make a link").click()
    return email, page.get_by_label("Link", exact=True).input_value()


@pytest.fixture
def anna(house: House) -> str:
    """Somebody of the front desk with a password; their e-mail."""
    email = f"anna{next(_numbers)}@desk.example"
    house.flask("create-user", email, "--role", "front_desk", "--name", "Anna", "--password-stdin", stdin=f"{NEW}\n")
    return email


def sign_in(page: Page, email: str, password: str = NEW) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r":[0-9]+/$"))


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_from_the_invitation_to_the_first_log_in(desk: Open, scripts: bool) -> None:
    admin = desk(role="admin", java_script_enabled=scripts)
    email, link = invite(admin.go("/admin/people/new"))

    guest = desk(java_script_enabled=scripts)
    guest.page.goto(link)
    guest.page.get_by_label("Password").fill(NEW)
    guest.page.get_by_role("button", name="Set the password").click()
    expect(guest.page.locator("#toasts")).to_contain_text("Your password is set")
    sign_in(guest.page, email)

    guest.page.goto(link)
    expect(guest.page.locator("body")).to_contain_text("has expired")


def test_a_link_is_copied_and_its_page_has_no_barriers(desk: Open) -> None:
    admin = desk(role="admin", permissions=["clipboard-read", "clipboard-write"])
    page = admin.go("/admin/people/new")
    _, link = invite(page)

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == link
    assert_fine(page, admin)
    page.goto(link)
    assert_fine(page, admin)


def test_a_typed_password_can_be_shown(desk: Open) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go("/account")
    field = page.get_by_label("New password")

    page.get_by_role("button", name="Show passwords").click()

    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Show passwords").click()
    expect(field).to_have_attribute("type", "password")


def test_a_person_is_switched_off_and_on_by_keyboard(desk: Open, anna: str) -> None:
    admin = desk(role="admin")
    page = admin.go("/admin/people")
    page.locator("tr", has_text=anna).get_by_role("link").first.click()

    page.get_by_role("button", name="Switch off").press("Enter")
    expect(page.locator("#person")).to_contain_text("Switched off")
    page.wait_for_function("() => document.activeElement !== document.body")
    page.get_by_role("button", name="Switch on").press("Enter")

    expect(page.locator("#person")).to_contain_text("Active")
    expect(page.locator("#person")).to_contain_text("Active: no → yes")
    admin.guard.assert_clean()


def test_a_new_password_ends_the_other_session_and_keeps_this_one(desk: Open, anna: str) -> None:
    here, there = desk(), desk()
    for one in (here, there):
        sign_in(one.go("/login"), anna)

    page = here.go("/account")
    page.get_by_label("Current password").fill(NEW)
    page.get_by_label("New password").fill("five loud green horses")
    page.get_by_role("button", name="Change the password").click()

    expect(page.locator("#toasts")).to_contain_text("Your password is changed")
    there.go("/bookings")
    assert "/login" in there.page.url
    here.guard.assert_clean()


def test_the_preview_follows_the_text_and_a_test_is_followed_to_its_end(desk: Open) -> None:
    admin = desk(role="admin")
    page = admin.go(SMS)

    page.get_by_label("Text", exact=True).fill("Ahoy “{{ name }}”, {{ reference }}.")
    expect(page.locator("#reads")).to_contain_text("Ahoy “Amelia Hart”, BK-2391.")
    expect(page.locator("#reads")).to_contain_text("UCS-2")
    page.get_by_label("Your phone number").fill("+14155550177")
    page.get_by_role("button", name="Send a test").click()

    expect(page.locator("#try .badge").first).to_have_text("Delivered")
    expect(page.get_by_label("Text", exact=True)).to_have_value("Ahoy “{{ name }}”, {{ reference }}.")
    assert_fine(page, admin)


def test_a_text_is_written_refused_saved_and_taken_back(desk: Open) -> None:
    admin = desk(role="admin")
    page = admin.go(SMS)
    page.get_by_label("Text", exact=True).fill("Hello {{ nmae }}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#body-error")).to_contain_text("{{ nmae }} is not known")
    assert_fine(page, admin)

    page.get_by_label("Text", exact=True).fill("Ahoy {{ reference }}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    assert_fine(page, admin)
    page.get_by_role("button", name="Back to the standard text").click()

    expect(page.locator("#toasts")).to_contain_text("Restored.")
    expect(page.get_by_label("Text", exact=True)).to_have_value(re.compile("was refunded"))


def test_of_two_admins_the_second_sees_the_first_and_keeps_what_they_typed(desk: Open) -> None:
    path = "/admin/texts/payment_rejected/sms/en"
    first, second = desk(role="admin"), desk(role="admin")
    for one in (first, second):
        one.go(path)

    for one, words in ((first, "First {{ reference }}"), (second, "Second {{ reference }}")):
        one.page.get_by_label("Text", exact=True).fill(words)
        one.page.get_by_role("button", name="Save").click()

    expect(second.page.get_by_role("alert").filter(has_text="changed this text")).to_contain_text(
        "First {{ reference }}"
    )
    expect(second.page.get_by_label("Text", exact=True)).to_have_value("Second {{ reference }}")
    assert_fine(second.page, second)


def test_without_a_script_a_text_is_previewed_and_saved(desk: Open) -> None:
    admin = desk(role="admin", java_script_enabled=False)
    page = admin.go("/admin/texts/booking_changed/sms/en")

    page.get_by_label("Text", exact=True).fill("Ahoy {{ name }}, {{ reference }}")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#reads")).to_contain_text("Ahoy Amelia Hart, BK-2391")
    page.get_by_role("button", name="Save").click()

    expect(page.locator("#toasts")).to_contain_text("Saved.")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_the_business_gets_its_name_and_takes_it_back(desk: Open, scripts: bool) -> None:
    admin = desk(role="admin", java_script_enabled=scripts)
    page = admin.go("/admin/settings")

    page.get_by_label("Name", exact=True).fill("Harbour Tours")
    if scripts:
        expect(page.locator("[data-mail-head]")).to_contain_text("Harbour Tours")
    page.get_by_role("button", name="Save Your business").click()

    expect(page.locator("#toasts")).to_contain_text("Saved. It is in force within seconds.")
    expect(page.locator("[data-mail-head]")).to_contain_text("Harbour Tours")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("Undone. The settings are as before.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Bellhop")
