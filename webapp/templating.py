"""What templates may call: times in the business's zone, words, navigation, and how things stand."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask, g, request, session, url_for
from flask_login import current_user
from markupsafe import Markup

from webapp import clock, i18n, money, words
from webapp.channels.reasons import Reason, explain
from webapp.i18n import N_
from webapp.models import ApiKey, ChannelName, Message, MessageStatus, Role, User
from webapp.services.audit import ACTS
from webapp.services.audit import log as audit_log
from webapp.services.messages import reached
from webapp.services.messages.truth import is_superseded
from webapp.services.parsing import contact
from webapp.services.queue import banner, checklist
from webapp.settings import ROOT, current
from webapp.words import Word


@dataclass(frozen=True)
class Place:
    """An entry of the navigation."""

    label: str
    icon: str
    url: str
    current: bool
    count: int | None = None
    is_counted: bool = False
    key: str = ""  # After "g" this letter leads there.


# Label, icon, endpoint, the least role.
PLACES = (
    (N_("Today"), "home", "today.index", Role.FRONT_DESK),
    (N_("Bookings"), "calendar-event", "bookings.index", Role.FRONT_DESK),
    (N_("Payments"), "credit-card", "payments.index", Role.FRONT_DESK),
    (N_("Messages"), "send", "board.index", Role.MANAGER),
    (N_("Queue"), "activity", "queue.index", Role.ADMIN),
    (N_("Sandbox"), "eye", "sandbox.index", Role.FRONT_DESK),
    (N_("Admin"), "settings", "people.index", Role.ADMIN),
    (N_("Help"), "help-circle", "help.index", Role.FRONT_DESK),
)
LETTERS = {
    "today.index": "t", "bookings.index": "b", "payments.index": "p", "board.index": "m", "queue.index": "q",
    "people.index": "a",
}  # fmt: skip
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
    "keys": "people",
    "notes": "bookings",
    "queue_acts": "queue",
    "queue_workers": "queue",
    "restores": "queue",
    "settings": "people",
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
        Place(
            i18n.gettext(label),
            icon,
            url_for(end),
            end.startswith(f"{here}."),
            counts.get(end),
            end in counts,
            LETTERS.get(end, ""),
        )
        for label, icon, end, _ in shown
    ]


def iso(moment: datetime) -> str:
    """A moment as machines read it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
        again = i18n.gettext(
            "Trying again at %(time)s (%(attempt)s of %(most)s)",
            time=i18n.clock_time(message.due_at),
            attempt=message.tries_used + 1,
            most=tries,
        )
        return Word(again, "warn", "refresh")
    if status is MessageStatus.SENDING and message.lease_until and message.lease_until < clock.now():
        return Word("Checking", "warn", "help-circle")
    if status is MessageStatus.FAILED and message.error_code == "may_have_arrived":
        return words.MAY_HAVE_ARRIVED
    if status is MessageStatus.FAILED and message.booking is not None and not reached.is_lost(message):
        return words.FAILED_QUIETLY
    if message.expects_receipt and message.sent_at and (clock.now() - message.sent_at).total_seconds() > 86_400:
        return Word("Sent, no receipt came", "mute", "send")
    return word


def person_word(person: User) -> Word:
    """Whether a person may sign in."""
    if not person.is_enabled:
        return words.PERSON["off"]
    return words.PERSON["on" if person.has_password else "invited"]


def key_word(key: ApiKey) -> Word:
    """Whether a key opens the API."""
    return words.KEY["revoked" if key.revoked_at else "on"]


def sentence(text: str) -> str:
    """The same with a capital; what follows stays, unlike with `capitalize`."""
    return text[:1].upper() + text[1:]


def can_resend(message: Message | None) -> bool:
    """Whether a failure can be sent anew to another address or channel: its news is still true."""
    booking = message.booking if message else None
    return message is not None and booking is not None and not is_superseded(message.event, booking.status)


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


def set_up(app: Flask) -> None:
    """Give templates their filters and globals."""
    i18n.set_up(app)
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.filters.update(
        iso=iso, full=i18n.full, clock=i18n.clock_time, hour=i18n.hour, ago=i18n.ago, day_time=i18n.day_time
    )
    env.filters.update(day=i18n.day, listed=i18n.listed, long_day=i18n.long_day, number=i18n.number, money=i18n.amount)
    env.filters.update(masked=masked, phone=contact.spaced, plain=money.plain, sentence=sentence)
    env.tests.update(counted=i18n.is_counted)
    env.globals.update(
        navigation=navigation,
        work_left=banner.counts_for_navigation,
        sprite=sprite,
        words=words,
        message_word=message_word,
        can_resend=can_resend,
        reason=reason,
        is_superseded=is_superseded,
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
    env.globals.update(how_things_stand=banner.banner, setup_steps=checklist.steps, proposed_order=checklist.proposed)
    app.context_processor(_of_the_moment)


def _of_the_moment() -> dict[str, object]:
    """Returns what every page shows and an admin may change at any time."""
    settings = current()
    return {
        "sandbox_channels": banner.sandbox_channels(),
        "business_name": settings.business_name,
        "timezone": settings.timezone,
    }
