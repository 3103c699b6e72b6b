"""Every page in every state: no barrier that axe-core finds, no breach of the policy, in both themes and widths."""

import itertools
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import THEMES, WIDTHS, Desk
from tests.support.axe import audit, overflow, small_words
from tests.support.house import House
from tests.support.waiting import until
from webapp.channels.sandbox import NO_WHATSAPP

Open = Callable[..., Desk]
FAILING = "+15005550001"
TABLET = {"width": 768, "height": 1024}
# A colour on its way to another is neither: two frames, then whatever still moves. Bounded: an element that a poll
# takes away in the middle of its transition leaves a promise behind that nobody keeps, and `evaluate` has no deadline.
SETTLED = """() => Promise.race([
    new Promise(done => setTimeout(done, 3000)),
    new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
        Promise.allSettled(document.getAnimations().filter(a => a.effect.getComputedTiming().endTime < 5000)
            .map(a => a.finished)).then(() => done()))))])"""

# Who looks at what, and what must be there before it is looked at.
PAGES = [
    pytest.param("front_desk", "/", "To confirm, soonest first", id="today"),
    pytest.param("front_desk", "/bookings", "Confirm", id="bookings-full"),
    pytest.param("front_desk", "/bookings?q=nobody-at-all", "No bookings", id="bookings-nothing-found"),
    pytest.param("front_desk", "/bookings?from=soon&to=2026-11-20", "Write the day as in", id="bookings-odd-days"),
    pytest.param("manager", "/bookings?status=pending&sort=newest", "Export", id="bookings-sorted"),
    pytest.param("front_desk", "/bookings/list/sheet?status=pending", "Back to the list", id="bookings-on-paper"),
    pytest.param("front_desk", "/bookings/list/selection?act=confirm&all=1", "Guests:", id="confirm-all"),
    pytest.param("front_desk", "/bookings/list/selection?act=decline", "Only a pending booking", id="decline-none"),
    pytest.param("front_desk", "/bookings/BK-2391", "Amelia Hart", id="booking-pending"),
    pytest.param("front_desk", "/bookings/PAGE-FAILED", "Not delivered", id="booking-failed"),
    pytest.param("front_desk", "/bookings/PAGE-TOLD", "Delivered", id="booking-told"),
    pytest.param("front_desk", "/payments", "Verify", id="payments-to-verify"),
    pytest.param("front_desk", "/payments?status=all", "Rejected", id="payments-all"),
    pytest.param("front_desk", "/payments?q=nobody-at-all", "No payments match", id="payments-nothing-found"),
    pytest.param("manager", "/payments?status=verified", "Reverse", id="payments-verified"),
    pytest.param("front_desk", "/bookings/BK-2391/payments/new", "Record a payment", id="payment-new"),
    pytest.param("front_desk", "/payments/statement", "Earlier uploads", id="statements"),
    pytest.param("front_desk", "/bookings/import", "Sample file", id="import"),
    pytest.param("front_desk", "/bookings/PAGE-WRITTEN", "Mark as done", id="booking-written-about"),
    pytest.param("front_desk", "/bookings/new", "Save booking", id="booking-new"),
    pytest.param("front_desk", "/bookings/BK-2391/change", "Tell the guest", id="booking-change"),
    pytest.param("front_desk", "/bookings/PAGE-OVER/change", "This booking is over", id="booking-change-over"),
    pytest.param("front_desk", "/messages/{failed}", "21211", id="message-failed"),
    pytest.param("front_desk", "/messages/{failed}/replacement", "Send again", id="message-afresh"),
    pytest.param(
        "front_desk", "/messages/{told}/replacement", "Untick it to use them only this once", id="message-again"
    ),
    pytest.param("front_desk", "/sandbox", "None of them left", id="sandbox"),
    pytest.param("front_desk", "/sandbox/1", "Play the guest or the provider", id="sandbox-one"),
    pytest.param("front_desk", "/queue", "403", id="no-permission"),
    pytest.param("front_desk", "/nowhere", "404", id="nothing-here"),
    pytest.param("manager", "/messages", "Delivery board", id="board-full"),
    pytest.param("manager", "/messages?q=NOBODY&channel=sms", "without", id="board-nothing-found"),
    pytest.param("manager", "/messages?from=soon&to=2026-11-20", "Write the day as in", id="board-odd-days"),
    pytest.param("manager", "/messages?view=messages", "Delivery board", id="board-by-message"),
    pytest.param("manager", "/messages?cause=21211&channel=sms&event=booking_confirmed", "21211", id="board-a-cause"),
    pytest.param("manager", "/messages?status=resolved", "Resolved", id="board-resolved"),
    pytest.param("admin", "/messages?status=failed", "Not delivered", id="board-failed"),
    pytest.param("admin", "/messages?status=failed&view=messages", "Retry", id="board-failed-by-message"),
    pytest.param("manager", "/messages/figures", "Last 30 days", id="figures"),
    pytest.param("manager", "/messages?status=not_reached", "Not reached", id="board-not-reached"),
    pytest.param("admin", "/messages/failures", "Done lately", id="failures"),
    pytest.param("manager", "/messages/failures/guests", "Failures by guest", id="failures-by-guest"),
    pytest.param("admin", "/messages/batches/{planned}", "Send 1 message again?", id="batch-planned"),
    pytest.param("manager", "/messages/batches/{planned}", "Only an admin", id="batch-planned-for-others"),
    pytest.param("admin", "/messages/batches/{void}", "Nothing can be done", id="batch-of-nothing"),
    pytest.param("admin", "/messages/batches/{finished}", "Not possible", id="batch-finished"),
    pytest.param("admin", "/queue", "Running", id="queue"),
    pytest.param("admin", "/queue/doctor", "checks are well", id="doctor"),
    pytest.param("admin", "/admin/settings", "Your business", id="settings"),
    pytest.param("admin", "/help", "For admins", id="help"),
    pytest.param("admin", "/queue/help", "Monitoring checklist", id="queue-help"),
    pytest.param("front_desk", "/account", "Current password", id="account"),
    pytest.param("manager", "/account", "Morning mail", id="account-of-a-manager"),
    pytest.param("admin", "/admin/people", "Rosa Silva", id="people"),
    pytest.param("admin", "/admin/people/new", "Choose a role", id="person-new"),
    pytest.param("admin", "/admin/people/1", "Switch off", id="person"),
    pytest.param("admin", "/admin/people/3", "This is you", id="person-oneself"),
    pytest.param("admin", "/admin/keys", "Revoke", id="keys"),
    pytest.param("admin", "/admin/audit", "Added this booking", id="audit-full"),
    pytest.param("admin", "/admin/audit?booking=NOBODY", "No actions match", id="audit-nothing-found"),
    pytest.param("admin", "/admin/fallbacks", "All channels at once", id="channel-order"),
    pytest.param("front_desk", "/bookings/PAGE-FELL", "because WhatsApp failed", id="booking-fell-back"),
    pytest.param("front_desk", "/messages/{fell}", "instead", id="message-fell-back"),
    pytest.param("front_desk", "/messages/{stood_in}", "because WhatsApp failed", id="message-stands-in"),
    pytest.param("admin", "/admin/texts", "Standard text", id="texts"),
    pytest.param("admin", "/admin/texts/booking_declined/sms/en", "1 SMS", id="text-sms"),
    pytest.param("admin", "/admin/texts/booking_confirmed/email/en", "Amelia Hart", id="text-email"),
    pytest.param("admin", "/admin/texts/booking_confirmed/whatsapp/en", "Approved template", id="text-whatsapp"),
]

