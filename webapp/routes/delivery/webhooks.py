"""What providers call: signed, checked against PUBLIC_URL, and never limited when valid."""

import structlog
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from twilio.request_validator import RequestValidator

from webapp.channels.twilio import guest_of
from webapp.routes import access
from webapp.services.delivery import receipts
from webapp.services.guests import inbound
from webapp.settings import current

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")
access.for_programs(bp)
log = structlog.get_logger(__name__)


@bp.before_request
def check_signature() -> ResponseReturnValue | None:
    """Refuse what Twilio did not sign. The URL is the configured one: no header of the request is trusted."""
    settings = current()
    address = settings.public_url.rstrip("/") + request.full_path.rstrip("?")
    signature = request.headers.get("X-Twilio-Signature", "")
    # Without a token nothing can be valid: an empty key would sign anything.
    if settings.twilio_auth_token and RequestValidator(settings.twilio_auth_token).validate(
        address, request.form, signature
    ):
        return None
    log.warning("A webhook with a wrong signature was refused.", path=request.path)
    return Response("Forbidden", 403, mimetype="text/plain")


@bp.post("/twilio/status/<token>")
def status(token: str) -> ResponseReturnValue:
    """Take what became of one attempt. A database error answers 503, so that Twilio's log shows it."""
    form = request.form
    receipts.receive(
        token,
        provider_id=form.get("MessageSid", ""),
        status=form.get("MessageStatus", "").lower(),
        code=form.get("ErrorCode", ""),
    )
    return Response("", 204)


@bp.post("/twilio/inbound")
def take_inbound() -> ResponseReturnValue:
    """Take what a guest wrote. The answer is empty TwiML: nothing is written back by itself."""
    form = request.form
    inbound.receive(
        *guest_of(form.get("From", "")),
        provider_id=form.get("MessageSid", ""),
        body=form.get("Body", ""),
        opt_out_type=form.get("OptOutType", ""),
    )
    return Response("<Response/>", 200, mimetype="text/xml")
