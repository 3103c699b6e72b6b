"""The shapes of the bodies that the API takes, read strictly."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from webapp import money
from webapp.api.fields import (
    Amount,
    BankReference,
    Currency,
    Email,
    Guests,
    Id,
    Language,
    Method,
    Moment,
    Name,
    Paid,
    Phone,
    ReadPhone,
    Reason,
    Reference,
    Version,
    read_cursor,
)
from webapp.errors import Invalid
from webapp.models import ChannelName, Event, MessageStatus
from webapp.services.bookings import NewBooking
from webapp.services.bookings import form as booking_form


def _channel(value: object) -> ChannelName:
    *names, last = map(repr, ChannelName)
    if not isinstance(value, str) or value not in ChannelName:
        raise ValueError(f"Input should be {', '.join(names)} or {last}")
    return ChannelName(value)


Channel = Annotated[ChannelName, PlainValidator(_channel)]


class Body(BaseModel):
    """No unknown fields, and no text where a number belongs."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class GuestIn(Body):
    """The guest: how to reach them, and in which language."""

    name: Name
    phone: Phone | None = None
    email: Email | None = None
    language: Language | None = None
    channels: Annotated[list[Channel], Field(max_length=10)] | None = None

    def check(self) -> None:
        """Check that every agreed channel has an address.

        Raises:
            Invalid: one has none, or there is no address at all.
        """
        if not self.phone and not self.email:
            raise Invalid(fields={"guest.phone": "Give a phone number or an e-mail address."})
        for channel in self.channels or []:
            if not getattr(self, channel.address_field):
                raise Invalid(fields={"guest.channels": f"The channel {channel} needs guest.{channel.address_field}."})


class BookingIn(Body):
    """A new booking."""

    reference: Reference | None = None
    guest: GuestIn
    service: Name
    starts_at: Moment
    party_size: Guests | None = None
    amount: Amount
    currency: Currency

    def as_new(self) -> NewBooking:
        """Returns the booking as the service takes it.

        Raises:
            Invalid: the guest cannot be reached as agreed, or the currency has no such amount.
        """
        guest = self.guest
        guest.check()
        try:
            amount = money.check(self.amount, self.currency)
        except ValueError as error:
            raise Invalid(fields={"amount": str(error)}) from error
        return NewBooking(
            name=guest.name, phone=str(guest.phone) if guest.phone else None, email=guest.email,
            language=guest.language or "en",
            channels=None if guest.channels is None else list(dict.fromkeys(guest.channels)),
            reference=self.reference or "", service=self.service, starts_at=self.starts_at,
            party_size=self.party_size or 1, amount=amount, currency=self.currency,
        )  # fmt: skip

    def warnings(self, taken: NewBooking) -> dict[str, str]:
        """Returns a warning by field of the body: the value is taken, and may be a mistake."""
        typed = self.guest.phone.typed if isinstance(self.guest.phone, ReadPhone) else ""
        said = booking_form.warnings(taken, typed)
        return {f"guest.{name}" if name in GuestIn.model_fields else name: said[name] for name in said}


class PaymentIn(Body):
    """A new payment, to be verified."""

    method: Method
    amount: Paid
    reference: BankReference


class StepIn(Body):
    """A step of a booking. `version` is the one that the caller saw."""

    reason: Reason | None = None
    version: Version | None = None


class DecisionIn(StepIn):
    """A decision on a payment. The id may be left out if only one is submitted."""

    payment_id: Id | None = None


class NothingIn(Body):
    """A call that takes no fields."""


def _absent_if_empty(value: object) -> object:
    return value or None


class MessageFilter(BaseModel):
    """Which messages to list; an empty value is none, as in `?status=&channel=sms`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Annotated[MessageStatus | None, BeforeValidator(_absent_if_empty)] = None
    channel: Annotated[Channel | None, BeforeValidator(_absent_if_empty)] = None
    event: Annotated[Event | None, BeforeValidator(_absent_if_empty)] = None
    # Validators run from the right to the left.
    cursor: Annotated[int | None, BeforeValidator(read_cursor), BeforeValidator(_absent_if_empty)] = None