# Replies come by webhook, which the sandbox has none of; and an opt-out, a note, and a change with all its lines.
WRITTEN = """
from dataclasses import replace
from webapp.database import writing
from webapp.extensions import db
from webapp.models import ChannelName, OptOut, Reply
from webapp.services import bookings
from webapp.services.bookings import edit, form, notes
from webapp.services.audit import Actor
rosa, booking = Actor("Rosa Silva"), bookings.get("PAGE-WRITTEN")
notes.add(booking, "Wants the window seat.\\nمحمد الفارسي comes along.", by=rosa)
wanted = replace(form.facts_of(booking), party_size=4, name="محمد الفارسي", channels=["sms", "email"])
edit.change(booking, wanted, by=rosa, tell=False)
with writing():
    db.session.add(OptOut(channel=ChannelName.SMS, address=booking.phone, source="21610"))
    for number, body in enumerate(("We are five now.", "شكرا")):
        db.session.add(Reply(provider_id=f"SM{number}", channel=ChannelName.WHATSAPP, sender=booking.phone, body=body,
                             booking_id=booking.id))
"""

# Acts on many failures: planned, possible for none, and finished.
BATCHES = """
from webapp.models import BatchKind
from webapp.services.failures import batch_runner, batches, selection
from webapp.services.audit import Actor
aisha = Actor("Aisha Bello")
def plan(kind, *ids): return batches.plan(kind, selection.ticked(map(str, ids)), by=aisha).id
made = {{"planned": plan(BatchKind.RETRY, {failed}), "void": plan(BatchKind.RETRY, {told})}}
made["finished"] = plan(BatchKind.REOPEN, {failed}, {told})
batches.start(batches.get(made["finished"]), by=aisha)
batch_runner.begin(made["finished"])
print(*(f"{{name}}={{number}}" for name, number in made.items()))
"""


