"""Mail servers hand in what came back: who is believed, and which message and hand-over it moves."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tests.api.speaking import Api, problem
from tests.channels.bounce.test_bounce import raw
from tests.factories import a_booking, a_message, an_attempt
from tests.services.delivery.test_draining import fresh
from webapp.channels.reasons import explain
from webapp.extensions import db
from webapp.models import (
    Attempt,
    AttemptOutcome,
    Booking,
    BookingStatus,
    ChannelName,
    Event,
    Message,
    MessageStatus,
    Receipt,
)
from webapp.services.audit import BELLHOP
from webapp.services.failures import retry
from webapp.services.messages import fallback

PATH = "/webhooks/email/bounce"
TOKEN = "0123456789ab" + "c" * 20
OTHER_MAIL = {"<bounced@desk.example>": "<forged@desk.example>", "Ref: bounced@": "Ref: forged@"}
Bounce = Callable[..., Any]


@pytest.fixture
def bounce(api: Api) -> Bounce:
    """Hand in a report as a pipe does, with words of it changed."""

    def post(name: str = "postfix", changes: dict[str, str] | None = None, **more: Any) -> Any:
        text = raw(name).decode()
        for old, new in (changes or {}).items():
            assert old in text
            text = text.replace(old, new)
        answer = api.client.post(PATH, data=text.encode(), headers=api.headers, **more)
        db.session.rollback()
        return answer

    return post


def a_mail(status: MessageStatus = MessageStatus.SENT, **given: Any) -> Message:
    booking = a_booking(BookingStatus.CONFIRMED, email="nobody@guests.example")
    return a_message(booking, channel=ChannelName.EMAIL, status=status, mail_id="<bounced@desk.example>", **given)


def handed(message: Message, **given: Any) -> Attempt:
    facts = {"provider": "smtp", "provider_id": "250 2.0.0 Ok: queued as 7F1C", "token": TOKEN} | given
    return an_attempt(message, **facts)


def kept() -> list[tuple[str, str, str, bool]]:
    rows = db.session.scalars(select(Receipt).order_by(Receipt.id))
    return [(row.status, row.code, row.source, row.moved) for row in rows]


@pytest.mark.both_databases
@pytest.mark.parametrize(("name", "code"), [("postfix", "5.1.1"), ("exim", "5.2.1"), ("exchange", "5.1.10")])
def test_a_bounce_fails_its_message_in_words_that_help(bounce: Bounce, name: str, code: str) -> None:
    message = a_mail()
    handed(message)

    assert bounce(name).status_code == 200

    assert (fresh(message).status, message.error_code) == (MessageStatus.FAILED, code)
    assert kept() == [("undelivered", code, "bounce", True)]
    assert "not in Bellhop's list" not in explain(message.channel, code).text


def test_one_that_is_handed_in_twice_changes_nothing_more(bounce: Bounce) -> None:
    message = a_mail()
    handed(message)

    assert "did not arrive" in bounce().json["detail"]
    assert "changes nothing" in bounce().json["detail"]

    assert fresh(message).status is MessageStatus.FAILED and [moved for *_, moved in kept()] == [True, False]


@pytest.mark.parametrize("action", ["delayed", "relayed", "expanded", "delivered"])
def test_whatever_is_no_failure_is_kept_and_moves_nothing(bounce: Bounce, action: str) -> None:
    message = a_mail()
    handed(message)

    bounce(changes={"Action: failed": f"Action: {action}"})

    assert fresh(message).status is MessageStatus.SENT and [moved for *_, moved in kept()] == [False]


def test_a_server_that_gave_up_after_days_fails_it(bounce: Bounce) -> None:
    message = a_mail()
    handed(message)
    bounce("delayed")

    bounce(changes={"Status: 5.1.1": "Status: 4.4.7"})

    assert (fresh(message).status, message.error_code) == (MessageStatus.FAILED, "late 4.4.7")
    assert "tried for days" in explain(message.channel, message.error_code).text


@pytest.mark.parametrize("changes", [OTHER_MAIL, {"nobody@guests.example": "somebody@guests.example"}])
def test_one_that_names_no_mail_of_ours_changes_nothing(
    bounce: Bounce, changes: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    message = a_mail()
    handed(message)

    answer = bounce(changes=changes)

    assert answer.status_code == 200 and "Nothing was changed" in answer.json["detail"]
    assert fresh(message).status is MessageStatus.SENT and kept() == []
    assert "guests.example" not in "".join(capsys.readouterr())


def test_an_auto_reply_to_a_mail_of_ours_changes_nothing(bounce: Bounce) -> None:
    message = a_mail()
    handed(message)

    answer = bounce("auto_reply")

    assert answer.status_code == 200 and "no delivery report" in answer.json["detail"]
    assert fresh(message).status is MessageStatus.SENT and kept() == []


def test_a_late_bounce_of_a_mail_that_was_sent_again_concerns_the_first_hand_over(bounce: Bounce) -> None:
    message = a_mail()
    first = handed(message)
    second = handed(message, token="f" * 32)

    bounce()

    assert fresh(message).status is MessageStatus.SENT
    assert [db.session.get_one(Attempt, a.id).receipt for a in (first, second)] == ["undelivered", ""]


def test_one_of_the_newest_hand_over_fails_it_whatever_came_before(bounce: Bounce) -> None:
    message = a_mail()
    handed(message, token="f" * 32, outcome=AttemptOutcome.TEMPORARY, provider_id=None)
    handed(message)

    bounce("exchange")  # It brings no mark back.

    assert (fresh(message).status, message.error_code) == (MessageStatus.FAILED, "5.1.10")


def test_a_bounce_of_what_was_retried_by_hand_since_does_not_fail_the_retry(bounce: Bounce) -> None:
    message = a_mail()
    handed(message)
    bounce()
    retry.retry(fresh(message), by=BELLHOP)

    bounce()

    assert fresh(message).status is MessageStatus.WAITING


def test_a_mail_that_may_have_gone_out_has_gone_out_if_it_comes_back(bounce: Bounce) -> None:
    message = a_mail(MessageStatus.UNCERTAIN)
    handed(message, outcome=AttemptOutcome.UNKNOWN, provider_id=None)

    bounce()

    assert (fresh(message).status, message.error_code) == (MessageStatus.FAILED, "5.1.1")


def test_a_bounce_before_our_own_commit_waits_for_it(bounce: Bounce) -> None:
    message = a_mail(MessageStatus.SENDING)
    attempt = handed(message, outcome=None, provider_id=None)

    bounce()

    assert fresh(message).status is MessageStatus.SENDING
    assert db.session.get_one(Attempt, attempt.id).receipt == "undelivered"


def test_a_mail_that_was_never_handed_over_does_not_come_back(bounce: Bounce) -> None:
    message = a_mail(MessageStatus.WAITING)
    handed(message, outcome=AttemptOutcome.NOT_BEGUN, provider_id=None)

    assert "not taken by our mail server" in bounce().json["detail"]

    assert fresh(message).status is MessageStatus.WAITING and kept() == []


def test_an_address_that_was_written_in_other_letters_is_the_same(bounce: Bounce) -> None:
    booking = a_booking(email="nobody@bücher.example")
    message = a_message(booking, channel=ChannelName.EMAIL, status=MessageStatus.SENT, mail_id="<bounced@desk.example>")
    handed(message)

    bounce(changes={"nobody@guests.example": "Nobody@XN--BCHER-KVA.example"})

    assert fresh(message).status is MessageStatus.FAILED


def test_a_bounce_lets_the_next_channel_stand_in(bounce: Bounce) -> None:
    from tests.services.messages.test_fallback import an_order

    an_order(ChannelName.EMAIL, ChannelName.SMS, event=Event.BOOKING_CONFIRMED)
    message = a_mail(falls_back=True)
    handed(message)
    bounce()

    assert fallback.fall_back_due() == 1

    booking = db.session.get_one(Booking, message.booking_id)
    assert [m.channel for m in booking.messages] == [ChannelName.EMAIL, ChannelName.SMS]


@pytest.mark.parametrize("type_", ["message/rfc822", "application/x-www-form-urlencoded", "text/plain", None])
def test_the_type_that_is_said_with_it_makes_no_difference(bounce: Bounce, type_: str | None) -> None:
    """`curl --data-binary` calls everything a form."""
    message = a_mail()
    handed(message)

    assert bounce(content_type=type_).status_code == 200

    assert fresh(message).status is MessageStatus.FAILED


@pytest.mark.parametrize("body", [b"", b"words", b"\x00\xff" * 100])
def test_what_cannot_be_read_is_refused_with_a_sentence(api: Api, body: bytes) -> None:
    answer = api.client.post(PATH, data=body, headers=api.headers)

    assert problem(answer, 422)["detail"].endswith(".")


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer bh_wrong"}, {"Authorization": "Basic Zm9v"}], ids=str
)
def test_without_a_key_nothing_is_taken(client: Any, headers: dict[str, str]) -> None:
    message = a_mail()
    handed(message)

    problem(client.post(PATH, data=raw("postfix"), headers=headers), 401)

    assert fresh(message).status is MessageStatus.SENT


def test_what_is_too_large_is_refused(api: Api) -> None:
    problem(api.client.post(PATH, data=raw("postfix") + b"x" * 600_000, headers=api.headers), 413)


def test_only_a_post_hands_one_in(api: Api) -> None:
    problem(api.client.get(PATH, headers=api.headers), 405)


def test_a_mail_is_found_by_the_index_of_mails(bounce: Bounce) -> None:
    from tests.services.delivery.test_claim_plan import captured, plan_of

    with captured() as sent:
        bounce()
    plans = [plan_of(statement, values) for statement, values in sent if "FROM message" in statement]

    assert plans and all("mailed" in plan for plan in plans)
