"""How far this database has come: a number that only grows, so that an older copy of it can be told from it."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import UtcDateTime
from webapp.extensions import Model

THE_ONE = 1  # The id of its only row.


class DatabaseMark(Model):
    """One row. The same epoch is kept beside the database: what is there and is higher, this copy never saw."""

    __tablename__ = "database_mark"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(32))  # Random: of this database and of every copy of it.
    epoch: Mapped[int] = mapped_column(BigInteger, default=0)
    grown_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # At which epochs workers started, and a random word for each: two copies that went on apart differ in these.
    runs: Mapped[list[tuple[int, str]]] = mapped_column(JSON, default=list)

    # While messages are held since an older copy was put back.
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    noticed_by: Mapped[str] = mapped_column(String(120), default="", server_default="")
    lost_epoch: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # The highest one beside it.
    lost_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # When that was written: so far it had come.

    def run_at(self, epoch: int) -> str:
        """The run during which it had come to this epoch; empty where that is not known any more."""
        return next((run for start, run in reversed(self.runs) if start <= epoch), "")

    @property
    def is_held(self) -> bool:
        return self.held_at is not None
