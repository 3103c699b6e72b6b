"""Reading the form of a booking."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from webapp import money, words
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.i18n import N_, gettext, listed
from webapp.models import Booking, ChannelName
from webapp.services.bookings import notes
from webapp.services.bookings.lifecycle import Facts, NewBooking
from webapp.services.guests import reach
from webapp.services.parsing import contact, fields, times
from webapp.services.parsing.fields import Reader
from webapp.settings import current

# The label of each field, in the order of the form.
CONTACT = {
    "name": N_("Name"), "phone": N_("Phone"), "email": N_("E-mail"), "language": N_("Language"),
    "channels": N_("Messages by"),
}  # fmt: skip
BOOKED = {"service": N_("Service"), "starts_at": N_("Starts"), "party_size": N_("Guests"), "amount": N_("Amount")}
LABELS = CONTACT | BOOKED | {"currency": N_("Currency"), "reference": N_("Reference"), "note": N_("Note")}
WHICH = "starts_at_offset"  # The offset from UTC that decides between two moments when the clocks go back.
OF_SERVICE = 50  # So many of a service's latest starts give its usual price.
LATELY = 500  # So many of the newest bookings give the suggestions.


@dataclass(frozen=True)
class Suggestions:
    """The services of the newest bookings, the most usual first, and their currency."""

    services: list[str]
    currency: str


def offered(booking: Booking | None = None) -> list[ChannelName]:
    """Returns the channels to choose from: those that are switched on, and those that the guest chose before."""
    agreed = (booking.channels if booking else None) or []
    return [c for c in ChannelName if current().provider(c) != "off" or c in agreed or (booking and booking.is_demo)]


def blank() -> dict[str, str]:
    """Returns the form of a new booking before anything is typed."""
    first = {"language": "en", "party_size": "1", "currency": suggestions().currency, "channels": ",".join(offered())}
    return dict.fromkeys(LABELS, "") | first


def values_of(booking: Booking) -> dict[str, str]:
    """Returns the form of a booking as it is now."""
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
    """Returns the facts of a booking as it is now."""
    return Facts(**{name: getattr(booking, name) for name in CONTACT | BOOKED})


def read_new(typed: Mapping[str, str]) -> NewBooking:
    """Read the form of a new booking.

    Raises:
        Invalid: with a sentence for each field that has an error.
    """
    reader = Reader(typed)
    currency = reader.read("currency", lambda text: fields.currency(text.strip().upper()))
    facts = _facts(reader, None, currency or "")
    reference = reader.read("reference", lambda text: fields.reference(text.strip()) if text.strip() else "")
    note = reader.read("note", lambda text: notes.read(text) if text.strip() else "")
    if reader.errors or facts is None:
        raise Invalid(fields=_in_order(reader.errors))
    return NewBooking(**vars(facts), currency=currency or "", reference=reference or "", note=note or "")


def read_change(typed: Mapping[str, str], booking: Booking) -> Facts:
    """Read the form that changes a booking; fields that it does not have stay as they are.

    Raises:
        Invalid: with a sentence for each field that has an error.
    """
    reader = Reader({**values_of(booking), **typed})
    facts = _facts(reader, booking, booking.currency)
    if facts is None:
        raise Invalid(fields=_in_order(reader.errors))
    return facts


def read_addresses(typed: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Read a phone number and an e-mail address; one of them may be empty.

    Raises:
        Invalid: with a sentence for each field that has an error.
    """
    reader = Reader(typed)
    phone, email = _addresses(reader)
    if reader.errors:
        raise Invalid(fields=_in_order(reader.errors))
    return phone, email


def _addresses(reader: Reader) -> tuple[str | None, str | None]:
    phone, email = reader.read("phone", _phone), reader.read("email", _email)
    if not phone and not email and not reader.errors.keys() & {"phone", "email"}:
        reader.errors["phone"] = gettext("Enter a phone number or an e-mail address, so that the guest can be told.")
    return phone or None, email or None


def _facts(reader: Reader, booking: Booking | None, currency: str) -> Facts | None:
    name = reader.read("name", fields.line(200, gettext("Enter the guest's name.")))
    phone, email = _addresses(reader)
    language = reader.read("language", fields.language)
    service = reader.read("service", fields.line(200, gettext("Enter what is booked.")))
    starts_at = reader.read("starts_at", lambda typed: _starts_at(typed, reader.typed.get(WHICH, ""), booking))
    party_size = reader.read("party_size", fields.guests)
    amount = reader.read("amount", fields.amount(currency))
    # A value is None only if it has an error.
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
    return fields.email(text) if text.strip() else ""


def _channels(ticked: str, booking: Booking | None) -> list[str] | None:
    """Returns the chosen channels; None for all, so that a channel that is switched on later is one of them."""
    wanted = [str(channel) for channel in offered(booking) if channel in ticked.split(",")]
    return None if len(wanted) == len(offered(booking)) else wanted


def _in_order(errors: Mapping[str, str]) -> dict[str, str]:
    return {name: errors[name] for name in LABELS if name in errors}


def warnings(facts: Facts, typed_phone: str = "") -> dict[str, str]:
    """Returns warnings by field for values that may be a mistake; `typed_phone` is the phone as it was typed."""
    typed = typed_phone.strip()
    said = {
        "phone": contact.read_phone(typed).warning if typed else contact.phone_warning(facts.phone),
        "channels": _stopped(facts),
        "starts_at": times.far(facts.starts_at),
        "amount": "" if facts.amount else gettext("The amount is 0, so there is nothing to pay."),
    }
    return {name: sentence for name, sentence in said.items() if sentence}


def _stopped(facts: Facts) -> str:
    (reaches,) = reach.find([facts])
    said = [words.CHANNEL[one.channel].label for one in reaches if one.is_agreed and one.opt_out]
    if not said:
        return ""
    return gettext("The guest asked for no messages by %(channels)s, so none goes out there.", channels=listed(said))


def suggestions() -> Suggestions:
    """Returns suggestions from the newest bookings, read by the primary key so that a large table costs no more."""
    rows = db.session.execute(select(Booking.service, Booking.currency).order_by(Booking.id.desc()).limit(LATELY)).all()
    services = [service for service, _ in rows]
    known = sorted(set(services), key=lambda service: (-services.count(service), service))
    usual = current().default_currency or (rows[0].currency if rows else "")
    return Suggestions(known[:20], usual)


@dataclass(frozen=True)
class Price:
    """What a booking of a service usually costs."""

    amount: Decimal
    each: Decimal | None  # By guest; None if the price does not depend on their number.
    currency: str
    guests: int


def usual_price(service: str, guests: int, currency: str) -> Price | None:
    """Returns the usual price of a service for so many guests, or None if it is not known.

    Whether a price is by guest is what most of the service's bookings agree on.
    """
    newest = select(Booking.amount, Booking.party_size).where(Booking.service == service, Booking.currency == currency)
    rows = db.session.execute(newest.order_by(Booking.starts_at.desc(), Booking.id.desc()).limit(OF_SERVICE)).all()
    priced = [(amount, size) for amount, size in rows if amount > 0]
    if not priced:
        return None
    # Of equally many the first one, which is the newest.
    (each, agree), *_ = Counter(amount / size for amount, size in priced).most_common(1)
    (whole, agree_whole), *_ = Counter(amount for amount, _ in priced).most_common(1)
    if agree_whole > agree:
        return Price(whole, None, currency, guests)
    try:
        return Price(money.check(each * guests, currency), money.check(each, currency), currency, guests)
    except ValueError:  # A third of a price has no last decimal.
        return None
