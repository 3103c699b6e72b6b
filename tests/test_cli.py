"""The commands of `flask --app wsgi`: their answers and exit codes are promised to scripts."""

import pytest
from flask import Flask

from webapp import security
from webapp.extensions import db
from webapp.models import PROPOSED_ORDER, Booking, Role, User, WhatsAppTemplate
from webapp.services.accounts import api_keys, sign_in
from webapp.services.messages import channel_order

TEMPLATE = "HX" + "0" * 32
NEW = ("create-user", "anna@desk.example", "--role", "manager", "--name", "Anna", "--password-stdin")


def run(app: Flask, *words: str, stdin: str = ""):
    return app.test_cli_runner().invoke(args=words, input=stdin)


def test_a_user_is_made_with_a_password_from_standard_input(app: Flask) -> None:
    done = run(app, *NEW, stdin="a long password\n")

    user = sign_in.by_email("anna@desk.example")
    assert done.exit_code == 0 and user is not None and user.role is Role.MANAGER
    assert security.password_fits(user, "a long password")


def test_a_known_e_mail_exits_1_and_says_so(app: Flask) -> None:
    run(app, *NEW, stdin="a long password\n")

    again = run(app, *NEW, stdin="a long password\n")

    assert again.exit_code == 1 and "There is a user anna@desk.example already" in again.output


def test_a_short_password_is_refused(app: Flask) -> None:
    done = run(app, *NEW, stdin="short\n")

    assert done.exit_code == 1 and "at least 10" in done.output


def test_a_new_password_ends_all_sessions(app: Flask) -> None:
    run(app, *NEW, stdin="a long password\n")

    run(app, "set-password", "anna@desk.example", "--password-stdin", stdin="another password\n")

    db.session.expire_all()
    assert sign_in.sign_in("anna@desk.example", "another password").session_epoch == 2  # type: ignore[union-attr]


def test_an_api_key_is_printed_alone(app: Flask) -> None:
    done = run(app, "create-api-key", "Booking site")

    assert api_keys.find(done.output.strip()) is not None


def test_a_template_takes_its_texts_placeholders_in_order(app: Flask) -> None:
    done = run(app, "set-whatsapp-template", "payment_verified", "en", TEMPLATE)

    assert done.exit_code == 0
    assert db.session.query(WhatsAppTemplate).one().variables == [
        "name",
        "payment_amount",
        "reference",
        "still_due",
        "overpaid",
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("test", "en", "HX1"), "HX and 32"),
        (("test", "en", TEMPLATE, "--variables", "reference,service"), "Unknown: service"),
        (("booking_confirmed", "en", TEMPLATE, "--variables", "name"), "reference must be among"),
    ],
)
def test_a_template_that_could_not_work_is_refused(app: Flask, words: tuple[str, ...], says: str) -> None:
    done = run(app, "set-whatsapp-template", *words)

    assert done.exit_code == 1 and says in done.output


def test_demo_rows_come_once_and_go_without_a_trace(app: Flask) -> None:
    first = run(app, "seed-demo")
    again = run(app, "seed-demo", "--if-empty")
    bookings = db.session.query(Booking).count()

    cleared = run(app, "clear-demo")

    assert channel_order.every() == {}, "an installation that has rows keeps sending on each channel"
    assert first.output == again.output and "desk@bellhop.example" in first.output
    assert bookings > 40 and cleared.output.startswith(f"{bookings} demo bookings")
    assert (db.session.query(Booking).count(), db.session.query(User).count()) == (0, 0)


def test_a_first_start_takes_the_proposed_order_of_channels(app: Flask) -> None:
    run(app, "seed-demo", "--if-empty")

    assert channel_order.every() == {event: list(PROPOSED_ORDER) for event in channel_order.EVENTS}


@pytest.mark.settings(sms_provider="off")
def test_a_test_message_on_a_channel_that_is_off_says_so(app: Flask) -> None:
    done = run(app, "send-test", "--channel", "sms", "--to", "+14155550101")

    assert done.exit_code == 1 and "sms is switched off" in done.output


def test_a_test_message_to_an_address_that_is_none_says_what_is_expected(app: Flask) -> None:
    done = run(app, "send-test", "--channel", "sms", "--to", "12")

    assert done.exit_code == 1 and "country code" in done.output
