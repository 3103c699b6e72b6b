"""The form of a booking: what is typed into it, read into what a booking holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from webapp import money, words
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import Booking, ChannelName
from webapp.services.bookings.lifecycle import NewBooking
from webapp.services.guests import reach
from webapp.services.parsing import contact, fields, times
from webapp.services.parsing.fields import Reader
from webapp.settings import current

# A field's name and its label, in the order of the form.
CONTACT = {"name": "Name", "phone": "Phone", "email": "E-mail", "language": "Language", "channels": "Hears by"}
BOOKED = {"service": "Service", "starts_at": "Starts", "party_size": "Guests", "amount": "Amount"}
LABELS = CONTACT | BOOKED | {"currency": "Currency", "reference": "Reference"}
WHICH = "starts_at_offset"  # Of a time that comes twice when the clocks go back: the offset from UTC of the one meant.
LATELY = 500  # How many bookings the suggestions are taken from.
_NO_ADDRESS = "Enter a phone number or an e-mail address, so that the guest can be told."


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a booking holds that a person may type."""

    name: str
    phone: str | None
    email: str | None
    language: str
    channels: list[str] | None  # None: each that has an address.
    service: str
    starts_at: datetime
    party_size: int
    amount: Decimal


@dataclass(frozen=True)
class Suggestions:
    """What was booked lately, the most usual first."""

    services: list[str]
    currency: str


def offered(booking: Booking | None = None) -> list[ChannelName]:
    """The channels that a guest may agree to: those switched on, and those agreed before."""
    agreed = (booking.channels if booking else None) or []
    return [c for c in ChannelName if current().provider(c) != "off" or c in agreed or (booking and booking.is_demo)]


def blank() -> dict[str, str]:
    """The form of a new booking before anything is typed."""
    first = {"language": "en", "party_size": "1", "currency": suggestions().currency, "channels": ",".join(offered())}
    return dict.fromkeys(LABELS, "") | first


def of(booking: Booking) -> dict[str, str]:
    """The form that holds what a booking holds now."""
    agreed = offered(booking) if booking.channels is None else booking.channels
    return {
        "name": booking.name,
        "phone": booking.phone or "",
        "email": booking.email or "",
        "language": booking.language,
        "channels": ",".join(channel for channel in ChannelName if channel in agreed),
        "service": booking.service,
        "starts_at": times.as_local(booking.starts_at),
        WHICH: times.which(booking.starts_at),
        "party_size": str(booking.party_size),
        "amount": money.plain(booking.amount, booking.currency),
    }


def facts_of(booking: Booking) -> Facts:
    """What a booking holds now."""
    return Facts(**{name: getattr(booking, name) for name in CONTACT | BOOKED})


def read_new(typed: Mapping[str, str]) -> NewBooking:
    """Read the form of a new booking.

    Raises:
        Invalid: with a sentence for each field that cannot be taken.
    """
    reader = Reader(typed)
    currency = reader.read("currency", lambda text: fields.currency(text.strip().upper()))
    facts = _facts(reader, None, currency or "")
    reference = reader.read("reference", lambda text: fields.reference(text.strip()) if text.strip() else "")
    if reader.errors or facts is None:
        raise Invalid(fields=_in_order(reader.errors))
    channels = None if facts.channels is None else [ChannelName(name) for name in facts.channels]
    new = vars(facts) | {"channels": channels, "currency": currency, "reference": reference}
    return NewBooking(**new)


def read_change(typed: Mapping[str, str], booking: Booking) -> Facts:
    """Read the form of a booking that exists; what the form does not have stays as it is.

    Raises:
        Invalid: with a sentence for each field that cannot be taken.
    """
    reader = Reader({**of(booking), **typed})
    facts = _facts(reader, booking, booking.currency)
    if facts is None:
        raise Invalid(fields=_in_order(reader.errors))
    return facts


def read_addresses(typed: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Read a phone number and an e-mail address, one of which may be empty.

    Raises:
        Invalid: with a sentence for each that cannot be taken.
    """
    reader = Reader(typed)
    phone, email = _addresses(reader)
    if reader.errors:
        raise Invalid(fields=_in_order(reader.errors))
    return phone, email


def _addresses(reader: Reader) -> tuple[str | None, str | None]:
    phone, email = reader.read("phone", _phone), reader.read("email", _email)
    if not phone and not email and not reader.errors.keys() & {"phone", "email"}:
        reader.errors["phone"] = _NO_ADDRESS
    return phone or None, email or None


def _facts(reader: Reader, booking: Booking | None, currency: str) -> Facts | None:
    name = reader.read("name", fields.line(200, "Enter the guest's name."))
    phone, email = _addresses(reader)
    language = reader.read("language", fields.language)
    service = reader.read("service", fields.line(200, "Enter what is booked."))
    starts_at = reader.read("starts_at", lambda typed: _starts_at(typed, reader.typed.get(WHICH, ""), booking))
    party_size = reader.read("party_size", fields.number(1, fields.MOST_GUESTS))
    amount = reader.read("amount", fields.amount(currency))
    # Each is None only where its error is among these.
    if reader.errors or not (name and language and service and starts_at and party_size) or amount is None:
        return None
    channels = _channels(reader.typed.get("channels", ""), booking)
    return Facts(
        name=name, phone=phone, email=email, language=language, channels=channels,
        service=service, starts_at=starts_at, party_size=party_size, amount=amount,
    )  # fmt: skip


def _starts_at(text: str, offset: str, booking: Booking | None) -> datetime:
    return times.read_form(text, offset=offset, stored=booking.starts_at if booking else None)


def _phone(text: str) -> str:
    return contact.read_phone(text).e164 if text.strip() else ""


def _email(text: str) -> str:
    return contact.read_email(text) if text.strip() else ""


def _channels(ticked: str, booking: Booking | None) -> list[str] | None:
    """The agreed channels; None where all are, so that one that is switched on later is among them."""
    wanted = [str(channel) for channel in offered(booking) if channel in ticked.split(",")]
    return None if len(wanted) == len(offered(booking)) else wanted


def _in_order(errors: Mapping[str, str]) -> dict[str, str]:
    return {name: errors[name] for name in LABELS if name in errors}


def warnings(facts: Facts | NewBooking, typed_phone: str = "") -> dict[str, str]:
    """What is taken although it may not be meant so: a sentence by field; of the phone as it was typed, if known."""
    typed = typed_phone.strip()
    said = {
        "phone": contact.read_phone(typed).warning if typed else contact.phone_warning(facts.phone),
        "channels": _stopped(facts),
        "starts_at": times.far(facts.starts_at),
        "amount": "" if facts.amount else "Its amount is 0, so nothing is to be paid.",
    }
    return {name: sentence for name, sentence in said.items() if sentence}


def _stopped(facts: Facts | NewBooking) -> str:
    (reaches,) = reach.find([facts])
    said = [words.CHANNEL[one.channel].label for one in reaches if one.is_agreed and one.opt_out]
    return f"The guest asked for no messages by {' and '.join(said)}, so none goes out there." if said else ""


def suggestions() -> Suggestions:
    """What is typed most, from the newest bookings: by the primary key, so that it costs the same in a large table."""
    rows = db.session.execute(select(Booking.service, Booking.currency).order_by(Booking.id.desc()).limit(LATELY)).all()
    services = [service for service, _ in rows]
    known = sorted(set(services), key=lambda service: (-services.count(service), service))
    return Suggestions(known[:20], rows[0].currency if rows else "")
