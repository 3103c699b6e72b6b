"""Where mail servers, or the pipes behind them, hand in what became of a mail. Asks for a key like every call."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from webapp.api import auth, problems
from webapp.channels import bounce
from webapp.errors import Invalid
from webapp.services.delivery import bounces

LARGEST = 512 * 1024  # A report with the whole mail that came back; ours have 20 KB.
bp = Blueprint("bounces", __name__, url_prefix="/webhooks/email")
bp.before_request(auth.authenticate)
problems.register(bp)


@bp.post("/bounce")
def take() -> ResponseReturnValue:
    """Take a delivery report: a whole mail, or a multipart/report, as the body, whatever type is said with it.

    200 wherever it could be read, also where it is no report or not ours: whoever hands it in has done their part. What
    names a mail of ours and cannot be read is kept, or answered with 503 while too many wait: whoever hands it in comes
    again.
    """
    request.max_content_length = LARGEST
    raw = request.get_data(cache=False)
    try:
        report = bounce.read(raw, request.content_type or "")
    except Invalid:
        if kept := bounces.rescue(raw):
            return jsonify(detail=kept)
        raise
    return jsonify(detail=bounces.take(report, raw))
