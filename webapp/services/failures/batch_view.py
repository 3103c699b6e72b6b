"""What a batch would do, what it has done, and what became of its messages: reads for its pages."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload

from webapp import clock, money
from webapp.channels.reasons import Reason, explain
from webapp.extensions import db
from webapp.models import OPEN, Batch, BatchKind, BatchRow, ChannelName, Message, MessageStatus
from webapp.models.messages.message import RECEIPT_PATIENCE
from webapp.services.failures import eligibility as hurdles
from webapp.services.failures.eligibility import Case, Hurdle, Refused
from webapp.services.messages import timeline
from webapp.services.row_fates import Fate
from webapp.settings import current

PAGE = 50
Became = dict[tuple[MessageStatus, ChannelName], int]  # How many of the messages of a batch are what now.


@dataclass(frozen=True)
class Group:
    """Messages that failed on one channel for one reason."""

    channel: ChannelName
    reason: Reason
    code: str
    messages: int


@dataclass(frozen=True)
class Preview:
    """What would be done now, and with which rows it is not possible; nothing is changed yet."""

    able: int = 0
    guests: int = 0
    groups: Sequence[Group] = ()  # The largest first.
    parts: int = 0  # Of SMS, that a provider charges for.
    hurdles: Mapping[int, Hurdle] = field(default_factory=dict)  # By message, of those that will be left as they are.
    warnings: Sequence[tuple[str, int]] = ()  # What to know before, and of how many messages.

    @property
    def refused(self) -> list[tuple[Hurdle, int]]:
        """Of how many each kind of hurdle keeps from being done, the commonest first."""
        return Counter(self.hurdles.values()).most_common()

    @property
    def cost(self) -> str:
        """What its SMS parts cost; empty where nobody said what one costs."""
        settings = current()
        if not self.parts or not settings.sms_part_price:
            return ""
        return money.about(self.parts * settings.sms_part_price, settings.sms_price_currency)


@dataclass(frozen=True)
class Progress:
    """How far a started batch is."""

    total: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)  # Words of FATE.
    became: dict[MessageStatus, int] = field(default_factory=dict)  # What those that were sent again are now.
    is_over: bool = False  # Nothing more is likely to happen, so that its page may stop asking.

    @property
    def done(self) -> int:
        return self.outcomes.get(Fate.DONE, 0)

    @property
    def to_do(self) -> int:
        return self.outcomes.get("", 0)

    @property
    def refused(self) -> int:
        return self.total - self.done - self.to_do


@dataclass(frozen=True)
class Rows:
    """Some rows of a batch, each with its message, and the id that the next ones go on from."""

    rows: Sequence[tuple[BatchRow, Message]]
    after: int | None


def preview(batch: Batch) -> Preview:
    """Look at each row as it stands now, by the rule that will decide when it is done."""
    tokens = _tokens(batch.id)
    of_batch = Message.id.in_(select(BatchRow.message_id).where(BatchRow.batch_id == batch.id))
    found = hurdles.cases(of_batch, options=[defer(Message.body), defer(Message.html)])
    asked = {case.message.id: _hurdle(batch.kind, case, tokens[case.message.id]) for case in found}
    able = [case.message for case in found if asked[case.message.id] is None]
    warned = timeline.warnings(able) if batch.kind is BatchKind.RETRY else {}
    return Preview(
        able=len(able),
        guests=len({message.guest_id for message in able}),
        groups=_groups(able),
        parts=sum(m.segments for m in able if m.channel.is_charged_by_part and not m.simulated),
        hurdles={message_id: hurdle for message_id, hurdle in asked.items() if hurdle},
        warnings=Counter(text for said in warned.values() for text in said).most_common(),
    )


def _tokens(batch_id: int) -> dict[int, str]:
    rows = select(BatchRow.message_id, BatchRow.token).where(BatchRow.batch_id == batch_id)
    return {row.message_id: row.token for row in db.session.execute(rows)}


def _hurdle(kind: BatchKind, case: Case, token: str) -> Hurdle | None:
    try:
        hurdles.check(kind, case, token or None)
    except Refused as refused:
        return refused.hurdle
    return None


def _groups(messages: Sequence[Message]) -> list[Group]:
    counted = Counter((m.channel, m.error_code) for m in messages).most_common()
    return [Group(channel, explain(channel, code), code, number) for (channel, code), number in counted]


def progress(batch: Batch) -> Progress:
    """Count what is done, and what became of it since."""
    counted = select(BatchRow.outcome, func.count()).where(BatchRow.batch_id == batch.id).group_by(BatchRow.outcome)
    outcomes = {row[0]: row[1] for row in db.session.execute(counted)}
    became = _became(batch.id) if batch.kind is BatchKind.RETRY else {}
    is_over = batch.finished_at is not None and not _moves(became, clock.now() - batch.finished_at)
    by_status = {s: sum(n for (status, _), n in became.items() if status is s) for s in MessageStatus}
    return Progress(sum(outcomes.values()), outcomes, {s: n for s, n in by_status.items() if n}, is_over)


def _became(batch_id: int) -> Became:
    sent = (BatchRow.batch_id == batch_id) & (BatchRow.outcome == Fate.DONE)
    counted = select(Message.status, Message.channel, func.count()).join(BatchRow, BatchRow.message_id == Message.id)
    rows = db.session.execute(counted.where(sent).group_by(Message.status, Message.channel))
    return {(status, channel): number for status, channel, number in rows}


def _moves(became: Became, since: timedelta) -> bool:
    """Whether a message is on its way, or a receipt may still come."""
    awaited = {status for status, channel in became if status in OPEN or channel.has_receipts}
    return any(status in awaited for status in OPEN) or (MessageStatus.SENT in awaited and since < RECEIPT_PATIENCE)


def outcomes(batches: Sequence[Batch]) -> dict[int, Progress]:
    """How far each of some batches is, by one query."""
    ids = [batch.id for batch in batches]
    counted = select(BatchRow.batch_id, BatchRow.outcome, func.count()).where(BatchRow.batch_id.in_(ids))
    found: dict[int, dict[str, int]] = {batch_id: {} for batch_id in ids}
    for batch_id, outcome, number in db.session.execute(counted.group_by(BatchRow.batch_id, BatchRow.outcome)):
        found[batch_id][outcome] = number
    return {batch_id: Progress(sum(counts.values()), counts) for batch_id, counts in found.items()}


def rows(batch: Batch, *, only_refused: bool = False, after: int = 0) -> Rows:
    """A page of its rows, in the order in which they are done."""
    wanted = (
        select(BatchRow, Message)
        .join(Message, Message.id == BatchRow.message_id)
        .where(BatchRow.batch_id == batch.id, BatchRow.message_id > after)
        .options(joinedload(Message.booking), defer(Message.body), defer(Message.html))
        .order_by(BatchRow.message_id)
    )
    if only_refused:
        wanted = wanted.where(BatchRow.outcome.in_([Fate.OUTRUN, Fate.NOT_POSSIBLE]))
    found = [(row, message) for row, message in db.session.execute(wanted.limit(PAGE + 1))]
    return Rows(found[:PAGE], found[PAGE - 1][0].message_id if len(found) > PAGE else None)
