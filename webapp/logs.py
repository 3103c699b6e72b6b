"""Logs: constant sentences with values beside them, to stdout; ids yes, numbers, names and texts never."""

import logging
import sys
from typing import Any

import structlog

from webapp.kept_log import KEEPER
from webapp.settings import Settings


def set_up(settings: Settings) -> None:
    """Send our own and every library's lines through one shape."""
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
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=finish))
    root = logging.getLogger()
    root.handlers = [handler, KEEPER]
    root.setLevel(settings.log_level)
    # These name phone numbers in URLs, or a line for each poll.
    for chatty in ("twilio.http_client", "werkzeug", "kombu", "alembic.runtime.migration"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
