"""Web and worker refuse to start where the promise could not be kept, with one sentence on what to do."""

from pathlib import Path

import pytest

from tests.conftest import DEFAULTS
from webapp import create_app, startup
from webapp.errors import NotReady
from webapp.setting_values.secret_file import keep_secret
from webapp.settings import Settings, load


def settings(tmp_path: Path, **given: object) -> Settings:
    return Settings(_env_file=None, **(DEFAULTS | {"data_dir": tmp_path} | given))


def test_without_a_secret_it_says_how_to_make_one(tmp_path: Path) -> None:
    [problem] = settings(tmp_path, secret_key="").problems()

    assert problem.startswith("SECRET_KEY is not set") and "token_hex" in problem


def test_the_secret_that_make_run_keeps_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    keep_secret(tmp_path)
    first = settings(tmp_path, secret_key="").secret
    keep_secret(tmp_path)

    assert len(first) == 64 and settings(tmp_path, secret_key="").secret == first
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_provider_without_its_credentials_is_named(tmp_path: Path) -> None:
    [problem] = settings(tmp_path, sms_provider="twilio", twilio_auth_token="", whatsapp_provider="off").problems()

    assert problem == "SMS_PROVIDER is twilio, which needs TWILIO_AUTH_TOKEN."


def test_a_lease_shorter_than_the_longest_hand_over_is_refused(tmp_path: Path) -> None:
    [problem] = settings(tmp_path, lease_seconds=80).problems()

    assert problem.startswith("LEASE_SECONDS must be at least 90")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "eighty", "PORT"),
        ("PORT", "70000", "PORT"),
        ("RETRY_DELAYS", "60,soon", "RETRY_DELAYS"),
        ("TIMEZONE", "Mars/Olympus", "IANA"),
        ("SMS_PROVIDER", "pigeon", "SMS_PROVIDER"),
        ("DEFAULT_PHONE_REGION", "usa", "DEFAULT_PHONE_REGION"),
    ],
)
def test_an_unreadable_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(NotReady, match=says):
        load(_env_file=None)


def test_the_default_provider_is_the_real_one_where_its_credentials_are_set_and_else_off(tmp_path: Path) -> None:
    assert settings(tmp_path).provider("sms") == "twilio"
    assert settings(tmp_path, twilio_account_sid="").provider("sms") == "off"
    assert settings(tmp_path, mail_server="").provider("email") == "off"


def test_a_database_that_is_not_migrated_is_refused(tmp_path: Path) -> None:
    chosen = settings(tmp_path, database_url=f"sqlite:///{tmp_path}/empty.db")

    with pytest.raises(NotReady, match="run flask --app wsgi db upgrade"):
        startup.refuse_unless_ready(create_app(chosen), chosen)


def test_a_database_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    chosen = settings(tmp_path, database_url="postgresql://nobody@127.0.0.1:9/none")

    with pytest.raises(NotReady, match="Check DATABASE_URL"):
        startup.refuse_unless_ready(create_app(chosen), chosen)


def test_receipts_are_asked_for_only_where_twilio_can_reach_us(tmp_path: Path) -> None:
    assert settings(tmp_path, public_url="https://desk.example/").callback_base() == "https://desk.example"
    assert settings(tmp_path, public_url="http://desk.example").callback_base() == ""
    assert settings(tmp_path, public_url="http://127.0.0.1:8000").callback_base() == "http://127.0.0.1:8000"
