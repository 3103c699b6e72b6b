"""The Celery application. It carries the bells; the worker loads the tasks by name.

A comment before a setting says what the setting prevents. The ADRs on the broker have the measurements.
"""

from typing import Any

from celery import Celery, Task
from flask import Flask

from webapp.errors import NotReady
from webapp.setting_values.redis_url import RedisAddress
from webapp.settings import Settings, load

QUEUE = "notifications"
PRIORITY_LISTS = (QUEUE, *(f"{QUEUE}\x06\x16{step}" for step in (3, 6, 9)))  # Kombu keeps one list for each priority.
RING_TIMEOUT = 0.25  # Seconds that a click may wait for Redis, per socket operation.
WORKER_TIMEOUT = 10  # Must exceed the worker's BRPOP of 1 s, or an idle queue looks like a dead one.

NOWHERE = RedisAddress("127.0.0.1", port=1)  # Refuses at once. A bell that a command could not ring is rung later.
OPTIONS = {
    # The row says what became of a message; a result in Redis would be a second truth.
    "result_backend": None,
    "task_ignore_result": True,
    "task_default_queue": QUEUE,
    # No exchange: with one, a publish after FLUSHALL finds no binding and vanishes without a word.
    "task_create_missing_queues": True,
    # A worker that dies keeps its bell in `unacked`; a second ring of the same bell costs nothing.
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    # A worker holds no bells that another could serve.
    "worker_prefetch_multiplier": 1,
    "task_time_limit": 300,
    "task_soft_time_limit": 240,
    "broker_connection_retry_on_startup": True,
    # The default gives up after 100 tries: a worker would exit in a long outage.
    "broker_connection_max_retries": None,
    # A full Redis answers OOM; without this the worker exits on it.
    "broker_channel_error_retry": True,
    # Where Redis answers and refuses, Celery's own consumer starts again at once, for ever.
    "worker_consumer": "tasks.consumer:PatientConsumer",
    "broker_connection_timeout": 4,
    # A hand-over that has begun is never cut because Redis went away: the claim makes it safe.
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "worker_send_task_events": False,
    "worker_hijack_root_logger": False,
    "task_publish_retry": False,
}
TRANSPORT = {
    # Longer than a drain may last, so that no bell comes back while it is being served.
    "visibility_timeout": 600,
    "socket_keepalive": True,
    # Without it half-open connections are never noticed.
    "health_check_interval": 10,
    # True stores the same bell twice.
    "retry_on_timeout": False,
    "max_connections": 50,
}


class InApp(Task):
    """A task whose body runs inside the Flask app that `bind` gave to Celery."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        app: Flask = self.app.flask_app
        with app.app_context():
            return self.run(*args, **kwargs)


def options(settings: Settings, *, socket_timeout: float = RING_TIMEOUT) -> dict[str, Any]:
    """Returns Celery's settings, given ours."""
    timeouts = {"socket_timeout": socket_timeout, "socket_connect_timeout": min(socket_timeout, 3)}
    # Kombu would sleep and try again for 6 s inside a click where Redis refuses the connection.
    patience = {"max_retries": 0} if socket_timeout == RING_TIMEOUT else {}
    try:
        broker = settings.broker.for_celery()
    except NotReady:  # Web and worker do not start then, but a command may go on.
        broker = NOWHERE.for_celery()
    return {
        **OPTIONS,
        **broker,
        "broker_transport_options": {**TRANSPORT, **timeouts, **patience},
        # Celery's default is prefork, whose children the heartbeat and the slots could not see.
        "worker_pool": settings.worker_pool,
        "worker_concurrency": 1 if settings.worker_pool == "solo" else settings.worker_concurrency,
    }


celery = Celery("bellhop", task_cls=InApp, include=["tasks"])
# Evaluated at first use, so that importing this module reads no environment.
celery.add_defaults(lambda: options(load()))


def bind(app: Flask, settings: Settings, *, socket_timeout: float = RING_TIMEOUT) -> None:
    """Give Celery this app's settings, and its tasks this app."""
    celery.conf.update(options(settings, socket_timeout=socket_timeout))
    celery.flask_app = app
