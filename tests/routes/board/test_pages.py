"""The delivery board: rows, chips, pages, and the one poll by which all of it keeps up."""

import gzip
import re

import pytest

from tests.conftest import Browser
from tests.factories import a_booking, a_message
from webapp.database import now, writing
from webapp.extensions import db
from webapp.models import BookingStatus, ChannelName, Event, Message, MessageStatus
from webapp.services.board import index_walk, listing
from webapp.services.board import listing as board


def rows(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<tr id="row-(\d+)"', page)]


def changes(browser: Browser, *messages: Message, **query: object) -> str:
    query = {"view": "messages"} | query
    asked = [("row", f"{message.id}.as-it-was") for message in messages] + [
        (name, str(value)) for name, value in query.items()
    ]
    answer = browser.get("/messages/changes", query_string=asked, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("path", ["/messages", "/messages/changes"])
def test_the_front_desk_has_no_board(front_desk: Browser, path: str) -> None:
    assert front_desk.get(path).status_code == 403
    assert 'href="/messages"' not in front_desk.get("/bookings").text


def test_a_row_says_who_what_and_how_it_stands(manager: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, name="Amelia Hart", service="Harbour cruise")
    message = a_message(booking, status=MessageStatus.FAILED, error_code="30005", simulated=True)

    page = manager.get("/messages?view=messages").text

    assert "<title>Delivery board" in page
    for said in ("Amelia Hart", booking.reference, "Harbour cruise", "SMS", "Simulated", "Not delivered", ">30005<"):
        assert said in page
    assert f'href="/messages/{message.id}"' in page


def test_filters_stand_in_the_address_and_in_each_chip(manager: Browser) -> None:
    wanted = a_message(status=MessageStatus.FAILED, channel=ChannelName.EMAIL, event=Event.PAYMENT_VERIFIED)
    a_message(status=MessageStatus.FAILED)

    page = manager.get("/messages?view=messages&status=failed&channel=email&event=payment_verified").text

    assert rows(page) == [wanted.id]
    assert 'href="/messages?status=waiting&amp;channel=email&amp;event=payment_verified&amp;view=messages"' in page
    assert page.count('aria-current="true"') == 5  # The page and the view too.


def test_a_search_keeps_the_filters(manager: Browser) -> None:
    wanted = a_message(a_booking(BookingStatus.CONFIRMED, reference="XY-7"))
    a_message()

    page = manager.get("/messages?view=messages&channel=sms&q=xy-").text

    assert rows(page) == [wanted.id]
    assert '<input type="hidden" name="channel" value="sms">' in page
    assert 'value="xy-"' in page


@pytest.mark.parametrize(
    "query", ["status=gone", "channel=fax", "event=9", "before=x", f"after={'9' * 40}", "before=-1"]
)
def test_an_address_that_means_nothing_is_no_error(manager: Browser, query: str) -> None:
    message = a_message()

    assert rows(manager.get(f"/messages?view=messages&{query}").text) == [message.id]


def test_chips_count_what_needs_a_look(manager: Browser) -> None:
    a_message(status=MessageStatus.FAILED)
    a_message(status=MessageStatus.DELIVERED)

    page = " ".join(manager.get("/messages?view=messages").text.split())

    assert re.search(r"Not delivered <b>1</b>", page)
    assert not re.search(r"Delivered <b>", page)


def test_pages_go_on_with_the_filters(manager: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 1)
    old, new = a_message(), a_message()

    first = manager.get("/messages?view=messages&channel=sms").text
    second = manager.get(f"/messages?view=messages&channel=sms&before={new.id}").text

    assert (rows(first), rows(second)) == ([new.id], [old.id])
    assert f'href="/messages?before={new.id}&amp;channel=sms&amp;view=messages&amp;tip={new.id}"' in first
    assert f'href="/messages?after={old.id}&amp;channel=sms&amp;view=messages&amp;tip={new.id}"' in second


def test_an_empty_board_says_what_fills_it(manager: Browser) -> None:
    assert "No messages yet" in manager.get("/messages?view=messages").text


def test_filters_that_fit_nothing_can_be_cleared(manager: Browser) -> None:
    a_message()

    page = manager.get("/messages?view=messages&q=zzzz").text

    assert "No messages match" in page
    assert "Clear filters" in page


def test_only_rows_that_may_still_move_are_asked_about(manager: Browser) -> None:
    moving, settled = a_message(), a_message(status=MessageStatus.DELIVERED)

    page = manager.get("/messages?view=messages").text

    assert f'name="row" value="{moving.id}.' in page
    assert f'name="row" value="{settled.id}.' not in page


def test_one_poll_brings_the_chips_and_the_rows_that_were_asked_for(manager: Browser) -> None:
    first, second, third = a_message(), a_message(), a_message()

    shown = changes(manager, first, second)

    assert sorted(rows(shown)) == [first.id, second.id]
    assert shown.count('hx-swap-oob="morph"') == 2
    assert 'id="board-chips"' in shown
    assert f'id="row-{third.id}"' not in shown


def test_new_messages_are_offered_and_not_pushed_in(manager: Browser) -> None:
    first = a_message()
    page = manager.get("/messages?view=messages").text
    a_message()

    shown = changes(manager, newest=first.id)

    assert f"newest={first.id}" in page
    assert "Show <b>1</b> new" in " ".join(shown.split())
    assert rows(shown) == []


def test_a_later_page_does_not_speak_of_news(manager: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 1)
    a_message()
    new = a_message()

    assert "newest=" not in manager.get(f"/messages?view=messages&before={new.id}").text


def test_an_unchanged_poll_is_not_sent_again(manager: Browser) -> None:
    message = a_message()
    first = manager.get(f"/messages/changes?row={message.id}", headers={"HX-Request": "true"})

    again = {"HX-Request": "true", "If-None-Match": first.headers["ETag"]}
    assert manager.get(f"/messages/changes?row={message.id}", headers=again).status_code == 304


def test_a_poll_asks_for_a_page_at_most(manager: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)

    shown = changes(manager, *(a_message() for _ in range(4)))

    assert len(rows(shown)) == 2


@pytest.mark.parametrize("row", ["", "x", "-1", "٣", "9" * 40, "4711"])
def test_a_poll_for_what_is_no_row_is_no_error(manager: Browser, row: str) -> None:
    answer = manager.get("/messages/changes", query_string={"row": row})

    assert answer.status_code == 200
    assert rows(answer.text) == []


def test_a_name_with_markup_is_text(manager: Browser) -> None:
    a_message(a_booking(BookingStatus.CONFIRMED, name="<b>Ann</b>"))

    page = manager.get("/messages?view=messages").text

    assert "<b>Ann</b>" not in page
    assert "&lt;b&gt;Ann&lt;/b&gt;" in page


@pytest.mark.parametrize("view", ["bookings", "messages"])
def test_a_full_page_of_failures_stays_small(manager: Browser, admin: Browser, view: str) -> None:
    for number in range(board.PAGE):
        booking = a_booking(BookingStatus.CONFIRMED, name=f"Guest {number}")
        for channel in ChannelName if view == "bookings" and number < board.BOOKINGS_PAGE else [ChannelName.SMS]:
            a_message(booking, channel=channel, status=MessageStatus.FAILED, error_code="30005")

    sizes = {len(gzip.compress(person.get(f"/messages?view={view}").data)) for person in (manager, admin)}
    assert max(sizes) < 10_240, sizes


def test_a_poll_brings_only_the_rows_that_have_changed(manager: Browser) -> None:
    messages = [a_message() for _ in range(board.BOOKINGS_PAGE)]
    page = manager.get("/messages").text
    shown = re.findall(r'name="row" value="(\d+\.\w+)"', page)
    with writing():
        db.session.get_one(Message, messages[3].id).status = MessageStatus.DELIVERED

    answer = manager.get("/messages/changes", query_string={"row": shown, "newest": messages[-1].id})

    assert len(shown) == len(messages)
    assert rows(answer.text) == [messages[3].id]
    assert len(gzip.compress(answer.data)) < 3_072


def test_a_booking_has_its_channels_side_by_side(manager: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, name="Amelia Hart", service="Harbour cruise")
    sms = a_message(booking, status=MessageStatus.FAILED, error_code="30005")
    a_message(booking, channel=ChannelName.EMAIL, status=MessageStatus.SENT)

    page = manager.get("/messages").text

    for said in ("Amelia Hart", booking.reference, "Harbour cruise", "Booking confirmed", "Not delivered", "Sent"):
        assert said in page
    assert len(rows(page)) == 1
    assert f'href="/messages/{sms.id}"' in page and f'href="/bookings/{booking.reference}"' in page
    assert page.count("No message on this channel") == 1


def test_a_test_message_leads_to_itself(manager: Browser) -> None:
    message = a_message(booking_id=None, event=Event.TEST, reference="TEST-AB12")

    page = manager.get("/messages").text

    assert "Test message" in page and "TEST-AB12" in page
    assert re.search(rf'href="/messages/{message.id}"\s+data-open', page)


def test_only_failures_can_be_ticked_and_only_an_admin_may_retry_them(manager: Browser, admin: Browser) -> None:
    failed = a_message(status=MessageStatus.FAILED)
    a_message(status=MessageStatus.DELIVERED)

    page, admins = manager.get("/messages?channel=sms").text, admin.get("/messages").text

    assert re.findall(r'name="id"\s+value="(\d+)"', page) == [str(failed.id)]
    assert 'value="resolve"' in page and 'value="retry"' not in page
    assert 'value="retry"' in admins
    assert page.count('<input type="hidden" name="channel" value="sms">') >= 1


def test_a_resolved_failure_is_found_and_can_be_reopened(manager: Browser) -> None:
    message = a_message(status=MessageStatus.FAILED)
    with writing():
        db.session.get_one(Message, message.id).resolved_at = now()
    assert "data-pick>" not in manager.get("/messages").text

    page = manager.get("/messages?status=resolved").text

    assert rows(page) == [message.id]
    assert 'value="reopen"' in page and f'value="{message.id}"' in page


def test_all_resolved_ones_that_match_can_be_reopened(manager: Browser) -> None:
    message = a_message(status=MessageStatus.FAILED)
    with writing():
        db.session.get_one(Message, message.id).resolved_at = now()

    answer = manager.act(
        "/messages/batches", htmx=False, kind="reopen", all="1", status="resolved", q=message.reference
    )

    assert answer.status_code == 303
    assert re.search(r"/messages/batches/\d+$", answer.location)


def test_days_that_cannot_be_meant_are_shown_beside_what_is_wrong(manager: Browser) -> None:
    a_message()

    page = manager.get("/messages?from=soon&to=2026-11-20").text

    assert "Write the day as in 2026-11-23." in page
    assert 'value="soon"' in page and "These days are not right" in page


def test_nothing_found_says_which_filter_to_drop(manager: Browser) -> None:
    a_message(status=MessageStatus.FAILED, error_code="30005")

    page = manager.get("/messages?cause=30005&channel=sms&event=payment_verified").text

    assert "without <bdi>Payment verified</bdi>" in page
    assert "without <bdi>SMS</bdi>" not in page


def test_a_list_that_holds_still_is_told_how_many_have_come(manager: Browser) -> None:
    first = a_message()
    a_message()

    answer = manager.get(f"/messages/news?newest={first.id}")

    assert "Frozen · 1 new" in " ".join(answer.text.split())
    again = manager.get(f"/messages/news?newest={first.id}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_look_that_is_cut_short_says_so_and_goes_on(manager: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_walk, "LOOK", 20)
    monkeypatch.setattr(index_walk, "PROBE", 2)
    wanted = a_message(status=MessageStatus.SENT, channel=ChannelName.EMAIL)
    for _ in range(20):
        a_message(status=MessageStatus.SENT)
        a_message(channel=ChannelName.EMAIL)

    page = manager.get("/messages?status=sent&channel=email").text
    (further,) = re.findall(r'href="([^"]+)">Search further back', page)

    assert "No message found so far" in page
    assert rows(manager.get(further.replace("&amp;", "&")).text) == [wanted.id]
