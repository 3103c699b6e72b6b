"""What stands in deploy/ in more than one place says the same, and what the docs do not promise is not promised."""

import re
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import pytest

from webapp.settings import ROOT

COMPOSE = (ROOT / "deploy" / "compose.yaml").read_text()


def _settings(name: str, pattern: str) -> dict[str, str]:
    text = (ROOT / "deploy" / name).read_text()
    return {key: value.strip("'\"") for key, value in re.findall(pattern, text, re.MULTILINE)}


def test_the_broker_of_compose_has_the_settings_of_redis_conf() -> None:
    """A file that only its owner may read cannot be mounted, so that they are written out there."""
    written = dict(re.findall(r'--([a-z-]+), "?([^",\]]*)"?', COMPOSE))
    wanted = _settings("redis.conf", r"^([a-z-]+) (\S+)$")

    assert len(wanted) >= 5
    assert {name: written.get(name) for name in wanted if name != "timeout"} == {
        name: value
        for name, value in wanted.items()
        if name != "timeout"  # 0 is Redis's own default.
    }


def test_the_database_of_compose_has_the_settings_of_postgres_conf() -> None:
    """The same for PostgreSQL; its image listens to all addresses by itself."""
    written = dict(re.findall(r"-c, ([a-z_]+)=([^,\]]+)", COMPOSE))
    wanted = _settings("postgres.conf", r"^([a-z_]+) = (\S+)$")

    assert len(wanted) >= 10
    assert written == {name: value for name, value in wanted.items() if name != "listen_addresses"}


def test_compose_mounts_no_file_of_the_clone() -> None:
    assert not re.search(r"^\s*- \./", COMPOSE, re.MULTILINE)


@pytest.mark.parametrize("path", [".env.example", "docs/operations.md", "README.md"])
def test_sentinel_is_not_promised(path: str) -> None:
    """It has its place later; its URL is refused in a sentence until then."""
    text = (ROOT / path).read_text()

    assert "sentinel://" not in text
    assert all("not supported" in line for line in text.splitlines() if "Sentinel" in line)


def _is_sent(path: str) -> bool:
    """Docker's rule: of the lines that fit a file or a folder above it, the last decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if not pattern or pattern.startswith("#"):
            continue
        parts = PurePosixPath(path).parts
        above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        loose = pattern.removeprefix("**/")
        names = [part.rpartition("/")[2] for part in above] if loose != pattern else above
        if any(fnmatch(name, loose) and name.count("/") == loose.count("/") for name in names):
            sent = line.startswith("!")
    return sent


@pytest.mark.parametrize("path", [
    ".env", ".git/config", "data/bellhop.db", "data/secret.key", "node_modules/x/index.js", ".venv/bin/python",
    "tests/conftest.py",
    "docs/architecture.md", "deploy/compose.yaml", "webapp/.env", "webapp/__pycache__/x.pyc", "copy.db", ".parts/x",
    "deploy/launcher/guard.py",
])  # fmt: skip
def test_the_daemon_never_sees(path: str) -> None:
    assert not _is_sent(path)


@pytest.mark.parametrize("path", [
    "requirements.txt", "wsgi.py", "webapp/models/bookings/booking.py", "templates/base.html", "static/css/tokens.css",
    "docs/operations.md", "deploy/gunicorn.conf.py", "webapp/migrations/versions/0001_lay_the_first_tables.py",
])  # fmt: skip
def test_the_daemon_sees_what_the_image_needs(path: str) -> None:
    assert _is_sent(path)


def test_the_image_is_sent_no_secret_and_all_that_it_copies() -> None:
    """Everything is kept back but what is named; each COPY must find its source all the same."""
    kept = (ROOT / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)

    assert kept[1] == "*"
    for source in " ".join(copied).split():
        assert Path(ROOT / source).exists()
        assert f"!{source}" in kept, source
