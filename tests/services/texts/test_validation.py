"""What a text for guests may hold."""

import pytest

from webapp.models import ChannelName, Event
from webapp.services import texts
from webapp.services.texts import Wording, validation

pytestmark = pytest.mark.usefixtures("app")
SMS, EMAIL = ChannelName.SMS, ChannelName.EMAIL
CONFIRMED = Event.BOOKING_CONFIRMED


def wrong(body: str, channel: ChannelName = SMS, event: Event = CONFIRMED, subject: str = "x") -> dict[str, str]:
    return validation.problems(Wording(body, subject), event, channel, "en")


@pytest.mark.parametrize("channel", ChannelName)
@pytest.mark.parametrize("event", Event)
def test_every_built_in_text_keeps_to_the_rules(event: Event, channel: ChannelName) -> None:
    assert validation.problems(texts.built_in(event, channel, "en"), event, channel, "en") == {}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "Write something"),
        ("{{ reference }} {{ nmae }}", "{{ nmae }} is not known. Known placeholders: {{ name }}"),
        ("{{ reference }} {{ name", "not closed"),
        ("{{ reference }} {% if reason %}", "one has no end"),
        ("{{ reference }} {% endif %}", "without its"),
        ("{{ reference }} {% if x %}a{% endif %}", "is not known"),
        ("{{ reference }}{% if reason %}{% if name %}a{% endif %}{% endif %}", "cannot stand inside another"),
        ("{{ reference }} {{ name|upper }}", "cannot be used here"),
        ("{{ reference }} {{ ''.__class__ }}", "cannot be used here"),
        ("{{ reference }} {% for x in name %}{% endfor %}", "cannot be used here"),
        ("{{ reference }} {# a note #}", "cannot be used here"),
        ("Hello", "found again at the provider"),
        ("{% if reason %}{{ reference }}{% endif %}", "found again at the provider"),
        ("{{ reference }}" + "x" * 1600, "at most 1,600"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_what_to_do(body: str, says: str) -> None:
    assert says in wrong(body)["body"]


def test_an_e_mail_may_leave_the_reference_out() -> None:
    assert wrong("Hello {{ name }}", EMAIL) == {}


@pytest.mark.parametrize("subject", ["", "a\nb", "x" * 201, "{{ nobody }}"])
def test_a_subject_is_one_short_line(subject: str) -> None:
    assert wrong("Hello", EMAIL, subject=subject).keys() == {"subject"}


def test_a_test_message_knows_fewer_placeholders() -> None:
    assert (
        "Known placeholders: {{ name }}, {{ reference }}, {{ business }}."
        in wrong("{{ reference }} {{ service }}", event=Event.TEST)["body"]
    )


def test_line_breaks_are_ours_and_letters_that_no_phone_shows_go() -> None:
    assert validation.clean(" a\r\nb\x00\x07\rc ") == "a\nb\nc"
