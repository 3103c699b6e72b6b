"""The list of payments, page by page: those to verify oldest first, the others newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from webapp import words
from webapp.extensions import db
from webapp.i18n import N_
from webapp.models import Booking, Payment, PaymentState
from webapp.models.types import literal_words
from webapp.services import keyset, search
from webapp.services.bookings.filters import tidy
from webapp.services.keyset import Keyset

PAGE = 25
MANY = 1000  # A count looks no further.
FEW = 500  # With more results than these, walking along the payments fills a page sooner than looking each up.
LONGEST_SEARCH = 100
ALL = "all"
# By value in the URL: the label of each status.
LABELS = {state.value: words.PAYMENT[state].text for state in PaymentState} | {ALL: N_("All")}


@dataclass(frozen=True)
class Filters:
    """The filters of the list; a value that is not offered is ignored."""

    status: str = PaymentState.SUBMITTED.value
    q: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        """Read the filters from a URL."""
        status = query.get("status", "")
        return cls(status if status in LABELS else cls.status, tidy(query.get("q", ""), LONGEST_SEARCH))

    def query(self, **changed: str) -> dict[str, str]:
        """Returns the filters that are set, for a URL."""
        asked = replace(self, **changed)
        pairs = {"status": "" if asked.status == Filters.status else asked.status, "q": asked.q}
        return {name: value for name, value in pairs.items() if value}

    @property
    def oldest_first(self) -> bool:
        """Whether the list is work: the payment that has waited longest is next."""
        return self.status == Filters.status


Page = keyset.Page[Payment, int]


def page(filters: Filters, *, after: int | None = None, before: int | None = None) -> Page:
    """Returns a page of the list; places are ids."""
    order = Keyset((Payment.id,), falls=not filters.oldest_first)
    payments = _whole(select(Payment).where(*_conditions(filters)))

    def find(start: int | None, back: bool, most: int) -> Sequence[Payment]:
        return db.session.scalars(order.cut(payments, most, start, back=back)).all()

    return keyset.page(find, attrgetter("id"), PAGE, after=after, before=before)


def changed(seen: Mapping[int, int]) -> Sequence[Payment]:
    """Returns those of these payments that have changed since a page showed them. `seen`: id to version of booking."""
    ids = list(seen)[:PAGE]
    now = db.session.execute(select(Payment.id, Booking.version).join(Payment.booking).where(Payment.id.in_(ids)))
    moved = [payment_id for payment_id, version in now if seen[payment_id] != version]
    return db.session.scalars(_whole(select(Payment).where(Payment.id.in_(moved)))).all() if moved else []


def how_many_left(filters: Filters, payments: Sequence[Payment]) -> int:
    """Returns how many of these payments the list would not show any more."""
    ids = [payment.id for payment in payments]
    return len(ids) - _count([Payment.id.in_(ids), *_conditions(filters)], PAGE) if ids else 0


def one(payment_id: int) -> Payment | None:
    """Returns a payment with all that its row shows."""
    return db.session.scalars(_whole(select(Payment).where(Payment.id == payment_id))).one_or_none()


def counts(filters: Filters) -> dict[str, str]:
    """Returns the count of each chip among those that the search finds; from MANY on only "999+"."""
    about = _about(filters.q)
    counts = {state.value: _count([_is(state), *about], MANY) for state in PaymentState}
    return {state: f"{MANY - 1}+" if number >= MANY else str(number) for state, number in counts.items()}


def newest_id() -> int:
    """Returns the id of the newest payment, or 0."""
    return db.session.scalar(select(func.max(Payment.id))) or 0


def newer(filters: Filters, than: int) -> int:
    """Returns how many payments of this list are newer than this id, counting up to one more than a page."""
    return _count([Payment.id > than, *_conditions(filters)], PAGE + 1)


def _count(conditions: Sequence[ColumnElement[bool]], most: int) -> int:
    rows = select(Payment.id).where(*conditions).limit(most).subquery()
    return db.session.scalars(select(func.count()).select_from(rows)).one()


def _whole(wanted: Select[Payment]) -> Select[Payment]:
    """Load the booking and its other payments too: the sum that is due depends on them."""
    return wanted.options(joinedload(Payment.booking).options(selectinload(Booking.payments)))


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    of_status = [] if filters.status == ALL else [_is(PaymentState(filters.status))]
    return [*of_status, *_about(filters.q)]


def _is(state: PaymentState) -> ColumnElement[bool]:
    return Payment.status == literal_words(state)[0]


def _about(q: str) -> list[ColumnElement[bool]]:
    """Returns the condition for a search: it finds the booking, by the payment's reference too."""
    if not q:
        return []
    known = search.few(q, FEW)
    if known is None:
        return [(Payment.booking_id + 0).in_(search.ids(q))]  # With the sum the planner does not use that index.
    return [Payment.booking_id.in_(known)]
