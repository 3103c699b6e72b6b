"""Reads what mail servers report of mails. Whether a mail is ours, `services/delivery` decides."""

from webapp.channels.bounce.reader import read
from webapp.channels.bounce.report import Fate, Report, Sort

__all__ = ["Fate", "Report", "Sort", "read"]
