"""What a booking is found by: words of the guest's name, fragments of references, the e-mail, the phone's last digits.

Each is a row, so that one index answers all of them by prefix. The rows are written with the booking and its payments.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from webapp.database import upsert
from webapp.extensions import Model
from webapp.models.bookings.booking import Booking, phone_tail
from webapp.models.bookings.payment import Payment

LONGEST = 64  # Of a term; what is typed is cut at the same place.
SHORTEST_FRAGMENT = 3
OF_PHONE = "#"  # In front of a phone's digits, which stand backwards: the last ones are a prefix.

# Letters that are no base letter with a mark to Unicode, though a reader who lacks the key types them so.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
# The marks of Latin, Greek, Cyrillic, Hebrew and Arabic letters; those of other scripts are letters to their readers.
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1-\u05c7\u0640\u064b-\u065f\u0670]")
# Scripts that put no space between words: each letter may begin one.
_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")


class SearchTerm(Model):
    """One thing that a booking is found by."""

    __tablename__ = "search_term"
    __table_args__ = (
        # PostgreSQL uses an index for a prefix only with this class of operators.
        Index("ix_search_term_term", "term", "booking_id", postgresql_ops={"term": "text_pattern_ops"}),
        {"sqlite_with_rowid": False},
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True)
    term: Mapped[str] = mapped_column(String(LONGEST), primary_key=True)


def words(text: str) -> list[str]:
    """Returns the words of a text as readers compare them: without case, width, accents and punctuation."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = unicodedata.normalize("NFKC", _MARKS.sub("", folded).translate(_PLAIN))
    letters = ("".join(sign for sign in word if unicodedata.category(sign)[0] in "LMN") for word in plain.split())
    return [word[:LONGEST] for word in letters if word]


def terms(
    name: str = "", references: Iterable[str] = (), email: str | None = None, phone: str | None = None
) -> set[str]:
    """Returns what a booking with these facts is found by."""
    found = {*words(name.replace(",", " ")), *words(re.sub(r"[^\w\s]", " ", name)), *words(email or "")}
    found |= {word[at:] for word in found if _WITHOUT_SPACES.search(word) for at in range(len(word))}
    for reference in references:
        for word in words(reference):
            found |= {word[at:] for at in range(max(1, len(word) - SHORTEST_FRAGMENT + 1))}
    if tail := phone_tail(phone):
        found.add(OF_PHONE + tail)
    return found


def write(connection: Connection, booking_id: int, found: set[str]) -> None:
    """Write terms of a booking; those that it has already stay."""
    rows = [{"booking_id": booking_id, "term": term} for term in sorted(found)]
    if rows:
        connection.execute(upsert(SearchTerm).on_conflict_do_nothing(), rows)


@event.listens_for(Booking, "after_insert")
def _booking_added(_mapper: Mapper[Any], connection: Connection, booking: Booking) -> None:
    write(connection, booking.id, terms(booking.name, [booking.reference], booking.email, booking.phone))


@event.listens_for(Payment, "after_insert")
def _payment_added(_mapper: Mapper[Any], connection: Connection, payment: Payment) -> None:
    write(connection, payment.booking_id, terms(references=[payment.reference]))