# An order while one message fails by it; the other tests' guests are told on every channel.
ORDER = """
from webapp.services.messages import channel_order
from webapp.services.audit import BELLHOP
seen = channel_order.key(channel_order.of("booking_declined"))
channel_order.put("booking_declined", {channels!r}, seen=seen, by=BELLHOP)
"""


def fell_back(house: House) -> dict[str, str]:
    """A guest without WhatsApp who was told by SMS; the ids of both messages."""
    house.book("PAGE-FELL", guest={"name": "Eve", "phone": NO_WHATSAPP[0], "channels": ["whatsapp", "sms"]})
    house.python(ORDER.format(channels=["whatsapp", "sms"]))
    house.call("POST", "/bookings/PAGE-FELL/decline", {})
    told = house.until_settled("PAGE-FELL", whatsapp="failed", sms="delivered")
    house.python(ORDER.format(channels=[]))
    return {"fell": str(told["whatsapp"]["id"]), "stood_in": str(told["sms"]["id"])}


@pytest.fixture(scope="module")
def places(house: House) -> dict[str, str]:
    """Bookings in the states that the pages above show; ids to fill into addresses."""
    house.book("PAGE-TOLD", phone="+14155550290")
    house.book("PAGE-FAILED", guest={"name": "Liam O’Connor", "phone": FAILING, "channels": ["sms"]})
    house.confirm("PAGE-TOLD")
    house.confirm("PAGE-FAILED")
    house.book("PAGE-OVER", phone="+14155550292")
    house.call("POST", "/bookings/PAGE-OVER/decline", {"reason": "The boat is full."})
    house.book("PAGE-WRITTEN", phone="+14155550293")
    house.python(WRITTEN)
    told = house.until_settled("PAGE-TOLD", sms="delivered", email="sent")
    failed = house.until_settled("PAGE-FAILED", sms="failed")
    ids = {"failed": str(failed["sms"]["id"]), "told": str(told["sms"]["id"])} | fell_back(house)
    return ids | dict(re.findall(r"(\w+)=(\d+)", house.python(BATCHES.format(**ids))))


ROOM = 200  # For the bar at the foot.
MOST_LOOKS = 8  # A page grows while cards are laid out that were far away before.


def assert_fine(page: Page, clerk: Desk) -> None:
    """Look at the page as it stands in each theme and width: nothing of it depends on how it was loaded."""
    for theme, width in itertools.product(THEMES, WIDTHS):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(SETTLED)
        # All of it at once: what a bar at the foot happens to cover on one screen is reached by scrolling.
        for _ in range(MOST_LOOKS):
            height = page.evaluate("() => document.documentElement.scrollHeight")
            if height <= page.evaluate("() => innerHeight") - ROOM:
                break
            page.set_viewport_size({"width": width, "height": height + 2 * ROOM})
        assert audit(page) == [], f"{theme}, {width} px"
        assert small_words(page) == [], f"{width} px"
        assert overflow(page) == 0, f"it scrolls sideways at {width} px"
    page.set_viewport_size(TABLET)
    assert overflow(page) == 0, "it scrolls sideways on a tablet"
    # Only the browser's own word for an answer that is an error is let pass.
    clerk.guard.assert_clean(ignoring=["the server responded with a status of 4"])


