"""Whether a guest was reached: by any channel, not by each. Lists and counts in SQL say what a page says."""

from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import a_booking, a_message
from webapp import templating, words
from webapp.api import answers
from webapp.database import now, writing
from webapp.extensions import db
from webapp.models import Action, Booking, BookingStatus, ChannelName, Event, Message, MessageStatus
from webapp.services import audit, bookings
from webapp.services.audit import BELLHOP, Actor
from webapp.services.board import listing as board
from webapp.services.board.filters import NOT_REACHED, Filters
from webapp.services.bookings import agenda
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import view as booking_view
from webapp.services.messages import reached
from webapp.services.messages.reached import Reached

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
SMS, WHATSAPP, EMAIL = ChannelName
CONFIRMED, CHANGED = Event.BOOKING_CONFIRMED, Event.BOOKING_CHANGED
WAITING, SENT, DELIVERED, READ, FAILED, SKIPPED = (
    MessageStatus(name) for name in ("waiting", "sent", "delivered", "read", "failed", "skipped")
)
ROSA = "Rosa Silva"


class Row(NamedTuple):
    """One message of a booking."""

    channel: ChannelName
    status: MessageStatus
    code: str = ""
    by: str = ""  # Who closed the failure.
    act: int = 0  # Which of the booking's acts it tells of; 0 for none.
    event: Event = CONFIRMED
    falls_back: bool = False
    how: str = ""  # How that person told the guest.


def a_booking_with(*rows: Row, status: BookingStatus = BookingStatus.CONFIRMED) -> Booking:
    booking = a_booking(status)
    with writing():
        made = (audit.record(Action.BOOKING_CONFIRMED, by=Actor(ROSA), booking_id=booking.id) for _ in range(2))
        acts = [None, *(act.id for act in made)]
    for row in rows:
        closed: dict[str, Any] = (
            {"resolved_at": now(), "resolved_by": row.by, "resolved_how": row.how} if row.by else {}
        )
        a_message(booking, channel=row.channel, status=row.status, error_code=row.code, act_id=acts[row.act],
                  event=row.event, falls_back=row.falls_back, **closed)  # fmt: skip
    return bookings.get(booking.reference)


