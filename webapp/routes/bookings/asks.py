"""Questions before an act: whom it tells, on what, and the text as the guest will read it. A page and a dialog each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request

from webapp import words
from webapp.i18n import N_, gettext, listed
from webapp.models import Action, Booking, BookingStatus, Event, Role
from webapp.routes import access
from webapp.routes.bookings.responses import ROWS, reason
from webapp.services import audit, bookings, messages
from webapp.services.bookings import view as booking_view
from webapp.services.messages import preview
from webapp.services.messages.compose import PreparedMessages
from webapp.services.messages.preview import Draft
from webapp.settings import current

bp = Blueprint("asks", __name__, url_prefix="/bookings/<reference>")
access.require(bp, Role.FRONT_DESK)
ACTIONS = {
    "refusal": Action.BOOKING_DECLINED,
    "cancellation": Action.BOOKING_CANCELLED,
    "reopening": Action.BOOKING_REOPENED,
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked before an act."""

    booking: Booking
    title: str
    verb: str  # On the button that does it.
    keep: str  # On the button that leaves everything as it is.
    icon: str
    target: str  # What the answer replaces.
    view: str
    write: Callable[[str], PreparedMessages] | None = None  # None: it tells nobody, and takes no reason.
    needs_reason: bool = False
    is_danger: bool = True
    was_told: bool = False  # The guest has heard of what is taken back.
    too_late: str = ""  # Why it cannot be done any more.

    @property
    def url(self) -> str:
        """Where the act is posted; the question's dialog and its texts are below."""
        return request.path.removesuffix("/dialog").removesuffix("/texts")


# The question as a page, as a dialog, and its texts alone, with the reason that is being typed.
_FORMS = {"": "page", "/dialog": "_dialog", "/texts": "_texts"}


def add(blueprint: Blueprint, path: str, find: Callable[..., Question]) -> None:
    """Let a blueprint ask before the act that is posted to `path`; `find` gets the parts of the address."""
    name = path.rpartition("/")[2]
    for below, template in _FORMS.items():

        def ask(template: str = template, **parts: Any) -> str:
            return _show(find(**parts), template)

        blueprint.add_url_rule(path + below, f"{name}{template}", ask)


def _show(question: Question, template: str) -> str:
    typed = reason(request.args)
    drafts = preview.drafts(question.write, typed) if question.write else []
    labels = [words.CHANNEL[draft.channel].label for draft in drafts]
    needs = {"question": question, "drafts": drafts, "labels": labels, "hint": _hint(drafts), "typed": typed}
    return render_template(f"bookings/asks/{template}.html", undo_seconds=current().undo_seconds, **needs)


def _question(noun: str, reference: str) -> Question:
    booking, action, view = bookings.get(reference), ACTIONS[noun], request.args.get("view", "card")
    event, becomes = audit.ACTS[action].tells, bookings.BECOMES[action]
    title, verb, keep = _sentences(noun, reference)
    return Question(
        booking=booking,
        title=title,
        verb=verb,
        keep=keep,
        icon=audit.ACTS[action].icon,
        target=f"#booking-{reference}" if view in ROWS else "#booking",
        view=view,
        write=partial(_write, booking, event, becomes) if event else None,
        is_danger=event is not None,
        was_told=booking_view.was_told_no(booking),
        too_late="" if booking.may_become(becomes) else audit.outrun(booking).sentence,
    )


def _write(booking: Booking, event: Event, becomes: BookingStatus, typed: str) -> PreparedMessages:
    return messages.prepare(booking, event, becomes=becomes, reason=typed)


def _sentences(noun: str, reference: str) -> tuple[str, str, str]:
    """Returns the title, and the words of the buttons that do it and that leave all as it is."""
    if noun == "refusal":
        question, verb, keep = N_("Decline %(reference)s?"), N_("Decline %(reference)s"), N_("Keep the booking")
    elif noun == "cancellation":
        question, verb, keep = N_("Cancel %(reference)s?"), N_("Cancel %(reference)s"), N_("Keep the booking")
    else:
        question, verb, keep = N_("Reopen %(reference)s?"), N_("Reopen %(reference)s"), N_("Leave it closed")
    return gettext(question, reference=reference), gettext(verb, reference=reference), gettext(keep)


def _hint(drafts: Sequence[Draft]) -> str:
    """Returns in which messages the reason stands."""
    silent = [words.CHANNEL[draft.channel].label for draft in drafts if not draft.says_reason]
    if len(silent) == len(drafts):
        return gettext("The guest will not see this: no message has a place for it.")
    if silent:
        return gettext("The guest will see this (not in %(channels)s).", channels=listed(silent))
    return gettext("The guest will see this.")


for _noun in ACTIONS:
    add(bp, f"/{_noun}", partial(_question, _noun))
