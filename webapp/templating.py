"""What templates may call: times in the business's zone, words, navigation, and how things stand."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask, g, request, session, url_for
from flask_login import current_user
from markupsafe import Markup

from webapp import clock, money, words
from webapp.channels.reasons import Reason, explain
from webapp.models import ApiKey, ChannelName, Message, MessageStatus, Role, User, payment_status
from webapp.services.audit import ACTS
from webapp.services.audit import log as audit_log
from webapp.services.messages import is_superseded
from webapp.services.queue import banner
from webapp.settings import ROOT, Settings, current
from webapp.words import Word


@dataclass(frozen=True)
class Place:
    """An entry of the navigation."""

    label: str
    icon: str
    url: str
    current: bool
    count: int | None = None


# Label, icon, endpoint, the least role.
PLACES = (
    ("Today", "home", "today.index", Role.FRONT_DESK),
    ("Bookings", "calendar-event", "bookings.index", Role.FRONT_DESK),
    ("Payments", "credit-card", "payments.index", Role.FRONT_DESK),
    ("Messages", "send", "board.index", Role.MANAGER),
    ("Queue", "activity", "queue.index", Role.ADMIN),
    ("Sandbox", "eye", "sandbox.index", Role.FRONT_DESK),
    ("Admin", "settings", "people.index", Role.ADMIN),
)
# Rooms without an entry of their own, and the one that leads to them.
WITHIN = {
    "audit": "people",
    "batches": "board",
    "booking_forms": "bookings",
    "booking_import": "bookings",
    "booking_payments": "bookings",
    "bulk": "bookings",
    "causes": "board",
    "doctor": "queue",
    "exports": "bookings",
    "fallbacks": "people",
    "figures": "board",
    "guide": "queue",
    "keys": "people",
    "notes": "bookings",
    "queue_acts": "queue",
    "queue_workers": "queue",
    "restores": "queue",
    "replacements": "bookings",
    "resolutions": "board",
    "reversals": "payments",
    "statements": "payments",
    "texts": "people",
}


def navigation() -> list[Place]:
    """Where this person may go."""
    room = (request.endpoint or "").partition(".")[0]
    here = WITHIN.get(room, room)
    shown = [p for p in PLACES if current_user.can(p[3]) and (p[2] != "sandbox.index" or banner.sandbox_channels())]
    counts = banner.counts_for_navigation()
    return [
        Place(label, icon, url_for(end), end.startswith(f"{here}."), counts.get(end)) for label, icon, end, _ in shown
    ]


def iso(moment: datetime) -> str:
    """A moment as machines read it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def full(moment: datetime) -> str:
    """A moment with date, time and zone."""
    local = moment.astimezone(current().zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S %Z}"


def clock_time(moment: datetime) -> str:
    """The time of day, with the date once it is not today's."""
    local, today = moment.astimezone(current().zone), clock.now().astimezone(current().zone)
    if local.date() == today.date():
        return f"{local:%H:%M:%S}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {local:%b}{year}, {local:%H:%M}"


def day_time(moment: datetime) -> str:
    """A booking's start: weekday, date and time."""
    local = moment.astimezone(current().zone)
    year = "" if local.year == clock.now().year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}"


def hour(moment: datetime) -> str:
    """The time of day of something that is known to be today."""
    return f"{moment.astimezone(current().zone):%H:%M}"


def ago(moment: datetime) -> str:
    """How long ago, in words; beyond a day the date says more."""
    seconds = (clock.now() - moment).total_seconds()
    if seconds < 0:
        return clock_time(moment)
    if seconds < 45:
        return "just now"
    if seconds < 3600:
        return f"{max(1, round(seconds / 60))} min ago"
    return f"{round(seconds / 3600)} h ago" if seconds < 86_400 else clock_time(moment)


def masked(address: str | None) -> str:
    """An address of which enough is shown to recognise it."""
    if not address:
        return ""
    if "@" in address:
        name, _, domain = address.partition("@")
        return f"{name[:2]}•••@{domain}"
    return f"{address[:3]} •••• ••{address[-2:]}"


def message_word(message: Message) -> Word:
    """A message's status as staff read it: what is known, and no more."""
    word, status = words.MESSAGE[message.status], message.status
    if status is MessageStatus.WAITING and message.tries_used:
        tries = len(current().retry_delays) + 1
        return Word(
            f"Trying again at {clock_time(message.due_at)} ({message.tries_used + 1} of {tries})", "warn", "refresh"
        )
    if status is MessageStatus.SENDING and message.lease_until and message.lease_until < clock.now():
        return Word("Checking", "warn", "help-circle")
    if status is MessageStatus.FAILED and message.error_code == "may_have_arrived":
        return words.MAY_HAVE_ARRIVED
    if message.expects_receipt and message.sent_at and (clock.now() - message.sent_at).total_seconds() > 86_400:
        return Word("Sent, no receipt came", "mute", "send")
    return word


def person_word(person: User) -> Word:
    """Whether a person may log in."""
    if not person.is_enabled:
        return words.PERSON["off"]
    return words.PERSON["on" if person.has_password else "invited"]


def key_word(key: ApiKey) -> Word:
    """Whether a key opens the API."""
    return words.KEY["revoked" if key.revoked_at else "on"]


def sentence(text: str) -> str:
    """The same with a capital; what follows stays, unlike with `capitalize`."""
    return text[:1].upper() + text[1:]


def reason(message: Message) -> Reason | None:
    """Why a message is where it is, and what helps; None where there is nothing to explain."""
    return explain(message.channel, message.error_code) if message.error_code else None


def form_key(*parts: object) -> str:
    """The idempotency key of a rendered form: the same for the same person, row version and act."""
    seed = ":".join(str(part) for part in (session.get("_id", ""), current_user.get_id(), *parts))
    return hashlib.sha256(seed.encode()).hexdigest()[:32]


def fresh_key() -> str:
    """The idempotency key of a form that adds something: another one for each form."""
    return secrets.token_hex(16)


def assets_version() -> str:
    """Changes when any style, script or icon does."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "static").rglob("*.*")):
        digest.update(f"{path}{path.stat().st_mtime_ns}".encode())
    return digest.hexdigest()[:12]


def sprite() -> str:
    """Where the icons are; asked for a hundred times a page, so it is worked out once a request."""
    if "sprite" not in g:
        g.sprite = url_for("static", filename="icons.svg")
    return str(g.sprite)


def set_up(app: Flask, settings: Settings) -> None:
    """Give templates their filters and globals."""
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.filters.update(iso=iso, full=full, clock=clock_time, hour=hour, ago=ago, day_time=day_time)
    env.filters.update(masked=masked, money=money.shown, plain=money.plain, sentence=sentence)
    env.globals.update(
        navigation=navigation,
        sprite=sprite,
        words=words,
        message_word=message_word,
        reason=reason,
        payment_status=payment_status,
        is_superseded=is_superseded,
        business_name=settings.business_name,
        timezone=settings.timezone,
        channel_names=list(ChannelName),
        assets_version=assets_version(),
        Markup=Markup,
        now=clock.now,
        form_key=form_key,
        fresh_key=fresh_key,
        person_word=person_word,
        key_word=key_word,
        acts=ACTS,
        changes=audit_log.changes,
    )
    # By calls: what a page does not show is not looked up for it.
    env.globals.update(how_things_stand=banner.banner)
    app.context_processor(lambda: {"sandbox_channels": banner.sandbox_channels()})
