"""Settings are found in one place and explained in another: `.env.example` is all that most people ever read."""

import re
from pathlib import Path

import pytest

from webapp.settings import ROOT, Settings

KNOWN = (ROOT / ".env.example").read_text()
SHOWN = dict(re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", KNOWN, re.MULTILINE))
# Names that outsiders rely on: they stay, whatever the code calls them.
PROMISED = re.findall(
    r"\w+",
    """
    DATABASE_URL REDIS_URL SECRET_KEY PUBLIC_URL HOST PORT TRUSTED_PROXIES DATA_DIR LOG_LEVEL LOG_FORMAT
    SMS_PROVIDER WHATSAPP_PROVIDER EMAIL_PROVIDER
    TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN TWILIO_API_URL TWILIO_SMS_FROM TWILIO_WHATSAPP_FROM
    TWILIO_MESSAGING_SERVICE_SID MAIL_SERVER MAIL_PORT MAIL_USE_TLS MAIL_USE_SSL MAIL_USERNAME MAIL_PASSWORD
    MAIL_DEFAULT_SENDER RETRY_DELAYS RETRY_JITTER PROVIDER_TIMEOUT HANDOVER_DEADLINE MAIL_DEADLINE LEASE_SECONDS
    UNCERTAIN_LOOKS SWEEP_SECONDS UNDO_SECONDS SMS_PER_SECOND WHATSAPP_PER_SECOND EMAIL_PER_SECOND
    WORKER_POOL WORKER_CONCURRENCY DEFAULT_PHONE_REGION TIMEZONE BUSINESS_NAME
    ALERT_EMAILS ALERT_WEBHOOK_URL KEEP_DAYS
    """,
)


def test_every_setting_is_in_the_example_and_every_example_is_a_setting() -> None:
    """A setting that is not shown is never set; one that is shown and not read is set in vain."""
    assert SHOWN.keys() == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", PROMISED)
def test_a_promised_name_is_kept(name: str) -> None:
    """Scripts, units and people's `.env` files carry these names."""
    assert name in SHOWN


@pytest.mark.parametrize("name", sorted(SHOWN.keys() - {"DATA_DIR", "REDIS_URL"}))
def test_the_value_shown_is_the_default(name: str) -> None:
    """Taking the # away must change nothing: so says the example's first line."""
    field = name.lower()
    given = {field: SHOWN[name]} if SHOWN[name] else {field: ""}

    assert getattr(Settings(_env_file=None, **given), field) == Settings.model_fields[field].default


def test_what_stands_in_for_an_empty_setting_is_what_is_shown(tmp_path: Path) -> None:
    """The same for two that are not empty in effect: the data folder, and a broker that no start has written down."""
    assert ROOT / SHOWN["DATA_DIR"] == Settings.model_fields["data_dir"].default
    assert Settings(_env_file=None, data_dir=tmp_path, redis_url="").broker.url == SHOWN["REDIS_URL"]


def test_secrets_have_no_default() -> None:
    """A secret that stands in the code is no secret."""
    secrets = [name for name in SHOWN if re.search("SECRET|TOKEN|PASSWORD", name)]

    assert len(secrets) == 3
    assert [name for name in secrets if SHOWN[name] or Settings.model_fields[name.lower()].default] == []
