"""The shape of what was read of a mail that came back."""

from dataclasses import dataclass
from enum import StrEnum

# Our words for what a server did. Only the first says that the guest does not have it: even one that has put the mail
# into a mailbox has not shown it to anybody.
WORDS = {
    "failed": "undelivered",
    "failure": "undelivered",
    "expired": "undelivered",
    "undeliverable": "undelivered",
    "delayed": "delayed",
    "delivered": "in the mailbox",
    "deliverable": "in the mailbox",
    "relayed": "relayed",
    "expanded": "expanded",
}
FAILED = ("failed", "failure", "expired", "undeliverable")
GAVE_UP = "late"  # Before a code of the fourth class, with which a server ended its tries.


class Sort(StrEnum):
    """What kind of mail it is."""

    FATES = "fates"  # It says what became of a mail.
    COMPLAINT = "complaint"  # Somebody marked a mail as spam, or asked for no more.
    NO_SPAM = "no spam"
    AUTO_REPLY = "auto-reply"
    UNREAD = "unread"  # It looks like a return, and says nothing that can be read.
    LETTER = "letter"


@dataclass(frozen=True)
class Fate:
    """What became of the mail at one address. Without an address it is about the one that the mail was sent to."""

    addresses: frozenset[str]  # As it was given and as it was used, in lower case.
    status: str  # One of WORDS.
    code: str  # The enhanced status code (RFC 3463), after whose fault it was if it was ours.


@dataclass(frozen=True)
class Report:
    """A mail, read."""

    mail_ids: tuple[str, ...]  # The Message-IDs that it may be about, the surest first.
    attempt: str  # Our own mark on the mail: which hand-over it was.
    fates: tuple[Fate, ...] = ()
    sort: Sort = Sort.FATES
    why: str = ""  # Of a complaint: its type.
    is_marked: bool = False  # It brings back our own second mark, which no reply copies.
