"""What admins set on the settings page, where the environment says nothing."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import UtcDateTime, now
from webapp.extensions import Model


class Setting(Model):
    """One setting, written as in the environment. A setting without a row has its default."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now(), onupdate=now())
