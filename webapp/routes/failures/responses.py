"""The answer to an act on one failed message."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from webapp.models import Message
from webapp.routes.responses import fragment_or_redirect
from webapp.services.board import rows as board_rows
from webapp.services.board.filters import Filters
from webapp.services.failures import by_reason
from webapp.services.messages import timeline


def as_it_stands(message: Message, toast: str, status: int = 200) -> ResponseReturnValue:
    """Returns the fragment in which the button was, as it is now: a row of the board, or the message's own page."""
    by_reason.forget()
    return fragment_or_redirect(
        "board/_row.html" if request.form.get("view") == "row" else "messages/_detail.html",
        otherwise=url_for("messages.show", message_id=message.id), toast=toast, tone="" if status == 200 else "bad",
        status=status, message=message, story=timeline.tell(message),
        row=board_rows.single([message])[0], filters=Filters(), warnings=timeline.warnings([message]),
    )  # fmt: skip
