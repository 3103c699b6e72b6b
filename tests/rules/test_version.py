"""One version, wherever it is asked for."""

import tomllib

from flask import Flask

from tests.conftest import Browser
from webapp import VERSION
from webapp.doctor import house
from webapp.monitor import metrics
from webapp.settings import ROOT


def test_the_project_and_the_code_say_one_version() -> None:
    """What is packaged, and what runs, must not differ."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["version"] == VERSION
    assert project["requires-python"] == ">=3.11"


def test_the_version_is_shown_to_whoever_asks(app: Flask, front_desk: Browser) -> None:
    """An admin who reports a fault, and a program that watches, need no shell to find it."""
    assert front_desk.get("/healthz").json == {"status": "ok", "version": VERSION}
    assert f"Bellhop {VERSION}" in front_desk.get("/account").text
    assert f'bellhop_info{{version="{VERSION}"}} 1.0' in metrics.exposition().decode()
    assert VERSION in house.parts().evidence
