"""The tables. Import from here, so that migrations know all of them."""

from webapp.models.audit import Action, Audit
from webapp.models.bookings.booking import CLOSED, EXPECTED, STEPS, Booking, BookingStatus, phone_tail
from webapp.models.bookings.note import Note
from webapp.models.bookings.payment import PAYMENT_STEPS, Payment, PaymentState, PaymentStatus, payment_status
from webapp.models.bookings.search_term import SearchTerm
from webapp.models.bookings.upload import Upload, UploadKind
from webapp.models.guest import Guest, OptOut, spellings
from webapp.models.housekeeping import (
    ALIVE_SECONDS,
    NO_DUTIES,
    TELLING,
    THE_ONE,
    TRIAL,
    Alert,
    DatabaseMark,
    DutyLease,
    LogLine,
    SandboxMessage,
    SlotHour,
    WorkerRow,
)
from webapp.models.messages.attempt import Attempt, AttemptOutcome, Receipt, ReceiptRank
from webapp.models.messages.batch import Batch, BatchKind, BatchRow
from webapp.models.messages.channel import ChannelState, PauseKind
from webapp.models.messages.incoming import Reply, ReturnedMail
from webapp.models.messages.message import ARRIVED, NOT_CLOSED, OPEN, TAKEN, Message, MessageStatus
from webapp.models.messages.set_by_admins import PROPOSED_ORDER, FallbackOrder, TextVersion, WhatsAppTemplate
from webapp.models.names import ChannelName, Event, Role
from webapp.models.setting import Setting
from webapp.models.tally import HourTally
from webapp.models.user import NO_PASSWORD, ApiKey, KeptAnswer, User
