"""A Redis that takes connections and never answers: no page waits longer than two seconds for it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.network.black_hole import BlackHole
from webapp.monitor import queue
from webapp.settings import Settings

AT_MOST = 2 * 3  # The promise is two seconds; a busy machine gets three times that.
PAGES = (
    "/queue",
    "/queue/state",
    "/queue/figures",
    "/queue/house",
    "/queue/history",
    "/queue/asks/bells",
    "/metrics",
    "/readyz",
)


@pytest.fixture
def settings(settings: Settings) -> Iterator[Settings]:
    """The usual settings with a broker that says nothing."""
    with BlackHole() as hole:
        yield settings.model_copy(update={"redis_url": hole.url})


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_though_redis_never_does(admin: Any, path: str) -> None:
    queue.of_app().forget()
    begun = time.monotonic()

    answer = admin.get(path)

    assert answer.status_code == 200
    assert time.monotonic() - begun < AT_MOST


def test_the_page_says_that_redis_does_not_answer(admin: Any) -> None:
    page = admin.get("/queue").text

    assert page.count("Redis does not answer") == 1
    assert page.count('class="banner bad"') - page.count('id="net-error"') == 1


def test_an_act_on_redis_is_refused_in_words(admin: Any) -> None:
    begun = time.monotonic()

    answer = admin.act("/queue/reply-keys/removal")

    assert answer.status_code == 409
    assert "Redis does not answer." in answer.text
    assert time.monotonic() - begun < AT_MOST
