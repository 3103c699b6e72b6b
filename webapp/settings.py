"""The only file that reads the environment. It validates each setting of `.env.example`; seconds may be fractions."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import current_app
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from webapp.errors import NotReady
from webapp.setting_values import Unusable, database_url, kinds, redis_url
from webapp.setting_values.real import EMAIL, SMS, WHATSAPP, Real
from webapp.setting_values.redis_url import RedisAddress
from webapp.setting_values.wrong import sentence

ROOT = Path(__file__).resolve().parent.parent
IN_FORCE = "bellhop_settings_in_force"  # Its key in `app.extensions`: puts what admins set beside the environment.
RUN_CHOICES = "run.env"  # In DATA_DIR, while `make run` runs.


class Settings(BaseSettings):
    """Bellhop's settings; the name of each field in capitals is its environment variable."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", extra="ignore", frozen=True)

    data_dir: Path = ROOT / "data"
    database_url: str = ""
    redis_url: str = ""
    # No default: a secret in the code is not a secret.
    secret_key: str = ""

    public_url: kinds.Page = ""
    host: kinds.Host = "127.0.0.1"
    port: kinds.Port = 8000
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "json"

    sms_provider: Annotated[Literal["", "twilio", "sandbox", "off"], SMS] = ""
    whatsapp_provider: Annotated[Literal["", "twilio", "sandbox", "off"], WHATSAPP] = ""
    email_provider: Annotated[Literal["", "smtp", "sandbox", "off"], EMAIL] = ""

    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    # Replaces scheme, host and port of Twilio's address, for the fake in tests.
    twilio_api_url: kinds.Page = ""
    twilio_sms_from: str = ""
    twilio_whatsapp_from: str = ""
    twilio_messaging_service_sid: str = ""

    mail_server: kinds.Host = ""
    mail_port: kinds.Port = 25
    mail_use_tls: bool = False
    mail_use_ssl: bool = False
    mail_username: str = ""
    mail_password: str = ""
    mail_default_sender: kinds.Sender = ""
    # Certificates of your own authority, beside the system's.
    mail_ca_file: kinds.Certificates = ""
    # Our name for mail servers: some refuse a name without a dot.
    mail_helo: kinds.Host = ""

    # One retry for each number: 1 + 3 tries.
    retry_delays: kinds.Pauses = (60.0, 120.0, 240.0)
    retry_jitter: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.2
    # Per socket operation; the deadlines below limit the whole hand-over.
    provider_timeout: kinds.Seconds = 10
    handover_deadline: kinds.Seconds = 20
    # SMTP servers may take long after the final dot (RFC 5321 §4.5.3.2.6 allows 10 minutes).
    mail_deadline: kinds.Seconds = 75
    lease_seconds: kinds.Seconds = 90
    uncertain_looks: kinds.Pauses = (10.0, 120.0)
    sweep_seconds: kinds.Seconds = 2
    undo_seconds: kinds.SecondsOrNone = 8
    # 0: no limit of our own.
    sms_per_second: kinds.PerSecond = 0
    whatsapp_per_second: kinds.PerSecond = 0
    email_per_second: kinds.PerSecond = 0

    worker_pool: Literal["threads", "solo"] = "threads"
    worker_concurrency: Annotated[int, Field(ge=1, le=500)] = 16

    default_phone_region: kinds.Region = "US"
    timezone: kinds.Zone = "UTC"
    # The one that the form of a new booking starts with; empty: that of the newest booking.
    default_currency: kinds.CurrencyOrNone = ""
    business_name: str = "Bellhop"
    # Guests' texts may name it.
    business_phone: kinds.Telephone = ""
    # The bar on top of e-mails to guests.
    business_colour: kinds.Colour = "#00696e"
    # The price of one SMS part; 0: unknown, so no page shows a price.
    sms_part_price: kinds.Price = 0
    sms_price_currency: kinds.Currency = "USD"

    # The process that notices sends the alert itself, since the queue may be stuck.
    alert_emails: kinds.Addresses = ()
    alert_webhook_url: kinds.WebAddress = ""
    alert_oldest_seconds: kinds.Seconds = 300
    alert_no_worker_seconds: kinds.Seconds = 60
    alert_failed_share: kinds.Share = 0.03
    alert_failed_at_least: Annotated[int, Field(ge=1, le=1_000_000)] = 5
    alert_redis_memory_share: kinds.Share = 0.8
    alert_duty_seconds: kinds.Seconds = 60
    # Days for which settled messages are kept, with their attempts and receipts; 0: for ever.
    keep_days: Annotated[int, Field(ge=0, le=36_500)] = 400

    @property
    def zone(self) -> ZoneInfo:
        """The business's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def database(self) -> str:
        """The SQLAlchemy URL; PostgreSQL always through psycopg 3.

        Raises:
            NotReady: DATABASE_URL cannot be used.
        """
        if not self.database_url:
            return f"sqlite:///{self.data_dir.resolve()}/bellhop.db"
        try:
            return database_url.read(self.database_url, data_dir=self.data_dir).render_as_string(hide_password=False)
        except Unusable as error:
            raise NotReady(f"DATABASE_URL cannot be used: {error}.") from None

    @property
    def broker(self) -> RedisAddress:
        """Where Redis is: by the setting, else by the file of `make run`, else at the usual place.

        Raises:
            NotReady: REDIS_URL cannot be used.
        """
        try:
            return redis_url.read(self.redis_url or self._stored("redis.url") or "redis://localhost:6379/0")
        except Unusable as error:
            raise NotReady(f"REDIS_URL cannot be used: {error}.") from None

    @property
    def secret(self) -> str:
        """The key that signs sessions, "" if there is none."""
        return self.secret_key or self._stored("secret.key")

    def _stored(self, name: str) -> str:
        """Returns what `make run` wrote into a file of DATA_DIR, "" if it wrote none."""
        file = self.data_dir / name
        return file.read_text().strip() if file.is_file() else ""

    @property
    def longest_handover(self) -> float:
        """The longest deadline of a hand-over, in seconds."""
        return max(self.handover_deadline, self.mail_deadline)

    @classmethod
    def channels(cls) -> dict[str, Real]:
        """The real provider of each channel, by the channel's name."""
        named = {name.removesuffix("_provider"): field.metadata for name, field in cls.model_fields.items()}
        return {channel: real for channel, metadata in named.items() for real in metadata if isinstance(real, Real)}

    def deadline(self, channel: str) -> float:
        """Seconds that a hand-over on a channel may take in all."""
        return float(getattr(self, self.channels()[channel].deadline))

    @property
    def mail_domain(self) -> str:
        """The sender's domain, for Message-IDs."""
        sender = self.mail_default_sender.rstrip(">")
        return sender.rpartition("@")[2] if "@" in sender else "bellhop.invalid"

    def provider(self, channel: str) -> str:
        """Returns the provider of a channel: the setting, else the real one if it is set up, else off."""
        chosen: str = getattr(self, f"{channel}_provider")
        return chosen or ("off" if self.missing_for(channel) else self.channels()[channel].name)

    def reaches_people(self, channel: str) -> bool:
        """Whether messages on a channel leave this machine."""
        return self.provider(channel) not in ("sandbox", "off")

    def missing_for(self, channel: str) -> list[str]:
        """Returns the names of the settings that a channel's real provider lacks."""
        needs = [need.split("|") for need in self.channels()[channel].needs]
        return [names[0].upper() for names in needs if not any(getattr(self, name) for name in names)]

    def callback_base(self) -> str:
        """Returns our address for Twilio's receipts, "" if Twilio could not reach it by https."""
        parts = urlsplit(self.public_url)
        loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
        return self.public_url.rstrip("/") if parts.scheme == "https" or loopback else ""

    def unusable(self) -> list[str]:
        """Returns a sentence for each of DATABASE_URL and REDIS_URL that cannot be used."""
        found = []
        for name in ("database", "broker"):
            try:
                getattr(self, name)
            except NotReady as error:
                found.append(error.sentence)
        return found

    def problems(self) -> list[str]:
        """Returns a sentence for each reason why web and worker must not start with these settings."""
        found = self.unusable()
        if not self.secret:
            command = "python -c 'import secrets; print(secrets.token_hex(32))'"
            found.append(f"SECRET_KEY is not set: put a long random text there. {command} prints one.")
        shortest = 1.2 * self.longest_handover
        if self.lease_seconds < shortest:
            found.append(f"LEASE_SECONDS must be at least {shortest:g}: 1.2 times the longest hand-over deadline.")
        for channel in self.channels():
            names = " and ".join(self.missing_for(channel))
            if self.reaches_people(channel) and names:
                found.append(f"{channel.upper()}_PROVIDER is {self.provider(channel)}, which needs {names}.")
        return found


def load(**overrides: Any) -> Settings:
    """Read the environment and `.env`.

    Raises:
        NotReady: a setting cannot be read. The sentence names it and what it must be.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise NotReady(sentence(error)) from None


def stdout_is_journal() -> bool:
    """Returns whether standard output is systemd's journal, which names its device and inode."""
    found = os.fstat(1) if "JOURNAL_STREAM" in os.environ else None
    return found is not None and os.environ["JOURNAL_STREAM"] == f"{found.st_dev}:{found.st_ino}"


def of_environment() -> Settings:
    """Returns the settings as the environment has them. `model_fields_set` names those that it sets."""
    return cast("Settings", current_app.config["SETTINGS"])


def current() -> Settings:
    """Returns the settings in force: those of the environment, else those that admins set, else the defaults."""
    base = of_environment()
    in_force: Callable[[Settings], Settings] | None = current_app.extensions.get(IN_FORCE)
    return in_force(base) if in_force else base
