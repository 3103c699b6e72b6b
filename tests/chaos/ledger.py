"""A house's database, read and changed past the application."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Table, create_engine, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tests.support.house import House
from webapp import duties
from webapp.models import (
    OPEN,
    Attempt,
    ChannelName,
    ChannelState,
    DutyLease,
    Event,
    Guest,
    Message,
    MessageStatus,
    PauseKind,
)


class Ledger:
    """A house's database, read and changed past the application."""

    def __init__(self, house: House) -> None:
        self.url = house.env["DATABASE_URL"] or f"sqlite:///{house.folder / 'bellhop.db'}"
        self.is_sqlite = self.url.startswith("sqlite")
        waits = {"timeout": 60} if self.is_sqlite else {}
        self._engine = create_engine(self.url, poolclass=NullPool, connect_args=waits)

    def rows(self, table: Any, **facts: Any) -> list[Row[Any]]:
        """All rows of a model's table with these facts, by id where it has one."""
        with self._engine.connect() as connection:
            found: Table = table.__table__
            return list(connection.execute(select(found).filter_by(**facts).order_by(*found.primary_key)))

    def attempts_of(self, pid: int) -> list[Row[Any]]:
        """The attempts that a worker's process has made."""
        return [row for row in self.rows(Attempt) if f"-{pid}@" in row.worker]

    def change(self, statement: Any, rows: Any = None) -> None:
        """Run one statement, and commit."""
        with self._engine.begin() as connection:
            connection.execute(statement, rows)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody else write messages or attempts; on PostgreSQL nobody reads them either."""
        with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("BEGIN EXCLUSIVE" if self.is_sqlite else "BEGIN")
            if not self.is_sqlite:
                connection.exec_driver_sql("LOCK TABLE message, attempt IN ACCESS EXCLUSIVE MODE")
            try:
                yield
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def holders(self) -> set[str]:
        """Which workers hold their duties, as far as the leases have not ended; those of web processes are left out."""
        now, names = datetime.now(UTC), {duty.name for duty in duties.ALL}
        rows = [row for row in self.rows(DutyLease) if row.name in names]
        return {row.holder if row.until and row.until > now else "" for row in rows}

    def is_writable(self) -> bool:
        """Whether the write lock is free; on PostgreSQL there is none that one process could hold."""
        engine = create_engine(self.url, poolclass=NullPool, connect_args={"timeout": 0.5} if self.is_sqlite else {})
        try:
            with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
                connection.exec_driver_sql("ROLLBACK")
        except OperationalError:
            return False
        return True

    def pause(self, channel: ChannelName) -> None:
        """Close a channel as a person would."""
        far = datetime(9999, 1, 1, tzinfo=UTC)
        facts = {"pause_kind": PauseKind.BY_HAND, "paused_until": far, "paused_by": "Tests", "why": "A test"}
        self.change(update(ChannelState).where(ChannelState.name == channel).values(**facts))

    def resume(self) -> None:
        """Open all channels."""
        facts: dict[str, Any] = {"pause_kind": None, "paused_until": None, "paused_by": "", "why": ""}
        self.change(update(ChannelState).values(failures_in_row=0, pause_seconds=0, **facts))

    def forget_open(self) -> None:
        """Close all that is not sent yet, so that one test's messages are not the next one's."""
        closed = {"status": MessageStatus.SKIPPED, "lease_until": None, "error_code": "undone"}
        self.change(update(Message).where(Message.status.in_(OPEN)).values(**closed))

    def crowd(self, count: int) -> None:
        """Add guests with one SMS each that is due now."""
        now = datetime.now(UTC)
        phones = [f"+1416{n:07d}" for n in range(count)]
        self.change(insert(Guest), [{"phone": phone, "next_seq": 2, "created_at": now} for phone in phones])
        common = {
            "seq": 1, "event": Event.BOOKING_CONFIRMED, "channel": ChannelName.SMS, "language": "en",
            "due_at": now, "created_at": now, "expires_at": now + timedelta(hours=6), "status": MessageStatus.WAITING,
        }  # fmt: skip
        crowd = [row for row in self.rows(Guest) if row.phone in set(phones)]
        own = ({"guest_id": row.id, "to_address": row.phone, "reference": f"CROWD-{row.id}"} for row in crowd)
        table: Any = Message.__table__
        self.change(insert(table), [common | facts | {"body": facts["reference"]} for facts in own])
