"""What a mail that came back says, as data."""

from dataclasses import dataclass
from enum import StrEnum

FAILED = ("failed", "failure", "expired", "undeliverable")
# Our words for a server's. Only "undelivered" says that the guest does not have the mail: nobody may have seen a mail
# that is in a mailbox.
WORDS = dict.fromkeys(FAILED, "undelivered") | {
    "delayed": "delayed", "delivered": "in the mailbox", "deliverable": "in the mailbox", "relayed": "relayed",
    "expanded": "expanded",
}  # fmt: skip
GAVE_UP = "late"  # Stands before a code of the fourth class with which a server ended its tries.


class Sort(StrEnum):
    """What kind of mail it is."""

    FATES = "fates"  # It says what became of a mail.
    COMPLAINT = "complaint"  # Somebody marked a mail as spam, or asked for no more.
    NO_SPAM = "no spam"
    AUTO_REPLY = "auto-reply"
    UNREAD = "unread"  # It looks like a returned mail, and says nothing that can be read.
    LETTER = "letter"


@dataclass(frozen=True)
class Fate:
    """What became of the mail at one address; without an address, at the one that it was sent to."""

    addresses: frozenset[str]  # As it was given and as it was used, in lower case.
    status: str  # One of WORDS.
    code: str  # The enhanced status code (RFC 3463), after whose fault it was if it was ours.


@dataclass(frozen=True)
class Report:
    """What was read in a mail."""

    mail_ids: tuple[str, ...]  # The Message-IDs that it may be about, the surest first.
    attempt: str  # Our own mark on the mail: which hand-over it was.
    fates: tuple[Fate, ...] = ()
    sort: Sort = Sort.FATES
    why: str = ""  # Of a complaint: its type.
    is_marked: bool = False  # It brings back our own second mark, which no reply copies.
