"""Retry, as an admin's button: offered where it can help, warned of where it may hurt, refused to others."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Browser
from tests.factories import a_booking, a_message, an_attempt
from tests.services.delivery.test_draining import fresh
from tests.support.forms import fields_of, offers
from webapp.extensions import db
from webapp.models import Action, AttemptOutcome, Audit, BookingStatus, Message, MessageStatus
from webapp.services.audit import Actor
from webapp.services.failures import retry


def a_failure(code: str = "30005", **given: object) -> Message:
    message = a_message(status=MessageStatus.FAILED, error_code=code, **given)
    an_attempt(message, outcome=AttemptOutcome.PERMANENT, code=code)
    return message


def status_of(message: Message) -> MessageStatus:
    """As it is now: the test's own read began before the act."""
    db.session.rollback()
    return fresh(message).status


def address(message: Message) -> str:
    return f"/messages/{message.id}/retry"


def test_others_get_a_page_that_says_no(front_desk: Browser, manager: Browser) -> None:
    message = a_failure()

    for browser in (front_desk, manager):
        answer = browser.act(address(message), htmx=False, token=message.token)

        assert answer.status_code == 403
        assert "You cannot open this page with your role" in answer.text
    assert status_of(message) is MessageStatus.FAILED


def test_a_manager_sees_the_failure_and_no_button(manager: Browser) -> None:
    message = a_failure()

    assert not offers(manager.get("/messages?view=messages").text, address(message))


def test_somebody_who_is_not_signed_in_is_sent_to_the_login(client: FlaskClient) -> None:
    answer = client.act(address(a_failure()))  # type: ignore[attr-defined]

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


def test_without_its_csrf_token_a_form_is_refused(admin: Browser) -> None:
    message = a_failure()

    assert admin.post(address(message), data={"token": message.token}).status_code == 403
    assert status_of(message) is MessageStatus.FAILED


@pytest.mark.parametrize(
    ("path", "element"), [("/messages?view=messages", "row-{}"), ("/messages/{}", "message-{}-detail")]
)
def test_the_button_answers_with_what_it_stood_in(admin: Browser, path: str, element: str) -> None:
    message = a_failure()
    form = fields_of(admin.get(path.format(message.id)).text, address(message))

    answer = admin.act(address(message), **form)

    assert answer.status_code == 200
    assert f'id="{element.format(message.id)}"' in answer.text
    assert "Waiting" in answer.text and "is sent again" in answer.text
    assert status_of(message) is MessageStatus.WAITING


def test_it_is_written_down_under_the_admin_who_did_it(admin: Browser) -> None:
    message = a_failure()

    admin.act(address(message), **fields_of(admin.get(f"/messages/{message.id}").text, address(message)))

    db.session.rollback()
    act = db.session.scalars(select(Audit).where(Audit.action == Action.MESSAGE_RETRIED)).one()
    assert (act.user_id, act.message_id) == (admin.user.id, message.id)  # type: ignore[attr-defined]


def test_it_works_without_a_script(admin: Browser) -> None:
    message = a_failure()
    form = fields_of(admin.get("/messages?view=messages").text, address(message))

    answer = admin.act(address(message), htmx=False, **form)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/messages/{message.id}")
    assert "is sent again" in admin.get(answer.headers["Location"]).text


def test_the_second_of_two_admins_sees_how_it_stands_and_why(admin: Browser) -> None:
    message = a_failure()
    form = fields_of(admin.get("/messages?view=messages").text, address(message))
    retry.retry(message, by=Actor("Theo Brandt"))

    answer = admin.act(address(message), **form)

    assert answer.status_code == 409
    assert f'id="row-{message.id}"' in answer.text
    assert "only a failed one can be sent again" in answer.text
    assert db.session.scalars(select(Audit.actor).where(Audit.action == Action.MESSAGE_RETRIED)).all() == [
        "Theo Brandt"
    ]


def test_the_second_is_told_without_a_script_too(admin: Browser) -> None:
    message = a_failure()
    form = fields_of(admin.get("/messages?view=messages").text, address(message))
    retry.retry(message, by=Actor("Theo Brandt"))

    answer = admin.act(address(message), htmx=False, **form)

    assert answer.status_code == 303
    assert "only a failed one can be sent again" in admin.get(answer.headers["Location"]).text


def test_a_form_for_an_older_failure_is_refused(admin: Browser) -> None:
    message = a_failure()
    form = fields_of(admin.get("/messages?view=messages").text, address(message))
    an_attempt(message, outcome=AttemptOutcome.PERMANENT)

    assert admin.act(address(message), **form).status_code == 409
    assert status_of(message) is MessageStatus.FAILED


@pytest.mark.parametrize("form", [{}, {"token": ""}, {"token": "x" * 500, "view": "nowhere"}])
def test_a_form_without_what_was_seen_is_refused(admin: Browser, form: dict[str, str]) -> None:
    message = a_failure()

    assert admin.act(address(message), **form).status_code == 409
    assert status_of(message) is MessageStatus.FAILED


def test_a_message_that_is_not_there_is_404(admin: Browser) -> None:
    assert admin.act("/messages/4711/retry").status_code == 404


def test_it_is_not_offered_where_it_would_be_refused(admin: Browser) -> None:
    old = a_failure(expires_in=timedelta(seconds=-1))
    void = a_failure(booking=a_booking(BookingStatus.CANCELLED))

    page = admin.get("/messages?view=messages").text

    assert not offers(page, address(old)) and not offers(page, address(void))
    assert "Too old to send again" in page
    assert "No longer true" in page


def test_what_may_have_arrived_is_sent_again_only_after_a_warning(admin: Browser) -> None:
    message = a_failure("may_have_arrived")

    page = admin.get("/messages?view=messages").text

    assert "It may have arrived already." in page
    assert "Send again anyway" in page
    assert page.index('<details class="ask"') < page.index(address(message))
    assert admin.act(address(message), **fields_of(page, address(message))).status_code == 200


def test_the_warning_names_a_later_message_that_went_out(admin: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    a_failure(booking=booking)
    a_message(booking, status=MessageStatus.DELIVERED)

    assert "A later SMS has gone out to this guest since." in admin.get("/messages?view=messages").text
