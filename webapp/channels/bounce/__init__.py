"""What mail servers report of mails that they took: standard reports, plain texts, complaints and automatic replies.

Nothing in one is believed beyond which mail, which address, and what became of it; `services.bounces` decides whether
that is a mail of ours.
"""

from webapp.channels.bounce.reader import read
from webapp.channels.bounce.report import Fate, Report, Sort

__all__ = ["Fate", "Report", "Sort", "read"]
