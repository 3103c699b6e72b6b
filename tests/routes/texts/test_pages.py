"""What guests read, as admins write it."""

import re
from typing import Any

import pytest

from tests.support.forms import fields_of
from webapp.extensions import db
from webapp.models import Action, Audit, ChannelName, Event, Message, WhatsAppTemplate
from webapp.services import texts
from webapp.services.texts import catalog
from webapp.services.texts.catalog import Place

SMS = "/admin/texts/booking_confirmed/sms/en"
MAIL = "/admin/texts/booking_confirmed/email/en"
WHATSAPP = "/admin/texts/booking_confirmed/whatsapp/en"
PLACE = Place(Event.BOOKING_CONFIRMED, ChannelName.SMS, "en")
NEW = "Ahoy {{ name }}, {{ reference }} stands."
SID = "HX" + "0" * 32
OTHER = "HX" + "1" * 32


def save(admin: Any, body: str = NEW, page: str = SMS, **more: Any) -> Any:
    form = fields_of(admin.get(page).text, f"{page}/version")
    answer = admin.act(f"{page}/version", htmx=False, **(form | {"body": body} | more))
    db.session.rollback()  # What was read before is of the time before.
    return answer


def test_the_matrix_shows_what_is_built_in_and_who_edited_what(admin: Any) -> None:
    save(admin)

    page = admin.get("/admin/texts").text

    assert page.count("Standard text") == 8 * 3 - 1 and page.count("Edited") == 1 and admin.user.name in page
    assert 'href="/admin/texts/test/email/en"' in page


def test_a_saved_text_is_in_force(admin: Any) -> None:
    answer = save(admin)

    assert (answer.status_code, answer.location) == (303, SMS)
    assert "those made already keep theirs" in admin.get(SMS).text
    assert texts.in_force(*PLACE.key).body == NEW


@pytest.mark.parametrize(
    ("body", "says"),
    [("Hello {{ nmae }} {{ reference }}", "{{ nmae }} is not known"), ("Hello", "found again at the provider")],
)
def test_what_cannot_be_sent_is_said_at_the_field_and_kept(admin: Any, body: str, says: str) -> None:
    answer = save(admin, body)

    assert answer.status_code == 422 and 'id="body-error"' in answer.text and says in answer.text
    assert f">{body}</textarea>" in answer.text and catalog.history(PLACE) == []


def test_of_two_admins_the_second_sees_the_firsts_text_and_keeps_their_own(admin: Any) -> None:
    seen = fields_of(admin.get(SMS).text, f"{SMS}/version")
    save(admin)

    late = admin.act(f"{SMS}/version", htmx=False, **(seen | {"body": "Mine {{ reference }}", "form_key": "another"}))

    assert late.status_code == 409 and f"{admin.user.name} changed this text while you wrote" in late.text
    assert f">{NEW}</blockquote>" in late.text and ">Mine {{ reference }}</textarea>" in late.text
    form = fields_of(late.text, f"{SMS}/version") | {"body": "Mine {{ reference }}"}
    again = admin.act(f"{SMS}/version", htmx=False, **form)
    db.session.rollback()
    assert again.status_code == 303 and texts.in_force(*PLACE.key).body == "Mine {{ reference }}"


def test_the_preview_follows_what_is_typed_and_counts_its_parts(admin: Any) -> None:
    shown = admin.act(f"{SMS}/preview", body="Ahoy “{{ name }}” {{ reference }}").text

    assert "Ahoy “Amelia Hart” BK-2391" in shown and 'id="reads"' in shown and "<form" not in shown
    assert "1 SMS" in shown and "in UCS-2" in shown and "“ ”" in shown
    assert "cost depends on your provider" in shown


@pytest.mark.settings(sms_part_price=0.0079, sms_price_currency="EUR")
def test_the_preview_says_what_the_parts_cost(admin: Any) -> None:
    shown = admin.act(f"{SMS}/preview", body="Ahoy {{ reference }} " + "and so on " * 20).text

    assert "2 SMS" in shown and "Costs €0.0158 a message" in shown


def test_the_preview_says_what_is_wrong(admin: Any) -> None:
    shown = admin.act(f"{SMS}/preview", body="{{ reference").text

    assert "is not closed" in shown and " SMS" not in shown.partition("is not closed")[0]


def test_without_a_script_the_preview_is_a_page_that_keeps_what_was_typed(admin: Any) -> None:
    page = admin.act(f"{MAIL}/preview", htmx=False, subject="S {{ reference }}", body="Dear {{ name }}").text

    assert ">Dear {{ name }}</textarea>" in page and "Dear Amelia Hart" in page and "S BK-2391" in page
    assert db.session.query(Audit).count() == 0


def test_a_test_sends_what_is_typed_with_the_example_booking(admin: Any, bells: list[int]) -> None:
    answer = admin.act(f"{SMS}/test", body=NEW, to="+14155550123", test_key="k")

    db.session.rollback()
    message = db.session.query(Message).one()
    assert re.fullmatch(r"TEST-[0-9A-F]{6}", message.reference)
    assert message.body == f"Ahoy Amelia Hart, {message.reference} stands."
    assert (message.event, message.to, bells) == (Event.TEST, "+14155550123", [message.guest_id])
    assert f'hx-get="/messages/{message.id}/row"' in answer.text
    assert [act.action for act in db.session.query(Audit)] == [Action.TEST_SENT]


def test_a_double_click_sends_one_test(admin: Any) -> None:
    first = admin.act(f"{SMS}/test", body=NEW, to="+14155550123", test_key="k")
    again = admin.act(f"{SMS}/test", body=NEW, to="+14155550123", test_key="k")

    db.session.rollback()
    assert first.status_code == again.status_code == 200 and db.session.query(Message).count() == 1


