"""The web's composition root: `gunicorn -c deploy/gunicorn.conf.py wsgi:app`, and `flask --app wsgi`."""

import os
import sys

from webapp import create_app, startup
from webapp.celery_app import bind
from webapp.database import waits
from webapp.duties import beside_web
from webapp.errors import NotReady
from webapp.settings import ROOT, RUN_CHOICES, Settings, load

# Gunicorn's exit code for an app that cannot be loaded. After any other it starts new processes for ever.
GUNICORN_HALTS = 4
# Commands run in any state that they can report; only web and worker refuse to start.
_is_command = os.environ.get("FLASK_RUN_FROM_CLI") == "true"
# `make dev` serves through a command.
_serves = not _is_command or "run" in sys.argv[1:]


def _settings() -> Settings:
    """Read the settings. A command in a second terminal uses the providers that `make run` chose."""
    settings = load()
    chosen = settings.data_dir / RUN_CHOICES
    return load(_env_file=(chosen, ROOT / ".env")) if _is_command and chosen.is_file() else settings


try:
    settings = _settings()
    if _is_command:
        for sentence in settings.unusable():
            print(sentence, file=sys.stderr)  # noqa: T201
    app = create_app(settings, waits.WEB if _serves else waits.COMMAND)
    bind(app, settings)
    if not _is_command:
        startup.refuse_unless_ready(app, settings)
    if _serves:
        beside_web.start(app)
except NotReady as error:
    print(f"Bellhop cannot start. {error.sentence}", file=sys.stderr)  # noqa: T201
    sys.exit(1 if _is_command else GUNICORN_HALTS)
