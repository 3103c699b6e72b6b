"""The list of bookings as a CSV file."""

from collections.abc import Iterator

from webapp import money, words
from webapp.database import writing
from webapp.models import Action, Booking, payment_status
from webapp.services import audit, csv_writer
from webapp.services.audit import Actor
from webapp.services.bookings import listing as booking_list
from webapp.services.bookings.filters import Filters
from webapp.settings import current

BATCH = 500
HEADER = (
    "Reference", "Name", "Phone", "E-mail", "Language", "Service", "Start date", "Start time", "Guests", "Amount",
    "Currency", "Booking", "Payment", "Booked on", "Booked at", "Time zone",
)  # fmt: skip


def export(filters: Filters, *, by: Actor) -> Iterator[bytes]:
    """Record who exports which list, then return the file in pieces, in the list's order."""
    with writing():
        audit.record(Action.BOOKINGS_EXPORTED, by=by, filters=filters.query())
    batches = ([_cells(booking) for booking in batch] for batch in booking_list.batches(filters, BATCH))
    return csv_writer.stream(HEADER, batches)


def _cells(booking: Booking) -> tuple[csv_writer.Cell, ...]:
    paid = payment_status(booking)
    return (
        booking.reference, booking.name, booking.phone, booking.email, booking.language, booking.service,
        *csv_writer.moment(booking.starts_at), booking.party_size,
        money.plain(booking.amount, booking.currency), booking.currency,
        words.BOOKING[booking.status].text, words.PAYMENT_STATUS[paid].text, *csv_writer.moment(booking.created_at),
        current().timezone,
    )  # fmt: skip
