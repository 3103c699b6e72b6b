"""The state of the queue, from the shared snapshot and the database."""

from flask import jsonify
from flask.typing import ResponseReturnValue

from webapp.api import answers
from webapp.api.blueprint import bp
from webapp.monitor.queue import queue_view


@bp.get("/queue")
def show_queue() -> ResponseReturnValue:
    return jsonify(answers.queue(queue_view()))
