"""What comes back in any shape, through the call that pipes use: the message, the guest's wish, and what is kept."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.api.speaking import Api, problem
from tests.api.test_bounces import PATH, a_mail, handed
from tests.channels.bounce.shapes import DAEMON, LOST, MAIL, SHAPES, TO
from tests.channels.bounce.test_bounce_shapes import ARF
from tests.services.delivery.test_draining import fresh
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Action, Audit, ChannelName, MessageStatus, OptOut, ReturnedMail
from webapp.services.delivery import returned_mail
from webapp.services.queue import health

UNREADABLE = f"{DAEMON}Subject: x\n\nXyzzy.\n\n{MAIL}"


def hand_in(api: Api, mail: str) -> str:
    answer = api.client.post(PATH, data=mail.encode(), headers=api.headers)
    assert answer.status_code == 200
    db.session.rollback()
    return str(answer.json["detail"])


@pytest.mark.both_databases
@pytest.mark.parametrize("shape", list(SHAPES)[::3])
def test_each_shape_moves_its_message_as_far_as_it_says(api: Api, shape: str) -> None:
    message = a_mail()
    handed(message)
    mail, status, code = SHAPES[shape]

    hand_in(api, mail)

    assert fresh(message).status is (MessageStatus.FAILED if status == LOST else MessageStatus.SENT)
    assert message.error_code == (code if status == LOST else "")


@pytest.mark.parametrize("shape", list(SHAPES)[::5])
def test_without_our_reference_no_shape_changes_anything(api: Api, shape: str) -> None:
    message = a_mail()
    handed(message)

    said = hand_in(api, SHAPES[shape][0].replace("bounced@desk.example", "another@desk.example"))

    assert "Nothing was changed" in said and fresh(message).status is MessageStatus.SENT


@pytest.mark.both_databases
def test_a_complaint_stops_mail_to_that_address_once(api: Api) -> None:
    message = a_mail()
    handed(message)
    mail = ARF.format(type="abuse", to="", mail=MAIL)

    assert "gets no mail any more" in hand_in(api, mail) and "before" in hand_in(api, mail)

    [stop] = db.session.scalars(select(OptOut))
    assert (stop.channel, stop.address, stop.source) == (ChannelName.EMAIL, TO, "marked our mail as spam")
    [act] = db.session.scalars(select(Audit).where(Audit.action == Action.OPTED_OUT))
    assert act.booking_id == message.booking_id and fresh(message).status is MessageStatus.SENT


def test_no_spam_and_an_absence_change_nothing_and_say_so(api: Api) -> None:
    handed(a_mail())

    assert "no spam" in hand_in(api, ARF.format(type="not-spam", to="", mail=MAIL))
    away = f"From: {TO}\nAuto-Submitted: auto-replied\nIn-Reply-To: <bounced@desk.example>\nSubject: Away\n\nAway"
    assert "automatic reply" in hand_in(api, away)

    assert db.session.scalars(select(OptOut)).all() == [] == db.session.scalars(select(ReturnedMail)).all()


@pytest.mark.both_databases
@pytest.mark.parametrize("mail", [UNREADABLE, "Content-Type: a/b\n" * 60 + f"\n{MAIL}"])
def test_what_names_our_mail_and_cannot_be_read_is_kept_once(api: Api, mail: str) -> None:
    message = a_mail()
    handed(message)

    assert "It is kept" in hand_in(api, mail) and "It is kept" in hand_in(api, mail)

    [kept] = db.session.scalars(select(ReturnedMail))
    assert (kept.message_id, kept.content) == (message.id, mail) and fresh(message).status is MessageStatus.SENT


def waiting(many: int) -> None:
    with writing():
        db.session.add_all(ReturnedMail(digest=f"{number}", content="x") for number in range(many))


@pytest.mark.both_databases
def test_what_finds_no_room_is_refused_for_a_while_and_never_said_to_be_kept(api: Api, admin: Any) -> None:
    message = a_mail()
    handed(message)
    waiting(returned_mail.MOST)

    answer = api.client.post(PATH, data=UNREADABLE.encode(), headers=api.headers)

    assert "not kept yet" in problem(answer, 503)["detail"] and int(answer.headers["Retry-After"]) > 60
    first = db.session.scalars(select(ReturnedMail.id)).first()
    admin.act(f"/admin/returned-mail/{first}/archiving", htmx=False)
    assert "It is kept" in hand_in(api, UNREADABLE)
    assert db.session.scalars(select(ReturnedMail.message_id).order_by(ReturnedMail.id.desc())).first() == message.id


def test_where_there_is_no_room_all_others_are_still_answered(api: Api) -> None:
    message = a_mail()
    handed(message)
    hand_in(api, UNREADABLE)
    waiting(returned_mail.MOST)

    assert "It is kept" in hand_in(api, UNREADABLE), "It was kept before."
    hand_in(api, UNREADABLE.replace("bounced@", "another@"))
    hand_in(api, SHAPES["qmail"][0])
    assert fresh(message).status is MessageStatus.FAILED


def test_what_names_none_of_ours_is_not_kept(api: Api) -> None:
    handed(a_mail())

    hand_in(api, UNREADABLE.replace("bounced@", "another@"))

    assert db.session.scalars(select(ReturnedMail)).all() == []


def test_an_admin_reads_it_as_text_and_puts_it_away(api: Api, admin: Any) -> None:
    handed(a_mail())
    hand_in(api, UNREADABLE.replace("Xyzzy.", "<script>alert(1)</script>"))
    number = db.session.scalars(select(ReturnedMail.id)).one()

    assert f"/admin/returned-mail/{number}" in admin.get("/admin/returned-mail").text
    shown = admin.get(f"/admin/returned-mail/{number}").text
    assert "&lt;script&gt;alert(1)" in shown and "X-Bellhop-Ref" in shown
    assert admin.act(f"/admin/returned-mail/{number}/archiving", htmx=False).status_code == 303

    assert "Nothing waits here" in admin.get("/admin/returned-mail").text


@pytest.mark.parametrize(("many", "words"), [(1, "1 returned mail waits to be read"), (3, "3 returned mails wait")])
def test_the_queue_page_leads_an_admin_to_what_waits(admin: Any, many: int, words: str) -> None:
    assert "to be read" not in admin.get("/queue/house").text
    waiting(many)
    health.forget()

    page = admin.get("/queue").text

    assert words in page and 'href="/admin/returned-mail">Read them' in page
