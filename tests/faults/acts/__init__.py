"""Every act of pages, programs and providers as data: what it needs, and what is posted."""

from collections.abc import Callable
from typing import Any

from tests.conftest import Browser
from tests.factories import PASSWORD
from tests.faults.acts import admin, api, bookings, callbacks, files, messages, payments, queue
from tests.faults.acts.base import Post, Scenario

ACTS: dict[str, Scenario] = (
    bookings.ACTS | payments.ACTS | messages.ACTS | admin.ACTS | queue.ACTS | files.ACTS | api.ACTS | callbacks.ACTS
)

# These leave no row behind, so there is nothing that their answers could be wrong about: what lets a person in, and
# what ends, is the cookie; a preview draws what is typed; a trial of the database is not kept.
WRITE_NOTHING: dict[str, Callable[[Browser], Any]] = {
    "auth.sign_in": lambda browser: browser.act("/login", email=browser.user.email, password=PASSWORD),  # type: ignore[attr-defined]
    "auth.logout": lambda browser: browser.act("/logout"),
    "texts.preview": lambda browser: browser.act(f"{messages.SMS}/preview", body="Ahoy {{ reference }}"),
    "doctor.examine": lambda browser: browser.act("/queue/examination"),
}

# Each post of these is an act of its own, by intent.
AGAIN = {
    "queue_acts.ring": "ringing twice sends nothing twice: a bell is a hint",
    "queue_acts.drop_reply_keys": "dropping again drops what is left",
    "exports.bookings": "each file that is taken out is written down",
    "exports.messages": "each file that is taken out is written down",
    "batches.plan": "a plan does nothing; only its start does, once",
}

__all__ = ["ACTS", "AGAIN", "WRITE_NOTHING", "Post", "Scenario"]
