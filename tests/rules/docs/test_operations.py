"""docs/operations.md answers, line by line, what people typed or checked when messages ran in a plain Celery queue."""

import re
from html import unescape

import pytest

from tests.conftest import Browser
from tests.support import operations
from webapp import doctor
from webapp.services.alerts.causes import CAUSES
from webapp.settings import ROOT, Settings

SECTIONS = ("Verification", "Monitoring", "Troubleshooting", "Monitoring checklist")
TEXT = (ROOT / "docs" / "operations.md").read_text()
WORDS = re.sub(r"[`*\s]+", " ", TEXT).lower()
# The commands, and the lines of the lists, that people know from then.
COMMANDS = """
redis-server
docker run -d -p 6379:6379 redis:latest
redis-cli ping
REDIS_URL=redis://localhost:6379/0
REDIS_URL=redis://username:password@host:port/db
python start_celery_worker.py
celery -A app.celery_config.celery_app worker --loglevel=info --pool=solo -Q notifications --concurrency=1
python run.py
uvicorn app.main:app --reload
LLEN celery
KEYS
celery@notification_worker ready
python -c "from app.tasks import test_celery; test_celery.delay()"
redis-cli LLEN celery
celery -A app.celery_config.celery_app inspect active
celery -A app.celery_config.celery_app inspect registered
celery -A app.celery_config.celery_app inspect stats
AWS ElastiCache, Redis Cloud, DigitalOcean
/etc/systemd/system/celery-worker.service
systemctl daemon-reload
enable celery-worker
start celery-worker
nssm install CeleryWorker
nssm start CeleryWorker
pip install flower
celery -A app.celery_config.celery_app flower
http://localhost:5555
pip install celery redis
celery -A app.celery_config.celery_app worker --loglevel=debug
redis-cli -h localhost -p 6379 ping
""".strip().splitlines()
LINES = """
worker not starting
check that the Python path is correct
messages not being processed
check that a worker is running
check that the queue has messages
check the worker's logs for errors
restart the worker
notifications not sending
NotificationService
SMS, WhatsApp and e-mail credentials
check the worker's logs for specific errors
manual notification test
Redis connection error
check REDIS_URL
correct port
firewall
task_time_limit
task_soft_time_limit
worker_prefetch_multiplier
task_acks_late
max_retries
default_retry_delay
retry_backoff
retry_jitter
check that the worker is running
check the queue size (should be near 0)
check error logs
verify that notifications are sending
review retry rates
check Redis' memory usage
monitor the workers' performance
review failed task logs
optimise the worker count
review Redis' configuration
update the retry logic
performance tuning
""".strip().splitlines()


@pytest.mark.parametrize("asked", [*COMMANDS, *LINES])
def test_a_line_of_the_guide_is_answered(asked: str) -> None:
    """Whoever comes from there looks for the words that they know."""
    assert re.sub(r"\s+", " ", asked).lower() in WORDS


def test_every_row_has_an_answer() -> None:
    """An empty cell is a question that somebody left for later."""
    rows = [line for line in TEXT.splitlines() if line.startswith("| ")]

    assert len(rows) > 80
    assert [row for row in rows if not row.rstrip("| ").rpartition("|")[2].strip()] == []
    assert "planned" not in WORDS


def test_every_alert_and_every_threshold_is_told() -> None:
    """A threshold that nobody knows of is never set, and an alert that is not explained is not believed."""
    titles = {
        cause.title.partition(":")[0].replace("%(subject)s is", "a channel is").lower() for cause in CAUSES.values()
    }
    settings = {name.upper() for name in Settings.model_fields if name.startswith("alert_")} | {"KEEP_DAYS"}

    assert {title for title in titles if title not in WORDS} == set()
    assert {name for name in settings if name.lower() not in WORDS} == set()


def test_the_checks_that_it_names_exist() -> None:
    """`/queue/doctor` (retries) sends somebody to a line that must be there."""
    named = {name.strip() for found in re.findall(r"`/queue/doctor` \(([^)]+)\)", TEXT) for name in found.split(",")}
    made = {check.__name__ for check in doctor.ALL}

    assert named and named <= made


def test_the_help_page_and_this_page_name_the_same(admin: Browser) -> None:
    """An admin without the repository reads `/queue/help`: a command that is mended there must be mended here."""
    page = admin.get("/queue/help").text
    named = {unescape(code) for code in re.findall(r"<code>([^<]+)</code>", page)}
    parts = {part.partition("\n")[0]: part.splitlines() for part in TEXT.split("\n## ")}
    rows = [line for title in SECTIONS for line in parts[title] if line.startswith("| ")]
    told = set(re.findall(r"`([^`]+)`", "\n".join(rows)))
    typed = {command for command in operations.commands() if command in told and " " in command}
    pages = {code for code in told if code.startswith(("/queue", "/messages")) and "<" not in code}

    assert {name for name in named - {"docs/operations.md"} if f"`{name}`" not in TEXT} == set()
    assert typed - named == set()
    assert pages - set(re.findall(r'href="([^"]+)"', page)) == set()


def test_every_command_is_typed_by_a_test_or_says_why_not() -> None:
    """A command that was never typed is one that does not work: somebody finds that out at night."""
    assert len(operations.commands()) > 35
    assert [command for command in operations.commands() if not operations.is_known(command)] == []


def test_no_command_is_typed_that_the_page_does_not_have() -> None:
    """The tables would outlive the page's text, and prove nothing of it."""
    known = {*operations.TYPED, *operations.WORKERS, *operations.ELSEWHERE}

    assert known - set(operations.commands()) == set()
