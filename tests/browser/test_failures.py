"""An admin's way back from failures: their cause, what would be sent again, doing it, and what became of it."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS, Desk
from tests.browser.test_every_page import assert_fine
from tests.support.house import House

expect.set_options(timeout=PATIENCE_MS)
Open = Callable[..., Desk]
LATE = "Retry tomorrow, or use another channel."
# Messages that failed for what has passed since: sent again they go out.
FAIL = """
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Message, MessageStatus
from webapp.services import bookings
with writing():
    for reference in {references}:
        for message in bookings.get(reference).messages:
            if message.channel == "sms":
                message.status, message.error_code = MessageStatus.FAILED, "{code}"
"""
BEGIN = """
from webapp.models import BatchKind
from webapp.services.failures import batches, selection
from webapp.services.audit import Actor
failed = selection.matching(BatchKind.RETRY, {{"cause": "{code}"}})
batch = batches.plan(BatchKind.RETRY, failed, by=Actor("Aisha Bello"))
number = batch.id
batches.start(batch, by=Actor("Aisha Bello"))
print(f"batch={{number}}")
"""
RESOLVED_AT = """
from sqlalchemy import update
from webapp.database import now, writing
from webapp.extensions import db
from webapp.models import Message, MessageStatus
with writing():
    db.session.execute(update(Message).where(Message.resolved_by == {before!r}, Message.status == MessageStatus.FAILED)
                       .values(resolved_at={at}, resolved_by={after!r}))
"""


def failures(house: House, code: str, *references: str) -> None:
    """Bookings whose SMS failed with a code that no other test uses."""
    for number, reference in enumerate(references):
        house.book(reference, phone=f"+1415557{code[-2:]}{number:02d}", starts_at="2030-01-05T10:00:00+01:00")
        house.confirm(reference)
    for reference in references:
        house.until_settled(reference, sms="delivered", email="sent")
    house.python(FAIL.format(references=references, code=code))


def cause(page: Page, code: str) -> Locator:
    return page.locator(".cause").filter(has_text=code)


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_an_admin_sends_all_of_one_cause_again(desk: Open, house: House, scripts: bool) -> None:
    code = "30023" if scripts else "30027"
    references = [f"FAIL{code}-{n}" for n in range(3)]
    failures(house, code, *references)
    admin = desk(role="admin", java_script_enabled=scripts)
    page = admin.go("/messages/failures")
    expect(cause(page, code)).to_contain_text("3 SMS: Our sender has reached what the carriers allow it for one day.")
    expect(cause(page, code)).to_contain_text(LATE)

    cause(page, code).get_by_role("button", name="Retry …").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Send 3 messages again?")
    expect(page.locator("main")).to_contain_text("3 messages to 3 guests are sent again")
    page.get_by_role("button", name="Send 3 messages again").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Send again: 3 messages")
    for reference in references:
        house.until_settled(reference, sms="delivered")
    if not scripts:
        page.reload()
    expect(page.locator(".progress")).to_contain_text(
        re.compile(r"Status of the messages queued again\s+Delivered\s+3")
    )
    expect(page.locator(".progress")).to_contain_text("3 of 3")
    if scripts:
        admin.guard.assert_clean()


def test_a_cause_that_is_dealt_with_stays_where_it_was(desk: Open, house: House) -> None:
    failures(house, "30022", "FAIL-STAYS")
    admin, other = desk(role="admin"), desk(role="manager")
    page = admin.go("/messages/failures")
    before = [text.split("\n")[0] for text in page.locator(".cause h2").all_inner_texts()]

    other.go("/messages/failures")
    cause(other.page, "30022").locator("summary", has_text="More").click()
    cause(other.page, "30022").get_by_role("button", name="Resolve …").click()
    other.page.get_by_label("Note").fill("Called her")
    assert_fine(other.page, other)
    other.page.get_by_role("button", name="Resolve 1 message").click()

    expect(page.locator(".cause").filter(has_text="Dealt with.")).to_have_count(1)
    assert len(page.locator(".cause").all()) == len(before)
    assert_fine(page, admin)


def test_a_manager_resolves_one_message_by_keyboard_and_reopens_it(desk: Open, house: House) -> None:
    failures(house, "30018", "FAIL-ONE")
    manager = desk(role="manager")
    page = manager.go(f"/messages/{house.messages('FAIL-ONE')['sms']['id']}")

    page.locator("summary", has_text="I told the guest another way").press("Enter")
    page.get_by_label("How was the guest told?").select_option("In person")
    page.get_by_label("Note").fill("At the pier")
    page.get_by_label("Note").press("Enter")

    expect(page.locator("main")).to_contain_text("told the guest in person. At the pier")
    assert_fine(page, manager)
    page.get_by_role("button", name="Reopen").press("Enter")
    expect(page.locator("summary", has_text="I told the guest another way")).to_be_visible()
    expect(page.locator("main")).to_contain_text("opened it again")
    manager.guard.assert_clean()


def test_a_page_follows_what_goes_on_without_it(desk: Open, house: House) -> None:
    failures(house, "30034", "FAIL-GOES-ON")
    admin = desk(role="admin")
    house.worker.freeze()
    try:
        begun = house.python(BEGIN.format(code="30034"))
        page = admin.go(f"/messages/batches/{re.findall('batch=([0-9]+)', begun)[0]}")
        expect(page.locator(".progress")).to_contain_text("Running")
        expect(page.locator(".progress")).to_contain_text("Still to do")
        assert_fine(page, admin)
    finally:
        house.worker.thaw()

    expect(page.locator(".progress")).to_contain_text("1 of 1, finished")
    expect(page.locator(".progress")).to_contain_text("Delivered")


@pytest.fixture
def _nothing_failed(house: House) -> Iterator[None]:
    """Nothing that anybody must see to, for a while."""
    house.python(RESOLVED_AT.format(before="", after="For a while", at="now()"))
    yield
    house.python(RESOLVED_AT.format(before="For a while", after="", at="None"))


@pytest.mark.usefixtures("_nothing_failed")
def test_where_nothing_failed_it_says_that_all_is_well(desk: Open) -> None:
    manager = desk(role="manager")

    page = manager.go("/messages/failures")

    expect(page.locator("main")).to_contain_text("Every message arrived or is on its way")
    assert_fine(page, manager)
