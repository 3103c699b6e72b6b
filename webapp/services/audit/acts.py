"""Every act in one table: its words and icon, what the guest is told, and whether it can be undone."""

from dataclasses import dataclass

from webapp.i18n import gettext
from webapp.models import Action, Event
from webapp.settings import current


@dataclass(frozen=True)
class Act:
    """What all acts of one kind have in common."""

    text: str  # In English, to follow a name: "Rosa Silva confirmed this booking".
    icon: str = "history"  # A name in `static/icons.svg`.
    tells: Event | None = None  # The event that the guest is told.
    tells_again: bool = False  # The guest is told the news of an earlier act once more.
    is_quiet_step: bool = False  # It tells nobody, and can be undone all the same.
    keeps_version: bool = False  # The booking's version stays, so nobody is second to such an act.

    @property
    def did(self) -> str:
        """The words in the language of the reader."""
        return gettext(self.text)

    @property
    def can_be_undone(self) -> bool:
        """Whether a person on a page can undo it. All acts that tell a guest can be: their messages wait for that."""
        return self.tells is not None or self.tells_again or self.is_quiet_step

    @property
    def undo_seconds(self) -> float:
        """For how many seconds a person on a page can undo it."""
        return float(current().undo_seconds) if self.can_be_undone else 0.0


ACTS = {
    Action.BOOKING_CREATED: Act("added this booking", icon="plus"),
    Action.BOOKING_CONFIRMED: Act("confirmed this booking", icon="circle-check", tells=Event.BOOKING_CONFIRMED),
    Action.BOOKING_DECLINED: Act("declined this booking", icon="circle-x", tells=Event.BOOKING_DECLINED),
    Action.BOOKING_CANCELLED: Act("cancelled this booking", icon="ban", tells=Event.BOOKING_CANCELLED),
    Action.BOOKING_CHANGED: Act("changed this booking", icon="pencil", tells=Event.BOOKING_CHANGED),
    Action.BOOKING_COMPLETED: Act("marked this booking as completed", icon="check", is_quiet_step=True),
    Action.BOOKING_NO_SHOW: Act("marked this booking as a no-show", icon="user-x", is_quiet_step=True),
    Action.BOOKING_REOPENED: Act("reopened this booking", icon="refresh", is_quiet_step=True),
    Action.BOOKINGS_IMPORTED: Act("imported bookings from a file"),
    Action.BOOKINGS_EXPORTED: Act("exported bookings"),
    Action.NOTE_ADDED: Act("wrote a note", icon="note", keeps_version=True),
    Action.REPLY_HANDLED: Act("marked the guest's reply as done", icon="message", keeps_version=True),
    Action.PAYMENT_SUBMITTED: Act("recorded a payment", icon="receipt"),
    Action.PAYMENT_VERIFIED: Act("verified a payment", icon="credit-card", tells=Event.PAYMENT_VERIFIED),
    Action.PAYMENT_REJECTED: Act("rejected a payment", icon="credit-card", tells=Event.PAYMENT_REJECTED),
    Action.PAYMENT_REVERSED: Act("reversed a payment", icon="arrow-back-up", tells=Event.PAYMENT_REVERSED),
    Action.STATEMENT_IMPORTED: Act("imported a bank statement"),
    Action.UNDONE: Act("undid the last step", icon="arrow-back-up"),
    Action.MESSAGE_RETRIED: Act("sent a message again", icon="refresh", keeps_version=True),
    Action.MESSAGE_SENT_AFRESH: Act("sent a message again", icon="send", tells_again=True),
    Action.MESSAGE_RESOLVED: Act("closed a failed message", keeps_version=True),
    Action.MESSAGE_REOPENED: Act("reopened a failed message", keeps_version=True),
    Action.MESSAGES_RETRIED: Act("sent failed messages again"),
    Action.MESSAGES_RESOLVED: Act("closed failed messages"),
    Action.MESSAGES_REOPENED: Act("reopened failed messages"),
    Action.MESSAGES_EXPORTED: Act("exported messages"),
    Action.FALLBACK_CHANGED: Act("changed which channel stands in for which"),
    Action.CHANNEL_PAUSED: Act("paused a channel"),
    Action.CHANNEL_RESUMED: Act("resumed a channel"),
    Action.OLDER_DATABASE_NOTICED: Act("noticed that an older database was put back"),
    Action.OLDER_DATABASE_RELEASED: Act("let messages go out after an older database was put back"),
    Action.WORKER_STOPPED: Act("told a worker to stop"),
    Action.QUEUE_RUNG: Act("woke the workers"),
    Action.REPLY_KEYS_DROPPED: Act("removed leftover Redis keys"),
    Action.OPTED_OUT: Act("recorded that the guest opted out"),
    Action.OPTED_IN: Act("recorded that the guest wants messages again"),
    Action.TEST_SENT: Act("sent a test message"),
    Action.TEXT_CHANGED: Act("changed a message text"),
    Action.SETTINGS_CHANGED: Act("changed settings"),
    Action.PERSON_ADDED: Act("added a member of staff"),
    Action.PERSON_CHANGED: Act("changed a member of staff"),
    Action.PASSWORD_CHANGED: Act("changed a password"),
    Action.SESSIONS_ENDED: Act("ended a person's sessions"),
    Action.KEY_CREATED: Act("made an API key"),
    Action.KEY_REVOKED: Act("revoked an API key"),
}
UNDOABLE = tuple(action for action, act in ACTS.items() if act.can_be_undone)
VERSIONLESS = tuple(action for action, act in ACTS.items() if act.keeps_version)
