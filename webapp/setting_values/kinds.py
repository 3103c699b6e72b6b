"""The types of the fields of `Settings`."""

import re
import ssl
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

from webapp.faults import N_
from webapp.money import is_currency
from webapp.setting_values import web_url

DAY = 86_400
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _addresses(value: tuple[str, ...]) -> tuple[str, ...]:
    if not all(_ADDRESS.fullmatch(address) for address in value):
        raise ValueError(N_("it must be e-mail addresses with commas between, such as you@example.com"))
    return value


def _sender(value: str) -> str:
    if value and (not value.isprintable() or len(re.findall(_ADDRESS, value)) != 1):
        raise ValueError(N_("it must be an e-mail address, such as Front desk <desk@example.com>"))
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(N_("it must be a name of the IANA list of time zones, such as Europe/Paris")) from None
    return value


def _region(value: str) -> str:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(N_("it must be the two capitals of a country, such as US or GB"))
    return value


def _currency(value: str) -> str:
    if not is_currency(value):
        raise ValueError(N_("it must be the three capitals of a currency, such as USD or EUR"))
    return value


def _currency_or_none(value: str) -> str:
    return _currency(value) if value else ""


def _telephone(value: str) -> str:
    if value and not re.fullmatch(r"[+(]?\d[\d ()./-]{3,38}\d", value):
        raise ValueError(N_("it must be a telephone number as guests dial it, such as +1 415 555 0100"))
    return value


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError(N_("it must be a colour: # and six hexadecimal digits, such as #00696e"))
    return value


def _host(value: str) -> str:
    if value and not web_url.is_host(value.removeprefix("[").removesuffix("]")):
        raise ValueError(N_("it must be the name or the address of a machine alone, without a port"))
    return value


def _certificates(value: str) -> str:
    try:
        if value:
            ssl.create_default_context().load_verify_locations(value)
    except (OSError, ValueError):  # A broken file is an SSLError, which is an OSError.
        raise ValueError(N_("its file is not there, or holds no certificates in PEM form that can be read")) from None
    return value


# A day is more than any setting needs, and less than a socket's timeout can take.
Seconds = Annotated[float, Field(gt=0, le=DAY, allow_inf_nan=False)]
SecondsOrNone = Annotated[float, Field(ge=0, le=DAY, allow_inf_nan=False)]
PerSecond = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Price = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Port = Annotated[int, Field(ge=1, le=65535)]
Pauses = Annotated[tuple[SecondsOrNone, ...], NoDecode, BeforeValidator(_split), Field(max_length=50)]
Addresses = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_addresses)]
Zone = Annotated[str, AfterValidator(_zone)]
Region = Annotated[str, AfterValidator(_region)]
Currency = Annotated[str, AfterValidator(_currency)]
CurrencyOrNone = Annotated[str, AfterValidator(_currency_or_none)]
Telephone = Annotated[str, AfterValidator(_telephone)]
Colour = Annotated[str, AfterValidator(_colour)]
Host = Annotated[str, AfterValidator(_host)]
Sender = Annotated[str, AfterValidator(_sender)]
Certificates = Annotated[str, AfterValidator(_certificates)]
Page = Annotated[str, AfterValidator(lambda value: web_url.check(value, may_have_path=False))]
WebAddress = Annotated[str, AfterValidator(web_url.check)]