@pytest.mark.parametrize(("role", "path", "shows"), PAGES)
def test_a_page_has_no_barriers(desk: Open, places: dict[str, str], role: str, path: str, shows: str) -> None:
    clerk = desk(role=role)

    page = clerk.go(path.format(**places))

    expect(page.locator("body")).to_contain_text(shows)
    assert_fine(page, clerk)


# Counted later than any count to come, so that nobody counts it again.
BAD_HOUR = """
from datetime import timedelta
from sqlalchemy import select
from webapp.database import read_now, writing
from webapp.extensions import db
from webapp.models import ChannelName, Event, HourTally
from webapp.services.figures import hours
from webapp.settings import current
moment = read_now()
hour = hours.hour_of(moment - timedelta(hours=5), current().zone)
with writing():
    for channel in ChannelName:
        db.session.merge(HourTally(hour=hour, channel=channel, event=Event.BOOKING_CONFIRMED, made=90, open=20, sent=40,
                                   failed=30, retried=30, in_time=10, waits=[10, 0, 0, 0, 0, 0, 0, 0, 0, 30],
                                   taken_at=moment + timedelta(hours=1)))
"""


def test_figures_of_a_bad_day_and_their_numbers_have_no_barriers(desk: Open, house: House) -> None:
    house.python(BAD_HOUR)
    clerk = desk(role="manager")

    # Charts are read twice a minute, however many look.
    until(lambda: "3600" in clerk.go("/messages/figures").content(), within=60, saying="the bad hour is drawn")
    page = clerk.page
    expect(page.locator("#board-figures")).to_contain_text(re.compile(r"Not delivered\s+\d+\.\d%"))
    for numbers in page.locator("figure details summary").all():
        numbers.click()

    expect(page.locator("#day-4 table")).to_be_visible()
    assert_fine(page, clerk)


def test_the_sign_in_has_no_barriers_even_when_it_fails(desk: Open) -> None:
    clerk = desk()
    page = clerk.go("/login")
    assert_fine(page, clerk)

    page.get_by_label("E-mail").fill("nobody@bellhop.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()

    expect(page.locator("body")).to_contain_text("Wrong e-mail or password")
    assert_fine(page, clerk)


def test_a_form_with_mistakes_and_its_draft_has_no_barriers(desk: Open) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go("/bookings/new")
    page.get_by_label("Name").fill("Zoë Brännström")

    page.get_by_role("button", name="Save booking").click()

    expect(page.locator(".summary")).to_contain_text("Enter what is booked")
    assert_fine(page, clerk)
    clerk.go("/bookings/new")
    expect(page.get_by_text("We restored what you typed")).to_be_visible()
    assert_fine(page, clerk)


def test_two_clerks_at_one_form_have_no_barriers(desk: Open, house: House) -> None:
    house.book("PAGE-BOTH", phone="+14155550294")
    rosa, martin = desk(role="front_desk"), desk(role="manager")
    page = rosa.go("/bookings/PAGE-BOTH/change")
    page.get_by_label("Guests").fill("7")
    martin.go("/bookings/PAGE-BOTH/change").get_by_label("Guests").fill("3")
    martin.page.get_by_role("button", name="Save changes").click()

    expect(page.locator("#news")).to_contain_text("Martin Keller")
    assert_fine(page, rosa)
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(".both")).to_be_visible()
    assert_fine(page, rosa)


def test_a_toast_with_its_undo_has_no_barriers(desk: Open, house: House) -> None:
    house.book("TOAST-1", phone="+14155550291")
    clerk = desk(role="front_desk")
    page = clerk.go("/bookings/TOAST-1")

    page.get_by_role("button", name="Confirm").click()

    expect(page.locator("#toasts")).to_contain_text("Undo")
    assert_fine(page, clerk)


def test_the_list_of_keys_has_no_barriers(desk: Open) -> None:
    clerk = desk(role="front_desk")
    page = clerk.go("/bookings")

    page.keyboard.press("?")

    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    assert_fine(page, clerk)
