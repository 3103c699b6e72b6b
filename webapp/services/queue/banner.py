"""How things stand, for the banner and the navigation of every page: one short read, shared for a second."""

from dataclasses import dataclass

from sqlalchemy import func, select

from webapp import words
from webapp.database.waits import watch
from webapp.extensions import db
from webapp.faults import TROUBLE
from webapp.models import (
    THE_ONE,
    Alert,
    Booking,
    BookingStatus,
    ChannelName,
    ChannelState,
    DatabaseMark,
    PauseKind,
    Payment,
    PaymentState,
)
from webapp.models.types import literal_words
from webapp.monitor.shared import Shared
from webapp.services.alerts.causes import CAUSES, title
from webapp.services.housekeeping import heartbeats
from webapp.services.messages import bell
from webapp.services.restores import wording
from webapp.settings import current


@dataclass(frozen=True)
class Banner:
    """What is wrong now, and what still works."""

    text: str
    tone: str = "warn"
    icon: str = "database-off"
    title: str = ""
    url: str = ""  # Where an admin deals with it.
    label: str = ""


NO_DATABASE = Banner(
    "Nothing can be changed until it does. Messages that are on their way are not lost.",
    tone="bad",
    title="The database does not answer.",
)


@dataclass(frozen=True)
class _Look:
    banner: Banner | None
    older: Banner | None
    pending: int | None
    to_verify: int | None


def banner() -> Banner | None:
    """The one banner, worst first; nothing where all is well."""
    look = _looks.get()
    return refusal() or look.older or look.banner


def older_database() -> Banner | None:
    """The banner of a database that is older than what was sent from it, until an admin has looked."""
    return _looks.get().older


def counts_for_navigation() -> dict[str, int | None]:
    """The work left, by endpoint."""
    look = _looks.get()
    return {"bookings.index": look.pending, "payments.index": look.to_verify}


def sandbox_channels() -> list[str]:
    """Labels of the channels that only pretend."""
    return [words.CHANNEL[name].label for name in ChannelName if current().provider(name) == "sandbox"]


def _look() -> _Look:
    try:
        return _Look(_banner(), _older(), _pending(), _to_verify())
    except TROUBLE:
        db.session.rollback()
        return _Look(NO_DATABASE, None, None, None)


_looks = Shared(_look)
forget = _looks.forget


def _pending() -> int:
    waiting = select(func.count()).select_from(Booking).where(Booking.status == literal_words(BookingStatus.PENDING)[0])
    return db.session.scalars(waiting).one()


def _to_verify() -> int:
    state = literal_words(PaymentState.SUBMITTED)[0]
    return db.session.scalars(select(func.count()).select_from(Payment).where(Payment.status == state)).one()


def refusal() -> Banner | None:
    """The banner of a database that can be read and not written; None where it takes writes."""
    fault = watch().refusal()
    if fault is None:
        return None
    told = "Everything can be read, and nothing can be changed. Messages wait and are not lost. Tell an admin."
    return Banner(told, tone="bad", title=f"{fault.title}.")


def _older() -> Banner | None:
    mark = db.session.get(DatabaseMark, THE_ONE, populate_existing=True)
    if mark is None or not mark.is_held:
        return None
    return Banner(
        f"An older copy was put back: messages since {wording.moment(mark.grown_at)} may go out a second time, and "
        "what was changed since then is missing. Nothing is sent until an admin has looked; you can go on working.",
        tone="bad",
        icon="history",
        title=wording.TITLE,
        url="/queue/restored",
        label="Look at it",
    )


def _banner() -> Banner | None:
    if bell.breaker.is_open():
        return Banner(
            "What you confirm is saved and goes out once it answers. Nothing is lost.",
            title="The queue (Redis) does not answer.",
        )
    if not heartbeats.any_alive():
        return Banner(
            "What you confirm is saved and goes out once a worker runs. An admin can start one.",
            icon="server",
            title="Nothing is taking messages off the queue.",
        )
    return _paused_banner() or _alert_banner()


def _alert_banner() -> Banner | None:
    """What guests wait for, where no other banner says why. What only admins can mend is on the queue page."""
    causes = [name for name, cause in CAUSES.items() if cause.for_staff]
    alert = db.session.scalar(select(Alert).where(Alert.over_at.is_(None), Alert.cause.in_(causes)).limit(1))
    if alert is None:
        return None
    return Banner(alert.sentence, icon="alert-triangle", title=f"{title(alert.cause, alert.subject)}.")


def _paused_banner() -> Banner | None:
    closed = db.session.scalars(select(ChannelState).where(ChannelState.paused_until.is_not(None))).all()
    if not closed:
        return None
    is_all = len(closed) == len(ChannelName)
    labels = "All channels" if is_all else " and ".join(words.CHANNEL[row.name].label for row in closed)
    why = next((row.why for row in closed if row.why), "")
    by_hand = any(row.pause_kind is PauseKind.BY_HAND for row in closed)
    title = f"{labels} {'is' if len(closed) == 1 else 'are'} paused."
    return Banner(
        f"{why + '. ' if why else ''}Messages wait and go out once it is open again.",
        tone="warn" if by_hand else "bad",
        icon="player-pause",
        title=title,
    )
