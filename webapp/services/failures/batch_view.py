"""Reads for the pages of a batch: what it would do, what it has done, and how its messages ended."""

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
from webapp.services.failures import eligibility
from webapp.services.failures.eligibility import Case, Obstacle, Refused
from webapp.services.messages import timeline
from webapp.services.row_fates import Fate
from webapp.settings import current

PAGE = 50
Became = dict[tuple[MessageStatus, ChannelName], int]  # How many messages of a batch have which status now.


@dataclass(frozen=True)
class Group:
    """Messages that failed on one channel for one reason."""

    channel: ChannelName
    reason: Reason
    code: str
    messages: int


@dataclass(frozen=True)
class Preview:
    """What would be done now, and which rows are not possible; nothing is changed yet."""

    able: int = 0
    guests: int = 0
    groups: Sequence[Group] = ()  # The largest first.
    parts: int = 0  # SMS parts that a provider charges for.
    obstacles: Mapping[int, Obstacle] = field(default_factory=dict)  # By message, for those that will be left.
    warnings: Sequence[tuple[str, int]] = ()  # What to know before, and for how many messages.

    @property
    def refused(self) -> list[tuple[Obstacle, int]]:
        """How many messages each obstacle stops, the commonest first."""
        return Counter(self.obstacles.values()).most_common()

    @property
    def cost(self) -> str:
        """The cost of its SMS parts; empty if no price is set."""
        settings = current()
        if not self.parts or not settings.sms_part_price:
            return ""
        return money.about(self.parts * settings.sms_part_price, settings.sms_price_currency)


@dataclass(frozen=True)
class Progress:
    """How far a started batch is."""

    total: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)  # By Fate; "" is still to do.
    became: dict[MessageStatus, int] = field(default_factory=dict)  # The status now of those that were sent again.
    is_over: bool = False  # Nothing more is likely to happen: its page may stop asking.

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
    """A page of a batch's rows, each with its message, and the id after which the next page begins."""

    rows: Sequence[tuple[BatchRow, Message]]
    after: int | None


def preview(batch: Batch) -> Preview:
    """Check each row as it is now, by the rule that will decide when it is done."""
    tokens = _tokens(batch.id)
    of_batch = Message.id.in_(select(BatchRow.message_id).where(BatchRow.batch_id == batch.id))
    found = eligibility.cases(of_batch, options=[defer(Message.body), defer(Message.html)])
    obstacles = {case.message.id: _obstacle(batch.kind, case, tokens[case.message.id]) for case in found}
    able = [case.message for case in found if obstacles[case.message.id] is None]
    warned = timeline.warnings(able) if batch.kind is BatchKind.RETRY else {}
    return Preview(
        able=len(able),
        guests=len({message.guest_id for message in able}),
        groups=_groups(able),
        parts=sum(m.segments for m in able if m.channel.is_charged_by_part and not m.simulated),
        obstacles={message_id: obstacle for message_id, obstacle in obstacles.items() if obstacle},
        warnings=Counter(text for texts in warned.values() for text in texts).most_common(),
    )


def _tokens(batch_id: int) -> dict[int, str]:
    rows = select(BatchRow.message_id, BatchRow.token).where(BatchRow.batch_id == batch_id)
    return {row.message_id: row.token for row in db.session.execute(rows)}


def _obstacle(kind: BatchKind, case: Case, token: str) -> Obstacle | None:
    try:
        eligibility.check(kind, case, token or None)
    except Refused as error:
        return error.obstacle
    return None


def _groups(messages: Sequence[Message]) -> list[Group]:
    counted = Counter((m.channel, m.error_code) for m in messages).most_common()
    return [Group(channel, explain(channel, code), code, number) for (channel, code), number in counted]


def progress(batch: Batch) -> Progress:
    """Count what is done, and the statuses of the messages since."""
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
    """Returns whether a message is on its way, or a receipt may still come."""
    awaited = {status for status, channel in became if status in OPEN or channel.has_receipts}
    return any(status in awaited for status in OPEN) or (MessageStatus.SENT in awaited and since < RECEIPT_PATIENCE)


def outcomes(batches: Sequence[Batch]) -> dict[int, Progress]:
    """Returns how far each batch is, by one query."""
    ids = [batch.id for batch in batches]
    counted = select(BatchRow.batch_id, BatchRow.outcome, func.count()).where(BatchRow.batch_id.in_(ids))
    found: dict[int, dict[str, int]] = {batch_id: {} for batch_id in ids}
    for batch_id, outcome, number in db.session.execute(counted.group_by(BatchRow.batch_id, BatchRow.outcome)):
        found[batch_id][outcome] = number
    return {batch_id: Progress(sum(counts.values()), counts) for batch_id, counts in found.items()}


def rows(batch: Batch, *, only_refused: bool = False, after: int = 0) -> Rows:
    """Returns a page of its rows, in the order in which they are done."""
    query = (
        select(BatchRow, Message)
        .join(Message, Message.id == BatchRow.message_id)
        .where(BatchRow.batch_id == batch.id, BatchRow.message_id > after)
        .options(joinedload(Message.booking), defer(Message.body), defer(Message.html))
        .order_by(BatchRow.message_id)
    )
    if only_refused:
        query = query.where(BatchRow.outcome.in_([Fate.OUTRUN, Fate.NOT_POSSIBLE]))
    found = [(row, message) for row, message in db.session.execute(query.limit(PAGE + 1))]
    return Rows(found[:PAGE], found[PAGE - 1][0].message_id if len(found) > PAGE else None)
