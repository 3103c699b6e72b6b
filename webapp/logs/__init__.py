"""Logs go to stdout: constant sentences with values beside them. Ids yes; phone numbers, names and texts never."""

import logging
import sys
from typing import Any

import structlog

from webapp.logs.buffer import BUFFER
from webapp.settings import Settings, stdout_is_journal

# systemd reads the level at a line's start (sd-daemon(3)); without it journald takes every line as "info".
_PRIORITY = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}


class Lines(structlog.stdlib.ProcessorFormatter):
    """Writes a record as structlog renders it. For the journal each line begins with its level."""

    to_journal = False

    def format(self, record: logging.LogRecord) -> str:
        written = super().format(record)
        if not self.to_journal:
            return written
        mark = f"<{_PRIORITY.get(record.levelno, 6)}>"
        return "\n".join(mark + line for line in written.splitlines())


def set_up(settings: Settings) -> None:
    """Format our own and every library's lines alike."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_json = settings.log_format == "json"
    finish: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    finish += [structlog.processors.format_exc_info] if as_json else []
    finish += [structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    Lines.to_journal = stdout_is_journal()
    handler.setFormatter(Lines(foreign_pre_chain=shared, processors=finish))
    root = logging.getLogger()
    root.handlers = [handler, BUFFER]
    root.setLevel(settings.log_level)
    # These log phone numbers in URLs, or a line for each poll.
    for chatty in ("twilio.http_client", "werkzeug", "kombu", "alembic.runtime.migration"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