CASES: dict[str, tuple[list[Row], Reached | None, str]] = {
    "never told": ([], None, ""),
    "all arrived": ([Row(SMS, DELIVERED), Row(WHATSAPP, READ), Row(EMAIL, SENT)], Reached.REACHED,
        "Reached by SMS, WhatsApp and E-mail"),
    "one of three": ([Row(SMS, DELIVERED), Row(WHATSAPP, FAILED, "63003"), Row(EMAIL, FAILED, "550 5.1.1")],
        Reached.REACHED, "Reached by SMS"),
    "by e-mail alone": ([Row(SMS, FAILED, "21211"), Row(EMAIL, SENT)], Reached.REACHED, "Reached by E-mail"),
    "no receipt yet": ([Row(SMS, SENT)], Reached.ON_THE_WAY, "Sent by SMS, not confirmed yet"),
    "one still waits": ([Row(SMS, FAILED, "21211"), Row(EMAIL, WAITING)], Reached.ON_THE_WAY, "On the way by E-mail"),
    "the next is about to be tried": ([Row(WHATSAPP, FAILED, "63003", falls_back=True)], Reached.ON_THE_WAY,
        "On the way"),
    "fell back and arrived": ([Row(WHATSAPP, FAILED, "63003", by=BELLHOP.name), Row(SMS, DELIVERED)],
        Reached.REACHED, "Reached by SMS"),
    "fell back and failed": ([Row(WHATSAPP, FAILED, "63003", by=BELLHOP.name), Row(SMS, FAILED, "21211")],
        Reached.NOT_REACHED, "Not reached"),
    "all failed": ([Row(SMS, FAILED, "21211"), Row(WHATSAPP, FAILED, "63003")], Reached.NOT_REACHED, "Not reached"),
    "opted out and failed": ([Row(SMS, SKIPPED, "opted_out"), Row(EMAIL, FAILED, "550 5.1.1")], Reached.NOT_REACHED,
        "Not reached"),
    "may have arrived": ([Row(SMS, FAILED, "may_have_arrived")], Reached.NOT_REACHED, "Not reached"),
    "closed by a person": ([Row(SMS, FAILED, "21211", by=ROSA)], Reached.REACHED, "Dealt with by Rosa Silva"),
    "told by phone": ([Row(SMS, FAILED, "21211", by=ROSA, how="phone"), Row(EMAIL, FAILED, "550")], Reached.REACHED,
        "Rosa Silva told the guest by phone"),
    "one of two dealt with": ([Row(SMS, FAILED, "21211", by=ROSA), Row(EMAIL, FAILED, "550")], Reached.NOT_REACHED,
        "Not reached"),
    "opted out of all": ([Row(SMS, SKIPPED, "opted_out")], Reached.NOTHING, "Nothing was sent"),
    "undone": ([Row(SMS, SKIPPED, "undone")], None, ""),
    "resent and arrived": ([Row(SMS, FAILED, "21211", act=1), Row(SMS, DELIVERED, act=2)], Reached.REACHED,
        "Reached by SMS"),
    "the later act failed": ([Row(SMS, DELIVERED, act=1), Row(SMS, FAILED, "30005", act=2)], Reached.NOT_REACHED,
        "Not reached"),
    "another event does not bring it": ([Row(SMS, FAILED, "30005"), Row(SMS, DELIVERED, event=CHANGED)],
        Reached.NOT_REACHED, "Not reached"),
    "no longer true": ([Row(SMS, FAILED, "30005", event=Event.BOOKING_DECLINED), Row(EMAIL, SENT, act=1)],
        Reached.REACHED, "Reached by E-mail"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_line_badge_list_tile_board_and_api_say_the_same(name: str) -> None:
    rows, state, sentence = CASES[name]
    booking = a_booking_with(*rows)
    lost = int(state is Reached.NOT_REACHED)

    shown, tally = booking_view.shown(booking), _counts()

    assert shown.line is None if state is None else shown.line is not None and shown.line.sentence == sentence
    assert (shown.told.text if shown.told else None) == (words.REACHED[state].text if state else None)
    assert (shown.told is not None and shown.told.tone == "bad") is bool(lost)
    assert (tally["not_reached"], len(agenda.load().unreached)) == (lost, lost)
    assert answers.booking(booking)["reached"] == state
    asked = Filters(status=NOT_REACHED)
    assert (str(board.counts(asked)[NOT_REACHED]), len(board.bookings_page(asked).messages)) == (str(lost), lost)


def _counts() -> dict[str, int]:
    booking_counts.forget()
    return booking_counts.totals()


def test_the_other_channels_say_why_and_what_helps() -> None:
    line = booking_view.shown(a_booking_with(Row(SMS, DELIVERED), Row(WHATSAPP, FAILED, "63003"))).line
    lost = booking_view.shown(a_booking_with(Row(SMS, FAILED, "21211"))).line

    assert line is not None and lost is not None
    assert (line.others, line.helps) == (["WhatsApp: There is no WhatsApp on this number."], "")
    assert lost.others == ["SMS: This is not a phone number that exists."]
    assert "number" in lost.helps


def test_a_failure_is_red_only_where_its_guest_was_not_reached() -> None:
    def tone(*rows: Row) -> str:
        return templating.message_word(a_booking_with(*rows).messages[0]).tone

    assert tone(Row(SMS, FAILED, "21211")) == "bad"
    assert tone(Row(SMS, FAILED, "21211"), Row(EMAIL, SENT)) == "mute"
    assert tone(Row(SMS, FAILED, "21211", by=ROSA)) == "mute"


ROWS = st.builds(
    Row,
    channel=st.sampled_from([SMS, WHATSAPP, EMAIL]),
    status=st.sampled_from(list(MessageStatus)),
    code=st.sampled_from(["", "undone", "superseded", "21211", "opted_out"]),
    by=st.sampled_from(["", "", "", ROSA, BELLHOP.name]),
    act=st.sampled_from([0, 1, 2]),
    event=st.sampled_from([CONFIRMED, CHANGED, Event.BOOKING_DECLINED, Event.PAYMENT_VERIFIED]),
    falls_back=st.sampled_from([False, False, False, True]),
    how=st.sampled_from(["", "", "phone"]),
)


@given(rows=st.lists(ROWS, max_size=7), status=st.sampled_from(list(BookingStatus)))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_count_in_sql_and_a_page_agree_on_any_messages(rows: list[Row], status: BookingStatus) -> None:
    rows = [row._replace(status=WAITING) if row.status is MessageStatus.SENDING else row for row in rows]
    booking = a_booking_with(*rows, status=status)

    news = reached.of(booking)
    found = set(db.session.scalars(reached.lost_messages(Message.id).where(Message.booking_id == booking.id)))

    assert found == {message.id for message in booking.messages if reached.is_lost(message)}
    assert bool(found) == (news is not None and news.state is Reached.NOT_REACHED)
