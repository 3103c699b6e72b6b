"""What a new installation still lacks before guests are reached: the steps of the checklist, each done or not."""

from dataclasses import dataclass

from sqlalchemy import exists, func, select

from webapp import startup
from webapp.extensions import db
from webapp.i18n import N_, gettext
from webapp.models import PROPOSED_ORDER, Event, Message, Role, User
from webapp.monitor.shared import Shared
from webapp.services.alerts import notify
from webapp.services.messages import channel_order, reached
from webapp.settings import current

ADMINS = 2  # One may be ill, or lose the password.
PROVIDER, TESTED, PUBLIC, SECOND, ALERTS, ORDER = "provider", "tested", "public", "second", "alerts", "order"
# The steps in their order: what is done there, what it is for, and the page where it is done.
STEPS = {
    PROVIDER: (N_("Connect a real provider"), N_("Until then no message leaves this machine."), "doctor.index"),
    TESTED: (N_("See a test message arrive"), N_("Send one to your own phone or mailbox."), "queue_acts.tests"),
    PUBLIC: (N_("Set the public address (PUBLIC_URL)"), N_("Providers report there what arrived."), "doctor.index"),
    SECOND: (N_("Invite a second admin"), N_("Somebody must be able to let you in again."), "people.index"),
    ALERTS: (N_("Say who is told of alerts"), N_("By e-mail or in a chat, when something is wrong."), "settings.index"),
    ORDER: (N_("Choose the order of channels"), N_("One message for each guest in place of one on each channel."),
        "fallbacks.index"),
}  # fmt: skip
NEEDED = (PROVIDER, TESTED, ORDER)  # The checklist goes once these are done.


@dataclass(frozen=True)
class Step:
    """One step of the checklist."""

    name: str
    is_done: bool

    @property
    def title(self) -> str:
        return gettext(STEPS[self.name][0])

    @property
    def why(self) -> str:
        return gettext(STEPS[self.name][1])

    @property
    def endpoint(self) -> str:
        return STEPS[self.name][2]

    @property
    def is_proposal(self) -> bool:
        """Whether the checklist itself offers the act."""
        return self.name == ORDER and not self.is_done


def steps() -> tuple[Step, ...]:
    """Returns the steps; empty once messages reach people and an admin has decided on the order of channels."""
    found = _shared.get()
    return () if all(step.is_done for step in found if step.name in NEEDED) else found


def proposed() -> str:
    """Returns the proposed order in words."""
    return channel_order.said(PROPOSED_ORDER)


def _read() -> tuple[Step, ...]:
    done = {
        PROVIDER: startup.is_live(current()),
        TESTED: _has_arrived(),
        PUBLIC: bool(current().callback_base()),
        SECOND: _admins() >= ADMINS,
        ALERTS: bool(notify.ways()),
        ORDER: channel_order.is_decided(),
    }
    return tuple(Step(name, done[name]) for name in STEPS)


def _has_arrived() -> bool:
    """Whether a test message reached somebody, not the sandbox."""
    real_test = (Message.event == Event.TEST, Message.simulated.is_(False))
    return db.session.scalars(select(exists().where(*real_test, reached.arrived()))).one()


def _admins() -> int:
    able = (User.role == Role.ADMIN, User.is_enabled, User.is_demo.is_(False))
    return db.session.scalars(select(func.count()).select_from(User).where(*able)).one()


_shared = Shared(_read, seconds=5.0)
forget = _shared.forget
