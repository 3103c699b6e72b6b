"""The commands of docs/operations.md: which tests type beside `make run`, and what each must say.

A new command stands in one of the two tables, or `tests/rules/docs/test_operations.py` fails.
"""

import re

from webapp.settings import ROOT

TEXT = (ROOT / "docs" / "operations.md").read_text()
_COMMAND = re.compile(
    r"(\.venv/bin/|redis-cli|make |sudo|docker|systemctl|systemd-|journalctl"
    r"|([A-Z_]+=\S+ )+(\.venv|make)|echo |sqlite3|pg_)"
)
_REDIS = 'redis-cli -u "$(cat data/redis.url)"'

# Typed in this order in a second terminal; the answer contains these words.
TYPED: dict[str, str] = {
    f"{_REDIS} ping": "PONG",
    f"{_REDIS} LLEN notifications": "0",
    f"{_REDIS} --scan": "bellhop:",
    f"{_REDIS} info memory": "used_memory:",
    "echo $REDIS_URL": "",
    ".venv/bin/celery -A celery_worker inspect ping": "pong",
    ".venv/bin/celery -A celery_worker inspect active": "1 node online",
    ".venv/bin/celery -A celery_worker inspect registered": "tasks.deliver",
    ".venv/bin/celery -A celery_worker inspect stats": "1 node online",
    '.venv/bin/python -c "from tasks import test_celery; test_celery.delay()"': "",
    ".venv/bin/flask --app wsgi send-test --channel sms --to +15551234567": "sent",
    ".venv/bin/flask --app wsgi send-test --channel email --to you@example.com": "sent",
    ".venv/bin/flask --app wsgi create-user you@example.com --role admin --name You --password-stdin": "",
    ".venv/bin/flask --app wsgi set-password you@example.com --password-stdin": "",
    ".venv/bin/flask --app wsgi db upgrade": "",
    ".venv/bin/python -m supervisor.supervisorctl -c data/supervisord.conf status": "RUNNING",
    'sqlite3 data/bellhop.db ".backup copy.db"': "",
    ".venv/bin/flask --app wsgi doctor": "0 fail",
    ".venv/bin/flask --app wsgi settings": "BUSINESS_NAME",
    ".venv/bin/python -m supervisor.supervisorctl -c data/supervisord.conf restart worker": "worker: started",
}
# Workers beside the one that runs: each must get ready, and end when told to.
WORKERS = (
    ".venv/bin/celery -A celery_worker worker --loglevel=info --pool=threads -Q notifications --concurrency=16 "
    "-n notification_worker-2@%h",
    "WORKER_POOL=solo .venv/bin/python celery_worker.py",
    "LOG_LEVEL=DEBUG .venv/bin/python celery_worker.py",
)
# Not typed, and why.
ELSEWHERE: dict[str, str] = {
    "make run": "it is what the others are typed beside", "make dev": "the same, with reloading",
    "redis-cli": "a name", ".venv/bin/python": "a name", "pg_dump": "a name", "sudo -u bellhop": "a part of a command",
    "systemd-analyze verify": "a part of a command",
    "REDIS_URL=redis://localhost:6379/0 make run": "needs a Redis of one's own at its usual port",
    "DATA_DIR=/tmp/second PORT=8001 make run": "test_make_run.py starts two", "PORT=8001 make run": "likewise",
    ".venv/bin/python celery_worker.py": "every house of tests/end_to_end has one",
    ".venv/bin/gunicorn -c deploy/gunicorn.conf.py wsgi:app": "likewise",
    ".venv/bin/celery -A celery_worker flower --address=127.0.0.1": "test_the_main_job.py starts it beside a worker",
    ".venv/bin/pip install flower==2.2.0": "installs", "make bench": "takes minutes", "make chaos": "takes minutes",
    ".venv/bin/pip install -r requirements.txt && .venv/bin/pip check": "installs",
    "make check": "is what surrounds this", "make test": "is what runs this",
    "pg_restore": "a name", 'redis-cli -u "$REDIS_URL" ping': "the same as with data/redis.url, where REDIS_URL is set",
}  # fmt: skip
SYSTEM = (
    "sudo ",
    "systemctl ",
    "journalctl ",
    "docker ",
    "systemd-analyze ",
)  # Of a machine that is not ours to change.


def commands() -> list[str]:
    """Every command that the page says to type: in its text, and in the last column of its tables."""
    found: list[str] = []
    for line in re.sub(r"(?<=[^|\n])\n(?=[^|\n#])", " ", TEXT).splitlines():
        cell = line.rstrip("| ").rpartition(" | ")[2] if line.startswith("|") else line
        found += [code for code in re.findall(r"`([^`]+)`", cell) if _COMMAND.match(code)]
    return list(dict.fromkeys(found))


def is_known(command: str) -> bool:
    """Whether a table here says what becomes of it."""
    return command in TYPED or command in WORKERS or command in ELSEWHERE or command.startswith(SYSTEM)
