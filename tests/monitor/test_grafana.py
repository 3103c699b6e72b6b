"""The dashboard and the rules in deploy/ speak of figures that exist: a panel of a misspelled one is empty for ever."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.doctor.test_doctor import FIGURES, a_worker
from webapp import clock
from webapp.monitor import metrics
from webapp.monitor.queue import queue_view
from webapp.monitor.redis.minutes import Minute
from webapp.settings import ROOT

DASHBOARD = ROOT / "deploy" / "grafana" / "bellhop.json"
RULES = ROOT / "deploy" / "prometheus" / "bellhop.rules.yml"
SCRAPE = ROOT / "deploy" / "prometheus" / "scrape.yml"
NAME = re.compile(r"\bbellhop_[a-z_]+")


def expressions() -> list[str]:
    """What every panel and every rule asks for."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    rules = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])] + [
        rule["expr"] for rule in rules
    ]


@pytest.fixture
def exposed(app: Any, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of all figures, in a house where everything is known."""
    a_worker()
    minute = Minute(start=clock.now(), waiting=1, running=1, sent=1, failed=0)
    view = replace(
        queue_view(), broker=FIGURES, broker_up=True, bells=1, unacked=1, snapshot_age=1.0, minutes=(minute,)
    )
    monkeypatch.setattr(metrics, "queue_view", lambda: view)
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {sample.name for family in families for sample in family.samples}


def test_every_figure_that_is_asked_for_is_exposed(exposed: set[str]) -> None:
    asked = {name for expression in expressions() for name in NAME.findall(expression)}

    assert asked - exposed == set() and len(asked) > 15


def test_every_figure_has_a_panel(exposed: set[str]) -> None:
    shown = set(NAME.findall(DASHBOARD.read_text()))

    assert exposed - shown == {"bellhop_info"}  # The version is no figure.


def test_panels_and_rules_are_whole() -> None:
    board, rules = json.loads(DASHBOARD.read_text()), yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    panels = board["panels"]

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] and (panel["type"] == "row" or panel["description"]) for panel in panels)
    assert {panel["datasource"]["uid"] for panel in panels if panel["type"] != "row"} == {"${datasource}"}
    assert all(rule["annotations"].keys() == {"summary", "description"} and rule["labels"] for rule in rules)
    assert yaml.safe_load(SCRAPE.read_text())["rule_files"] == [RULES.name]


def test_panels_do_not_lie_on_each_other() -> None:
    cells: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        place = panel["gridPos"]
        mine = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert place["x"] + place["w"] <= 24 and not mine & cells, panel["title"]
        cells |= mine
