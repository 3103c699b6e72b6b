"""The banner and the counts in the navigation of every page: one short read, shared for a second."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import func, select

from webapp import words
from webapp.database.waits import watch
from webapp.extensions import db
from webapp.faults import TROUBLE
from webapp.i18n import gettext, ngettext
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
from webapp.services.alerts import unreached
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
    url: str = ""  # The page where an admin deals with it.
    label: str = ""


@dataclass(frozen=True)
class _Look:
    """What one read found. A banner is written only when somebody reads it, in their language."""

    banner: Callable[[], Banner | None] | None
    older: Callable[[], Banner] | None
    pending: int | None
    to_verify: int | None


def banner() -> Banner | None:
    """Returns the worst of all banners; None if all is well."""
    look = _looks.get()
    found = look.older or look.banner
    return refusal() or (found() if found else None)


def older_database() -> Banner | None:
    """Returns the banner of a database that is older than what was sent from it, until an admin has looked."""
    older = _looks.get().older
    return older() if older else None


def is_sending() -> bool:
    """Whether messages go out at the moment, as far as is known."""
    look = _looks.get()
    return look.older is None and look.banner not in (_no_redis, _no_worker, _no_database)


def counts_for_navigation() -> dict[str, int | None]:
    """Returns the work that is left, by endpoint."""
    look = _looks.get()
    return {"bookings.index": look.pending, "payments.index": look.to_verify}


def sandbox_channels() -> list[str]:
    """Returns the labels of the channels that only pretend to send."""
    return [words.CHANNEL[name].label for name in ChannelName if current().provider(name) == "sandbox"]


def _look() -> _Look:
    try:
        return _Look(
            _find(), _find_older(), _count(Booking, BookingStatus.PENDING), _count(Payment, PaymentState.SUBMITTED)
        )
    except TROUBLE:
        db.session.rollback()
        return _Look(_no_database, None, None, None)


_looks = Shared(_look)
forget = _looks.forget


def _count(table: type[Booking | Payment], status: BookingStatus | PaymentState) -> int:
    rows = select(func.count()).select_from(table).where(table.status == literal_words(status)[0])
    return db.session.scalars(rows).one()


def refusal() -> Banner | None:
    """Returns the banner of a database that can be read and not written; None if it takes writes."""
    fault = watch().refusal()
    if fault is None:
        return None
    text = gettext("Everything can be read, and nothing can be changed. Messages wait and are not lost. Tell an admin.")
    return Banner(text, tone="bad", title=gettext(fault.title) + ".")


def _find() -> Callable[[], Banner | None] | None:
    if bell.breaker.is_open():
        return _no_redis
    if not heartbeats.any_alive():
        return _no_worker
    closed = db.session.scalars(select(ChannelState).where(ChannelState.paused_until.is_not(None))).all()
    if closed:
        why = next((row.why for row in closed if row.why), "")
        by_hand = any(row.pause_kind is PauseKind.BY_HAND for row in closed)
        return partial(_paused, [row.name for row in closed], why, by_hand)
    # Guests wait, and no other banner says why. The queue page shows what only admins can mend.
    causes = [name for name, cause in CAUSES.items() if cause.for_staff]
    alert = db.session.scalar(select(Alert).where(Alert.over_at.is_(None), Alert.cause.in_(causes)).limit(1))
    return partial(_alert, alert.cause, alert.subject, alert.sentence) if alert else None


def _find_older() -> Callable[[], Banner] | None:
    mark = db.session.get(DatabaseMark, THE_ONE, populate_existing=True)
    return partial(_older, mark.grown_at) if mark is not None and mark.is_held else None


def _no_database() -> Banner:
    text = gettext("Nothing can be changed until it does. Messages that are on their way are not lost.")
    return Banner(text, tone="bad", title=gettext("The database does not answer."))


def _no_redis() -> Banner:
    text = gettext("What you confirm is saved and goes out once it answers. Nothing is lost.")
    return Banner(text, title=gettext("The queue (Redis) does not answer."))


def _no_worker() -> Banner:
    text = gettext("Carry on: everything is saved and will be sent. Please tell an admin.")
    return Banner(text, icon="server", title=gettext("Messages are not going out at the moment."))


def _older(grown_at: datetime) -> Banner:
    text = gettext(
        "An older copy was put back: messages since %(time)s may go out a second time, and what was changed since then "
        "is missing. Nothing is sent until an admin has looked; you can go on working.",
        time=wording.moment(grown_at),
    )
    title, label = gettext(wording.TITLE), gettext("Look at it")
    return Banner(text, tone="bad", icon="history", title=title, url="/queue/restored", label=label)


def _alert(cause: str, subject: str, sentence: str) -> Banner | None:
    if cause == unreached.CAUSE:  # What it said when it began is old; a clerk needs no share.
        sentence = unreached.sentence()
        return Banner(sentence, icon="alert-triangle") if sentence else None
    return Banner(sentence, icon="alert-triangle", title=title(cause, subject) + ".")


def _paused(names: list[ChannelName], why: str, by_hand: bool) -> Banner:
    labels = ", ".join(words.CHANNEL[name].label for name in names)
    if len(names) == len(ChannelName):
        title = gettext("All channels are paused.")
    else:
        title = ngettext("%(channels)s is paused.", "%(channels)s are paused.", len(names), channels=labels)
    text = gettext("Messages are kept and go out when it resumes.")
    tone = "warn" if by_hand else "bad"
    return Banner(
        gettext("“%(why)s” %(text)s", why=why, text=text) if why else text, tone=tone, icon="player-pause", title=title
    )
