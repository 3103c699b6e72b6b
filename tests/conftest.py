"""What most tests need: an app with a fresh, migrated database, people signed in, and a scripted provider."""

import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flask_migrate
import hypothesis
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache

from tests import factories
from tests.support.scripted import Post, a_post
from tests.support.servers import Postgres
from webapp import create_app, security
from webapp.extensions import db, limiter
from webapp.models import Role
from webapp.monitor import shared
from webapp.services.delivery.worker_slots import InHand, in_hand
from webapp.services.messages import bell
from webapp.settings import Settings

# Live channels that nothing may reach: a test that speaks to one by mistake is refused at once.
TWILIO = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": "token", "twilio_sms_from": "+15005550006",
          "twilio_whatsapp_from": "+15005550006", "twilio_api_url": "http://127.0.0.1:9"}  # fmt: skip
DEFAULTS: dict[str, Any] = {
    "secret_key": "of the tests", "redis_url": "redis://127.0.0.1:9/0", "mail_server": "127.0.0.1",
    "mail_default_sender": "desk@bellhop.example", "public_url": "https://desk.example", "log_level": "ERROR",
    **TWILIO,
}  # fmt: skip

# The machine is shared and noisy: an example that took long says nothing of the code.
hypothesis.settings.register_profile("bellhop", deadline=None)
hypothesis.settings.load_profile("bellhop")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the chaos tests the long way")
    parser.addoption("--parts", action="store_true", help="run tests/parts, on what `make parts` has fetched")
    parser.addoption("--record", action="store_true", help="write what the chaos tests proved to docs/reliability.md")
    parser.addoption("--seed", type=int, help="the seed of all chance in the chaos tests; by default a new one")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.seed is None:
        config.option.seed = random.SystemRandom().randrange(2**32)


def pytest_report_header(config: pytest.Config) -> str:
    return f"chaos: --seed={config.option.seed}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        both = any(metafunc.definition.iter_markers("both_databases"))
        metafunc.parametrize("database_url", ["sqlite", "postgresql"] if both else ["sqlite"], indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One real PostgreSQL for the whole session."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: the migrations themselves, once."""
    path = tmp_path_factory.mktemp("migrated") / "bellhop.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgres: Postgres) -> str:
    """The name of a migrated database to copy."""
    _migrate(postgres.create_database("migrated"))
    return "migrated"


def _migrate(url: str) -> None:
    app = create_app(Settings(_env_file=None, **(DEFAULTS | {"database_url": url})))
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database: a copy of the migrated one."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "bellhop.db")
        return f"sqlite:///{tmp_path / 'bellhop.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create_database("test", template=request.getfixturevalue("migrated_postgresql"))


@pytest.fixture
def settings(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Settings:
    """The settings of the test's app; `@pytest.mark.settings(undo_seconds=0)` changes some."""
    given = {"database_url": database_url, "data_dir": tmp_path}
    for mark in reversed(list(request.node.iter_markers("settings"))):
        given |= mark.kwargs
    return Settings(_env_file=None, **(DEFAULTS | given))


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Each test has an app of its own; compiling the same templates for each would take most of the time."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: Settings, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    """An app with its context pushed, so that services can be called."""
    made = create_app(settings)
    made.jinja_env.bytecode_cache = compiled_templates
    limiter.enabled = False
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()
    limiter.enabled = True


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> None:
    """Hashing a password is slow on purpose; hundreds of tests sign somebody in."""
    security._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    security._NOBODY = security._hasher.hash("nobody has this password")


@pytest.fixture
def answers_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """What pages share for a second is kept until it is forgotten: on a slow machine too each look asks the same."""
    monkeypatch.setattr(shared, "clock", SimpleNamespace(monotonic=lambda: 0.0))


@pytest.fixture(autouse=True)
def bells(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lanes that were rung for, in place of a broker; end-to-end tests have a real one in other processes."""
    rung: list[int] = []
    monkeypatch.setattr(bell.celery, "send_task", lambda name, args, **_: rung.append(args[0]))
    bell.breaker.reset()
    in_hand.reset()
    in_hand.slots = InHand.slots
    return rung


@pytest.fixture
def post(app: Flask) -> Post:
    """Scripted providers in place of the real ones."""
    made = a_post()
    app.extensions["channels"] = made.channels()
    return made


class Browser(FlaskClient):
    """A client that sends the CSRF token as the page's script does."""

    csrf_token = ""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Each request in a context of its own, as in real life: the test's own must not lend it a user."""
        with self.application.app_context():
            return super().open(*args, **kwargs)

    def act(self, url: str, *, htmx: bool = True, **fields: Any) -> Any:
        """Post a form, with the token; as HTMX does unless told otherwise."""
        headers = {"HX-Request": "true"} if htmx else {}
        if not self.csrf_token:
            page = self.get("/login", follow_redirects=True).text
            found = re.search(r'name="csrf-token" content="([^"]+)"', page)
            self.csrf_token = found.group(1) if found else ""
        return self.post(url, data={"csrf_token": self.csrf_token, **fields}, headers=headers)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    app.test_client_class = Browser
    return app.test_client()


def _signed_in(app: Flask, role: Role) -> Browser:
    app.test_client_class = Browser
    user = factories.a_user(role)
    browser: Browser = app.test_client()  # type: ignore[assignment]
    answer = browser.act("/login", htmx=False, email=user.email, password=factories.PASSWORD)
    assert answer.status_code == 303, answer.text
    browser.csrf_token = ""  # The session is a new one.
    browser.user = user  # type: ignore[attr-defined]
    return browser


@pytest.fixture
def front_desk(app: Flask) -> Browser:
    """Somebody of the front desk, signed in."""
    return _signed_in(app, Role.FRONT_DESK)


@pytest.fixture
def manager(app: Flask) -> Browser:
    """A manager, signed in."""
    return _signed_in(app, Role.MANAGER)


@pytest.fixture
def admin(app: Flask) -> Browser:
    """An admin, signed in."""
    return _signed_in(app, Role.ADMIN)
