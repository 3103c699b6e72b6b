"""The desk's list of payments: those to verify oldest first, the others newest first, a page at a time.

A page is found by its ids (keyset) on the index of status and id, so the thousandth costs what the first does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from webapp import words
from webapp.extensions import db
from webapp.models import Booking, Payment, PaymentState
from webapp.models.types import literal_words
from webapp.services import search

PAGE = 25
MANY = 1000  # A count looks no further.
FEW = 500  # With more finds than these, walking the payments fills a page sooner than looking each up.
LONGEST_SEARCH = 100
ALL = "all"
# What a list may be narrowed to, as it stands in the URL, and its label; the work comes first and needs no word.
LABELS = {state.value: words.PAYMENT[state].label for state in PaymentState} | {ALL: "All"}


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; what nobody offers counts as nothing asked."""

    status: str = PaymentState.SUBMITTED.value
    q: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        """Take them as they stand in a URL."""
        status = query.get("status", "")
        q = " ".join(query.get("q", "").replace("\0", " ").split())[:LONGEST_SEARCH]
        return cls(status if status in LABELS else cls.status, q)

    def query(self, **changed: str) -> dict[str, str]:
        """Only what narrows, for a URL."""
        asked = replace(self, **changed)
        pairs = {"status": "" if asked.status == Filters.status else asked.status, "q": asked.q}
        return {name: value for name, value in pairs.items() if value}

    @property
    def oldest_first(self) -> bool:
        """Work is a queue: who has waited longest is next."""
        return self.status == Filters.status


@dataclass(frozen=True)
class Page:
    """One page, and the ids that its neighbours go on from; None where there are none."""

    payments: Sequence[Payment]
    before: int | None = None
    after: int | None = None


def page(filters: Filters, *, after: int | None = None, before: int | None = None) -> Page:
    """One page by keyset: payments that come or are decided meanwhile shift nothing."""
    rises = filters.oldest_first
    if before is not None:
        rows = _rows(filters, before, rises=not rises)
        if len(rows) >= PAGE:
            shown = rows[:PAGE][::-1]
            return Page(shown, shown[0].id if len(rows) > PAGE else None, shown[-1].id)
        after = None  # Too few are left before it: the first page, whole.
    rows = _rows(filters, after, rises=rises)
    shown = rows[:PAGE]
    return Page(shown, shown[0].id if shown and after else None, shown[-1].id if len(rows) > PAGE else None)


def changed(seen: Mapping[int, int]) -> Sequence[Payment]:
    """Of these payments, by id and the version of the booking that a page shows, those that stand differently now."""
    ids = list(seen)[:PAGE]
    now = db.session.execute(select(Payment.id, Booking.version).join(Payment.booking).where(Payment.id.in_(ids)))
    moved = [payment_id for payment_id, version in now if seen[payment_id] != version]
    return db.session.scalars(_whole(select(Payment).where(Payment.id.in_(moved)))).all() if moved else []


def one(payment_id: int) -> Payment | None:
    """A payment with all that its row shows."""
    return db.session.scalars(_whole(select(Payment).where(Payment.id == payment_id))).one_or_none()


def counts(filters: Filters) -> dict[str, str]:
    """How many each chip shows, of those that the search finds; beyond MANY it only says so."""
    about = _about(filters.q)
    shown = {}
    for state in PaymentState:
        some = select(Payment.id).where(_is(state), *about).limit(MANY).subquery()
        number = db.session.scalars(select(func.count()).select_from(some)).one()
        shown[state.value] = f"{MANY - 1}+" if number >= MANY else str(number)
    return shown


def newest_id() -> int:
    """The id of the payment that came last; 0 where there is none."""
    return db.session.scalar(select(func.max(Payment.id))) or 0


def newer(filters: Filters, than: int) -> int:
    """How many payments of this list came after that one; looks no further than one page and one."""
    came = select(Payment.id).where(Payment.id > than, *_conditions(filters)).limit(PAGE + 1).subquery()
    return db.session.scalars(select(func.count()).select_from(came)).one()


def _rows(filters: Filters, start: int | None, *, rises: bool) -> Sequence[Payment]:
    wanted = select(Payment).where(*_conditions(filters))
    if start is not None:
        wanted = wanted.where(Payment.id > start if rises else Payment.id < start)
    wanted = wanted.order_by(Payment.id.asc() if rises else Payment.id.desc()).limit(PAGE + 1)
    return db.session.scalars(_whole(wanted)).all()


def _whole(wanted: Select[Payment]) -> Select[Payment]:
    """With the booking, and its other payments: what is due depends on them."""
    return wanted.options(joinedload(Payment.booking).options(selectinload(Booking.payments)))


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    of_status = [] if filters.status == ALL else [_is(PaymentState(filters.status))]
    return [*of_status, *_about(filters.q)]


def _is(state: PaymentState) -> ColumnElement[bool]:
    return Payment.status == literal_words(state)[0]


def _about(q: str) -> list[ColumnElement[bool]]:
    """Found by its own reference, by prefix, or by what finds its booking."""
    if not q:
        return []
    own = or_(*(search.begins(Payment.reference, form) for form in sorted({q, q.upper(), q.lower()})))
    bookings = select(Booking.id).where(or_(*search.fits(q)))
    known = db.session.scalars(bookings.limit(FEW + 1)).all()
    ids = {*db.session.scalars(select(Payment.id).where(own).limit(FEW + 1))}
    if len(known) > FEW or len(ids) > FEW:
        return [or_(own, (Payment.booking_id + 0).in_(bookings))]  # The sum keeps that index out of it.
    ids |= {*db.session.scalars(select(Payment.id).where(Payment.booking_id.in_(known)).limit(10 * FEW))}
    return [Payment.id.in_(sorted(ids))]
