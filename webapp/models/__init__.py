"""The tables. Import from here, so that all of them are known to migrations."""

from webapp.models.attempt import Attempt, AttemptOutcome, Receipt, ReceiptRank
from webapp.models.audit import Action, Audit
from webapp.models.booking import CLOSED, STEPS, Booking, BookingStatus, phone_tail, search_key
from webapp.models.channel import ChannelState, PauseKind, WhatsAppTemplate
from webapp.models.guest import Guest, OptOut
from webapp.models.housekeeping import ALIVE_SECONDS, DutyLease, SandboxMessage, WorkerRow
from webapp.models.message import ARRIVED, OPEN, TAKEN, Message, MessageStatus
from webapp.models.names import ChannelName, Event, Role
from webapp.models.payment import Payment, PaymentState, PaymentStatus, payment_status
from webapp.models.user import ApiKey, KeptAnswer, User

__all__ = [
    "ALIVE_SECONDS",
    "ARRIVED",
    "CLOSED",
    "OPEN",
    "STEPS",
    "TAKEN",
    "Action",
    "ApiKey",
    "Attempt",
    "AttemptOutcome",
    "Audit",
    "Booking",
    "BookingStatus",
    "ChannelName",
    "ChannelState",
    "DutyLease",
    "Event",
    "Guest",
    "KeptAnswer",
    "Message",
    "MessageStatus",
    "OptOut",
    "PauseKind",
    "Payment",
    "PaymentState",
    "PaymentStatus",
    "Receipt",
    "ReceiptRank",
    "Role",
    "SandboxMessage",
    "User",
    "WhatsAppTemplate",
    "WorkerRow",
    "payment_status",
    "phone_tail",
    "search_key",
]
