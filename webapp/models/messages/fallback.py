"""In which order channels are tried for guests who could not be reached, an event each. Off by default: no row."""

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import UtcDateTime, now
from webapp.extensions import Model
from webapp.models.names import Event
from webapp.models.types import word


class FallbackOrder(Model):
    """The first channel that a guest agreed to is used; the next ones only where it fails for good."""

    __tablename__ = "fallback_order"

    event: Mapped[Event] = mapped_column(word(Event), primary_key=True)
    channels: Mapped[list[str]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now(), onupdate=now())
    by: Mapped[str] = mapped_column("set_by", String(200))
