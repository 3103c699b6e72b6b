"""Yesterday's figures by e-mail, each morning, to the managers who want them.

It goes straight over SMTP, not through the guests' queue. Before a mail is sent, a guarded UPDATE marks the day in the
person's row, so that only one of many workers sends. A worker that dies after that loses the day's mail, and never
sends it twice. If the mail server did not accept the mail, the mark is taken back, and it is tried again until ten.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import structlog
from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, or_, select, update

from webapp import clock
from webapp.channels.base import Accepted, Misconfigured, Outcome, Scope, Temporary
from webapp.channels.smtp import staff_mail
from webapp.database import changed, read_now, reading, writing
from webapp.extensions import db
from webapp.models import Role, User
from webapp.services.figures import cards as figure_cards
from webapp.services.figures import current as current_figures
from webapp.settings import current

SENT_AFTER = time(7)
TRIED_UNTIL = time(10)
READERS = tuple(role for role in Role if role.covers(Role.MANAGER))
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Mail:
    """The mail that each reader gets."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class _Reader:
    id: int
    address: str
    last: date | None


def switch(person: User, *, on: bool) -> None:
    """Switch a person's morning mail on or off. Switched on after seven, it begins tomorrow."""
    local = _local(read_now())
    begun = {"morning_mail_on": local.date()} if on and local.time() >= SENT_AFTER else {}
    with writing():
        db.session.execute(update(User).where(User.id == person.id).values(morning_mail=on, **begun))


def send_due() -> int:
    """Send the mails that are due, for as long as one attempt may take. Returns how many were accepted."""
    with reading():
        local = _local(read_now())
        if staff_mail.provider() != "smtp" or local.time() < SENT_AFTER:
            return 0
        readers = [_Reader(*row) for row in db.session.execute(_due(local.date()))]
    if not readers:
        return 0
    mail = compose(local.date() - timedelta(days=1))
    return sum(isinstance(outcome, Accepted) for outcome in _send(mail, readers, local))


def compose(day: date) -> Mail:
    """Write the mail about a day."""
    lost, sums, parts = current_figures.of_day(day)
    cards = [figure_cards.unreached(lost), *figure_cards.shares(sums), figure_cards.cost(parts, day)]
    result = "unknown"
    if sums:
        guests = f"{lost} guest{'s' if lost > 1 else ''} not reached" if lost else "every guest reached"
        result = f"{figure_cards.percent(sums.told_share)} sent in time, {guests}"
    about = f"{day:%A} {day.day} {day:%B}"
    needs = {"day": about, "cards": cards, "url": current().public_url.rstrip("/")}
    text, html = (current_app.jinja_env.get_template(f"mail/morning.{kind}").render(needs) for kind in ("txt", "html"))
    return Mail(f"{current().business_name}, {about}: {result}", text, html)


def _send(mail: Mail, readers: list[_Reader], local: datetime) -> Iterator[Outcome]:
    """Send to one after the other, until the mail server is in trouble or the time is over. The next turn goes on."""
    ends = clock.monotonic() + current().handover_deadline
    for reader in readers:
        left = ends - clock.monotonic()
        if left <= 0 or not _claim(reader, local.date()):
            continue
        outcome = staff_mail.deliver(current(), reader.address, mail.subject, mail.text, mail.html, seconds=left)
        yield outcome
        if isinstance(outcome, Accepted):
            continue
        log.warning("A morning mail was not taken.", user=reader.id, code=outcome.code)
        if isinstance(outcome, Temporary | Misconfigured) and local.time() < TRIED_UNTIL:
            _give_back(reader, local.date())
        if isinstance(outcome, Misconfigured) or (isinstance(outcome, Temporary) and outcome.scope is Scope.CHANNEL):
            return


def _is_due(today: date) -> ColumnElement[bool]:
    wants = and_(User.morning_mail, User.is_enabled, User.role.in_(READERS), User.is_demo.is_(False))
    return and_(wants, or_(User.morning_mail_on.is_(None), User.morning_mail_on < today))


def _due(today: date) -> Select[int, str, date | None]:
    return select(User.id, User.email, User.morning_mail_on).where(_is_due(today)).order_by(User.id)


def _claim(reader: _Reader, today: date) -> bool:
    """Mark the day as sent. Returns False if another worker was first."""
    with writing():
        mine = update(User).where(User.id == reader.id, _is_due(today)).values(morning_mail_on=today)
        return changed(mine) == 1


def _give_back(reader: _Reader, today: date) -> None:
    """Let a later turn try again: the mail was not accepted."""
    with writing():
        ours = update(User).where(User.id == reader.id, User.morning_mail_on == today)
        db.session.execute(ours.values(morning_mail_on=reader.last))


def _local(moment: datetime) -> datetime:
    return moment.astimezone(current().zone)
