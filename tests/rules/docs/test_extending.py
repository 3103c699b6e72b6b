"""docs/extending.md and docs/architecture.md can be followed: what they name exists, and nothing is missing."""

import importlib
import pkgutil
import re
import typing
from pathlib import Path

import pytest
from flask import Flask

from webapp import duties, words
from webapp.channels.registry import PROVIDERS
from webapp.extensions import db
from webapp.models import ChannelName
from webapp.settings import ROOT, Settings

PAGE = (ROOT / "docs" / "extending.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
QUOTED = sorted(set(re.findall(r"`([^`\s]+)`", PAGE + ARCHITECTURE)))
PATHS = [word for word in QUOTED if "/" in word and not word.startswith("/")]
NAMES = [word for word in QUOTED if re.fullmatch(r"(webapp|tasks)(\.\w+)+", word)]


def resolve(dotted: str) -> object:
    """The module, or the member of one, that a dotted name means."""
    parts = dotted.split(".")
    found: object = importlib.import_module(parts[0])
    for number, part in enumerate(parts[1:], start=2):
        found = getattr(found, part, None) or importlib.import_module(".".join(parts[:number]))
    return found


@pytest.mark.parametrize("path", PATHS)
def test_every_path_exists(path: str) -> None:
    """A path that moved sends a newcomer searching, on the very page that should spare it."""
    assert list(ROOT.glob(re.sub(r"<\w+>", "*", path).rstrip("/")))


@pytest.mark.parametrize("name", NAMES)
def test_every_name_can_be_imported(name: str) -> None:
    """The same for a name: a renamed function fails here and not in somebody's hands."""
    assert resolve(name) is not None


def test_the_page_names_things() -> None:
    """Were the page rewritten in another form, the tests above would check nothing."""
    assert len(PATHS) > 20
    assert len(NAMES) > 15


def test_a_channel_touches_few_files() -> None:
    """Each file more is one that somebody forgets; which files these are, the rules in test_channels keep true."""
    table = PAGE.split("## A channel:")[1].split("## ")[0]

    assert len(re.findall(r"^\| `webapp/", table, re.MULTILINE)) <= 6


def test_every_room_and_table_is_on_the_map(app: Flask) -> None:
    """Whoever comes new looks at docs/architecture.md first."""
    rooms = {path.stem for path in (ROOT / "webapp" / "services").iterdir()} - {"__init__", "__pycache__"}
    named = set(re.findall(r"`(\w+)`", ARCHITECTURE))

    assert rooms | db.metadata.tables.keys() <= named


def test_every_duty_is_done() -> None:
    """A duty whose line was forgotten is never run, and nothing says so."""
    files = [importlib.import_module(f"webapp.duties.{found.name}") for found in pkgutil.iter_modules(duties.__path__)]

    written = {module.run for module in files if hasattr(module, "run")}

    assert written <= {duty.run for duty in (*duties.ALL, *duties.OF_WEB)}


@pytest.mark.parametrize("channel", ChannelName)
def test_every_channel_has_its_settings(channel: ChannelName) -> None:
    """They are found by the channel's name: a missing one is an error at the first claim."""
    named = typing.get_args(Settings.model_fields[f"{channel}_provider"].annotation)

    assert f"{channel}_per_second" in Settings.model_fields
    assert set(named) - {""} <= PROVIDERS.keys()
    assert set(named) - {""} <= words.PROVIDER.keys()


@pytest.mark.parametrize("channel", ChannelName)
def test_an_unset_channel_is_named_in_the_refusal(channel: ChannelName, tmp_path: Path) -> None:
    """Web and worker refuse to start with a provider whose credentials are missing, on each channel."""
    real = "smtp" if channel is ChannelName.EMAIL else "twilio"
    bare = {"_env_file": None, "data_dir": tmp_path, "secret_key": "x", "twilio_auth_token": "", "mail_server": ""}

    problems = Settings(**bare, **{f"{channel}_provider": real}).problems()

    assert any(f"{channel.upper()}_PROVIDER" in problem for problem in problems)
