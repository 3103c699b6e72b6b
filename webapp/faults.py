"""The faults of the database: which one an error means, in words for the screen."""

import sqlite3
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# What the database, its driver or the pool raises when a statement fails.
TROUBLE = (DBAPIError, PoolTimeout)
RETRY_SECONDS = 5  # For Retry-After: a restart, or a switch to another server, takes about this long.

# PostgreSQL names its states in appendix A of its manual.
_READ_ONLY, _DISK_FULL = "25006", "53100"
# The last byte of an extended result code is its kind: https://www.sqlite.org/rescode.html
_KIND = 0xFF


def N_(sentence: str) -> str:  # noqa: N802
    """Mark a sentence for the catalogue; whoever shows it passes it to `i18n.gettext`. Returns the sentence."""
    return sentence


class FileGone(sqlite3.OperationalError):
    """The file that this process opened was removed or replaced. Whatever is written to it will be lost."""


@dataclass(frozen=True)
class Fault:
    """A state of the database in which acts, or all requests, are refused."""

    name: str  # The answer of /readyz.
    title: str
    advice: str  # What still works, and what to do.


AWAY = Fault("database is away", N_("The database does not answer"), N_("Wait a moment, then try again."))
READ_ONLY = Fault(
    "database is read-only",
    N_("The database is read-only"),
    N_("Everything can still be read. Tell an admin, then try again."),
)
FULL = Fault(
    "disk of the database is full",
    N_("The disk of the database is full"),
    N_("Everything can still be read. Tell an admin to make room, then try again."),
)
GONE = Fault(
    "file of the database is gone",
    N_("The file of the database is gone, or another one is in its place"),
    N_("Nothing is taken, so that nothing is lost. Tell an admin to stop Bellhop, put the file back and start it."),
)
BUSY = Fault("busy", N_("Too many are at work at once"), N_("Wait a moment, then try again."))


def of_error(error: BaseException) -> Fault | None:
    """Returns the fault behind an error; None for an error in our own code."""
    if isinstance(error, PoolTimeout):
        return AWAY
    if not isinstance(error, DBAPIError):
        return None
    state, code = getattr(error.orig, "sqlstate", None), getattr(error.orig, "sqlite_errorcode", 0) & _KIND
    if isinstance(error.orig, FileGone):
        return GONE
    if state == _READ_ONLY or code == sqlite3.SQLITE_READONLY:
        return READ_ONLY
    if state == _DISK_FULL or code == sqlite3.SQLITE_FULL:
        return FULL
    is_away = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    return AWAY if is_away else None
