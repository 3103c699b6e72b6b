"""The blueprint of all calls, with the hooks around each call, in order."""

from flask import Blueprint

from webapp import security
from webapp.api import auth, reading, repeats

bp = Blueprint("api", __name__, url_prefix="/api/v1")
bp.before_request(auth.authenticate)
bp.before_request(reading.check_address)
bp.before_request(repeats.answer_repeat)
bp.after_request(repeats.keep_answer)
security.for_programs(bp, "/api/")
