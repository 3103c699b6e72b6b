"""Closing a failure without sending it again: by whom, with which note, once, and how it comes open again."""

import pytest
from sqlalchemy import select

from tests.factories import a_message
from tests.services.delivery.test_draining import fresh
from tests.services.failures.test_retry import a_failure
from tests.support.scripted import Post
from webapp.channels.base import Permanent
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import Action, Audit, Message, MessageStatus
from webapp.services import delivery
from webapp.services.audit import Actor
from webapp.services.delivery import receipts
from webapp.services.failures import resolve, retry

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
ADA, THEO = Actor("Ada Moreau"), Actor("Theo Brandt")


def resolved(note: str = "Called her") -> Message:
    message = a_failure()
    resolve.resolve(message, by=ADA, token=message.token or "", note=note)
    return fresh(message)


def acts(action: Action) -> list[Audit]:
    return list(db.session.scalars(select(Audit).where(Audit.action == action)))


def test_it_is_closed_with_who_and_a_note_and_not_sent() -> None:
    message = resolved(" Called\n her ")

    assert (message.resolved_by, message.resolved_note) == ("Ada Moreau", "Called her")
    assert (message.status, message.resolved_at is None) == (MessageStatus.FAILED, False)
    act = acts(Action.MESSAGE_RESOLVED)[0]
    assert (act.actor, act.message_id, act.detail) == ("Ada Moreau", message.id, {"note": "Called her"})


def test_a_double_click_closes_it_once() -> None:
    message, clicking = a_failure(), Actor("Ada Moreau", form_key="k")

    for _ in range(2):
        resolve.resolve(message, by=clicking, token=message.token or "")

    assert len(acts(Action.MESSAGE_RESOLVED)) == 1


def test_the_second_person_is_told_of_the_first() -> None:
    message = resolved()

    with pytest.raises(Conflict, match=r"Ada Moreau has resolved it: Called her\."):
        resolve.resolve(message, by=THEO, token=message.token or "")


def test_one_that_was_sent_again_since_is_refused_with_who() -> None:
    message = a_failure()
    seen = message.token or ""
    retry.retry(message, by=THEO)

    with pytest.raises(Conflict, match=r"“Waiting”.*Theo Brandt sent it again"):
        resolve.resolve(message, by=ADA, token=seen)


def test_one_that_failed_again_since_is_refused_with_who(post: Post) -> None:
    message = a_failure()
    seen, post.sms.answers = message.token or "", [Permanent("30005")]
    retry.retry(message, by=THEO)
    delivery.drain(message.guest_id)

    with pytest.raises(Conflict, match="Theo Brandt has sent this message again, and it failed again"):
        resolve.resolve(fresh(message), by=ADA, token=seen)


@pytest.mark.parametrize("status", [status for status in MessageStatus if status is not MessageStatus.FAILED])
def test_only_a_failed_one_is_closed(status: MessageStatus) -> None:
    with pytest.raises(Conflict, match="only a failed one can be resolved"):
        resolve.resolve(a_message(status=status), by=ADA, token="")


def test_it_comes_open_again_and_may_be_closed_again() -> None:
    message = resolved()

    resolve.reopen(message, by=THEO, token=message.token or "")

    assert (fresh(message).resolved_at, fresh(message).resolved_by, fresh(message).resolved_note) == (None, "", "")
    assert acts(Action.MESSAGE_REOPENED)[0].actor == "Theo Brandt"
    resolve.resolve(fresh(message), by=THEO, token=message.token or "")
    assert fresh(message).resolved_by == "Theo Brandt"


def test_one_that_is_open_is_not_reopened() -> None:
    message = a_failure()

    with pytest.raises(Conflict, match="not resolved"):
        resolve.reopen(message, by=ADA, token=message.token or "")


def test_sending_it_again_takes_the_mark_off() -> None:
    message = resolved()

    retry.retry(message, by=THEO, token=message.token)

    assert (fresh(message).status, fresh(message).resolved_at) == (MessageStatus.WAITING, None)


def test_who_did_not_know_that_it_is_resolved_does_not_send_it_again() -> None:
    message = resolved()

    with pytest.raises(Conflict, match="Ada Moreau has resolved it"):
        retry.retry(message, by=THEO, token=message.token, even_resolved=False)

    assert fresh(message).status is MessageStatus.FAILED


def test_late_proof_makes_a_closed_failure_delivered() -> None:
    message = resolved()
    provider_id = message.attempts[0].provider_id or ""

    receipts.receive(message.token or "", provider_id=provider_id, status="delivered")

    assert (fresh(message).status, fresh(message).resolved_by) == (MessageStatus.DELIVERED, "Ada Moreau")
