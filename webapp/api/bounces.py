"""Mail servers, or pipes behind them, hand in delivery reports here. Asks for a key like every call."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from webapp import security
from webapp.api import auth
from webapp.channels import bounce
from webapp.errors import Invalid
from webapp.services.delivery import bounces

LARGEST = 512 * 1024  # A report with the whole returned mail; our mails have 20 KB.
bp = Blueprint("bounces", __name__, url_prefix="/webhooks/email")
bp.before_request(auth.authenticate)
security.for_programs(bp)


@bp.post("/bounce")
def take() -> ResponseReturnValue:
    """Apply a delivery report. The body is a whole mail, or a multipart/report, of any declared type.

    The answer is 200 if it could be read, even if it is no report or not ours: the caller has done their part. A mail
    that names one of ours and cannot be read is kept, or answered with 503 while too many wait: the caller comes again.
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
