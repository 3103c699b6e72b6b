"""The web's composition root: `gunicorn -c deploy/gunicorn.conf.py wsgi:app`, and `flask --app wsgi`."""

import os
import sys

from webapp import create_app, startup
from webapp.celery_app import bind
from webapp.errors import NotReady
from webapp.settings import load

# Commands run in any state that they can report on; only web and worker refuse to start.
_is_command = os.environ.get("FLASK_RUN_FROM_CLI") == "true"

try:
    settings = load()
    app = create_app(settings)
    bind(app, settings)
    if not _is_command:
        startup.refuse_unless_ready(app, settings)
except NotReady as refusal:
    sys.exit(f"Bellhop cannot start. {refusal.sentence}")
