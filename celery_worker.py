"""The workers' composition root: `python celery_worker.py` or `celery -A celery_worker worker`."""

import os
import socket
import sys

from celery.signals import celeryd_init, worker_shutting_down

from tasks.housekeeper import Housekeeper
from webapp import create_app, startup
from webapp.celery_app import QUEUE, WORKER_TIMEOUT, bind, celery
from webapp.database import waits
from webapp.errors import NotReady
from webapp.services.delivery.worker_slots import in_hand
from webapp.settings import load

try:
    settings = load()
    if unusable := settings.unusable():  # `celery inspect` could do as little with these.
        raise NotReady(" ".join(unusable))
    flask_app = create_app(settings, waits.WORKER)
except NotReady as refusal:
    sys.exit(f"Bellhop cannot start. {refusal.sentence}")
bind(flask_app, settings, socket_timeout=WORKER_TIMEOUT)
celery.steps["worker"].add(Housekeeper)
app = celery  # The name that `celery -A celery_worker` looks for.


@celeryd_init.connect
def refuse_unless_ready(**_: object) -> None:
    """A worker that cannot do its work must not start; other commands (inspect, flower) may."""
    try:
        startup.refuse_unless_ready(flask_app, settings)
    except NotReady as refusal:
        sys.exit(f"Bellhop cannot start. {refusal.sentence}")


@worker_shutting_down.connect
def claim_no_more(**_: object) -> None:
    """From the first signal on, nothing new is claimed; what is in hand is finished."""
    in_hand.stop()


def main(options: list[str]) -> None:
    """Start a worker with the project's defaults; options given on the command line win."""
    node = f"notification_worker-{os.getpid()}@{socket.gethostname()}"
    defaults = ["worker", f"--hostname={node}", f"--queues={QUEUE}", f"--loglevel={settings.log_level}"]
    celery.start([*defaults, "--without-gossip", "--without-mingle", *options])


if __name__ == "__main__":
    main(sys.argv[1:])
