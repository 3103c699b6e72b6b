"""The figures as they are fetched: small, unchanged where nothing changed, and readable as numbers."""

import gzip
import re
from datetime import timedelta

import pytest

from tests.conftest import Browser
from tests.services.figures.test_rollup import an_hour_ago, due, moment
from webapp.database import writing
from webapp.extensions import db
from webapp.models import ChannelName, HourTally, MessageStatus
from webapp.services.figures import charts as figure_charts
from webapp.services.figures import current as current_figures
from webapp.services.figures import rollup


@pytest.fixture(autouse=True)
def looked_afresh(app: object) -> None:
    current_figures.forget()
    figure_charts.forget()


def test_the_board_begins_with_the_figures_and_links_to_their_charts(manager: Browser) -> None:
    page = manager.get("/messages").text

    assert page.index("Sent within 10 s") < page.index("No messages yet")
    assert 'href="/messages/figures"' in page


def test_a_poll_that_brings_nothing_new_is_304_and_any_poll_is_small(manager: Browser) -> None:
    due(an_hour_ago(2))
    rollup.fill()

    first = manager.get("/messages/figures/now")
    again = manager.get("/messages/figures/now", headers={"If-None-Match": first.headers["ETag"]})

    assert first.status_code == 200 and len(first.data) <= 3000
    assert (again.status_code, again.data) == (304, b"")


def test_the_page_has_each_chart_with_its_numbers_as_a_table(manager: Browser) -> None:
    due(an_hour_ago(2), MessageStatus.DELIVERED)
    due(an_hour_ago(2), MessageStatus.SENT, channel=ChannelName.EMAIL)
    rollup.fill()

    page = manager.get("/messages/figures").text

    assert page.count('<figure class="chart"') == 8
    assert page.count("<summary>Numbers</summary>") == 8
    assert "Booking confirmed" in page and 'href="/messages"' in page
    assert len(gzip.compress(page.encode())) <= 10_000


@pytest.mark.both_databases
def test_before_anything_was_counted_the_page_says_so(manager: Browser) -> None:
    page = manager.get("/messages/figures").text

    assert page.count("unknown") >= 5
    assert page.count("No figures for this time yet.") == 8
    assert page.count("Nothing of this time was counted yet.") == 2


def test_old_figures_say_since_when_they_are_old(manager: Browser) -> None:
    rollup.recount()
    with writing():
        db.session.query(HourTally).update({"taken_at": moment() - timedelta(hours=1)})

    page = manager.get("/messages/figures/now").text

    assert re.search(r"Counted last at .*no worker has counted", page, re.DOTALL)