@pytest.mark.parametrize(
    ("typed", "says"),
    [({"to": "12", "body": NEW}, "country code"), ({"to": "+14155550123", "body": "Hi"}, "found again")],
)
def test_a_test_that_cannot_be_sent_says_why(admin: Any, typed: dict[str, str], says: str) -> None:
    answer = admin.act(f"{SMS}/test", **typed)

    assert answer.status_code == 422 and says in answer.text and db.session.query(Message).count() == 0


@pytest.mark.settings(sms_provider="off")
def test_a_test_on_a_channel_that_is_off_says_so(admin: Any) -> None:
    answer = admin.act(f"{SMS}/test", body=NEW, to="+14155550123")

    assert answer.status_code == 422 and "sms is switched off" in answer.text


def test_an_earlier_version_is_restored(admin: Any) -> None:
    save(admin)
    save(admin, "Other {{ reference }}")
    first = catalog.history(PLACE)[-1]

    admin.act(f"{SMS}/restoration", htmx=False, of=first.id, version=catalog.history(PLACE)[0].id, form_key="r")

    db.session.rollback()
    assert texts.in_force(*PLACE.key).body == NEW and len(catalog.history(PLACE)) == 3


def test_the_built_in_text_comes_back(admin: Any) -> None:
    save(admin)
    form = fields_of(admin.get(SMS).text, f"{SMS}/restoration")

    answer = admin.act(f"{SMS}/restoration", htmx=False, **form)

    db.session.rollback()
    assert form["of"] == "built-in" and answer.status_code == 303
    assert texts.in_force(*PLACE.key) == texts.built_in(*PLACE.key)


def test_a_language_is_added_and_can_be_written(admin: Any) -> None:
    answer = admin.act("/admin/texts/languages", htmx=False, code="pl", form_key="l")

    assert answer.location == "/admin/texts?language=pl" and "Polish" in admin.get(answer.location).text
    assert admin.get("/admin/texts/booking_confirmed/sms/pl").status_code == 200
    assert admin.get("/admin/texts/booking_confirmed/sms/fr").status_code == 404


def test_the_languages_that_came_with_bellhop_are_marked(admin: Any) -> None:
    admin.act("/admin/texts/languages", htmx=False, code="pl", form_key="l")

    chips = re.findall(r'<a class="chip"[^>]*>(\w+)(?: <b>([\w ]+)</b>)?', admin.get("/admin/texts").text)

    assert [name for name, mark in chips if mark == "standard"] == ["English", "German", "Spanish"]
    assert ("Polish", "") in chips


def test_a_language_that_is_none_is_said_at_the_field(admin: Any) -> None:
    answer = admin.act("/admin/texts/languages", htmx=False, code="german")

    assert answer.status_code == 422 and 'value="german"' in answer.text and 'id="code-error"' in answer.text


def test_a_template_is_set_with_the_texts_placeholders(admin: Any) -> None:
    form = fields_of(admin.get(WHATSAPP).text, f"{WHATSAPP}/template")

    admin.act(f"{WHATSAPP}/template", htmx=False, **form, content_sid=SID)

    page = admin.get(WHATSAPP).text
    db.session.rollback()
    assert db.session.query(WhatsAppTemplate).one().variables == ["name", "reference", "service", "when"]
    assert SID in page and "only a template that WhatsApp approved" in page


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"content_sid": "HX1"}, "content_sid"), ({"content_sid": SID, "variables": "name"}, "variables")],
)
def test_a_template_that_could_not_work_is_said_at_its_field(admin: Any, typed: dict[str, str], field: str) -> None:
    answer = admin.act(f"{WHATSAPP}/template", htmx=False, was="", **typed)

    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text


def test_of_two_who_set_a_template_the_second_is_told(admin: Any) -> None:
    admin.act(f"{WHATSAPP}/template", htmx=False, was="", content_sid=SID)

    late = admin.act(f"{WHATSAPP}/template", htmx=False, was="", content_sid="HX" + "1" * 32)

    assert late.status_code == 409 and "somebody set it just before you" in late.text


@pytest.mark.parametrize("path", ["x/sms/en", "test/pigeon/en", "test/sms/xx"])
def test_a_text_that_is_none_is_not_found(admin: Any, path: str) -> None:
    assert admin.get(f"/admin/texts/{path}").status_code == 404


def test_a_template_is_set_once_by_a_double_click_and_again_by_each_later_form(admin: Any) -> None:
    for sid, variables in ((SID, "reference"), (SID, "reference, name"), (OTHER, "reference"), (SID, "reference")):
        form = fields_of(admin.get(WHATSAPP).text, f"{WHATSAPP}/template")
        typed = form | {"content_sid": sid, "variables": variables}
        answers = [admin.act(f"{WHATSAPP}/template", htmx=False, **typed) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]

    db.session.rollback()
    assert db.session.query(WhatsAppTemplate.content_sid).scalar() == SID
    assert db.session.query(Audit).filter_by(action=Action.TEXT_CHANGED).count() == 4


def test_a_form_that_was_sent_with_another_template_is_not_taken_for_its_repeat(admin: Any) -> None:
    form = fields_of(admin.get(WHATSAPP).text, f"{WHATSAPP}/template")
    admin.act(f"{WHATSAPP}/template", htmx=False, **form, content_sid=SID)

    late = admin.act(f"{WHATSAPP}/template", htmx=False, **form, content_sid=OTHER)
    db.session.rollback()

    assert late.status_code == 409 and db.session.query(WhatsAppTemplate.content_sid).scalar() == SID
