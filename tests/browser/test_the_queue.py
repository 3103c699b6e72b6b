"""The queue page in its bad hours, at a real browser: no barrier, no breach of the policy, no false word."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Desk
from tests.browser.test_every_page import assert_fine
from tests.support.house import House

LATER = 60_000  # Milliseconds: a heartbeat must first be missed.


@pytest.fixture(scope="module")
def queue_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose broker and worker may be stopped without harm to other tests."""
    with House(tmp_path_factory.mktemp("queue"), sandbox=True, undo_seconds=0) as started:
        started.flask("seed-demo")
        yield started


@pytest.fixture(scope="module")
def cookies(browser: Browser, queue_house: House) -> Any:
    """An admin's, who signs in once."""
    ada = Desk(browser.new_context(), queue_house)
    ada.sign_in("admin")
    kept = ada.context.storage_state()
    ada.context.close()
    return kept


@pytest.fixture
def admin(browser: Browser, queue_house: House, cookies: Any) -> Iterator[Desk]:
    """At the queue page of a house that is well."""
    for process in (queue_house.valkey, queue_house.worker):
        if process.is_running:
            process.thaw()
        else:
            process.start()
    context = browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=cookies)
    ada = Desk(context, queue_house)
    expect(ada.go("/queue").locator("#figures")).to_contain_text("Online", timeout=LATER)
    yield ada
    context.close()


def test_all_well(admin: Desk) -> None:
    page = admin.page

    expect(page.locator("#queue-notice .banner.ok")).to_contain_text("All is well.")
    expect(page.locator("#house")).to_contain_text("Answers")
    assert_fine(page, admin)


@pytest.mark.parametrize("path", ["/queue/history", "/queue/log", "/queue/tests", "/queue/asks/pause"])
def test_the_pages_behind_it(admin: Desk, path: str) -> None:
    page = admin.go(path)

    expect(page.locator("main h1")).to_be_visible()
    assert_fine(page, admin)


def test_a_worker_opens_to_its_details(admin: Desk) -> None:
    page = admin.page

    page.locator("#figures").get_by_role("link", name=re.compile("notification_worker")).first.click()

    expect(page.get_by_role("heading", name="Running now")).to_be_visible()
    page.get_by_text("Stop", exact=True).click()
    expect(page.get_by_role("button", name="Stop this worker")).to_be_visible()
    assert_fine(page, admin)


def test_an_act_asks_in_a_dialog_and_does_it(admin: Desk) -> None:
    page = admin.page
    page.get_by_role("link", name="Pause everything").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Pause everything?")
    assert_fine(page, admin)

    dialog.get_by_label("Why?").fill("The numbers are being moved")
    dialog.get_by_role("button", name="Pause everything").click()

    expect(page.locator("#toasts")).to_contain_text("Paused")
    expect(page.locator("#channels")).to_contain_text("The numbers are being moved")
    expect(page.locator("#queue-notice")).to_contain_text("All channels are paused. “The numbers are being moved”")
    page.locator("#queue-notice").get_by_role("link", name="Resume everything").click()
    page.get_by_role("dialog").get_by_role("button", name="Resume everything").click()
    expect(page.locator("#channels")).not_to_contain_text("The numbers are being moved")


def test_a_test_message_is_followed_to_its_end(admin: Desk) -> None:
    page = admin.go("/queue/tests")

    page.get_by_label("Recipient").fill("+14155550277")
    page.get_by_role("button", name="Send a test").click()

    expect(page.locator(".message").first).to_contain_text("Delivered", timeout=LATER)


@pytest.mark.parametrize("how", ["frozen", "killed"])
def test_redis_away_greys_the_last_figures_under_one_banner(admin: Desk, queue_house: House, how: str) -> None:
    page = admin.page
    leave = {"frozen": queue_house.valkey.freeze, "killed": queue_house.valkey.kill}[how]
    leave()

    expect(page.locator("#queue-notice")).to_contain_text("Redis does not answer.", timeout=LATER)

    page.get_by_text("More figures").click()
    expect(page.locator(".stat.stale", has_text="Wake-up calls in Redis")).to_be_visible()
    expect(page.locator("#house")).to_contain_text("Does not answer", timeout=LATER)
    expect(page.locator(".banner:visible")).to_have_count(1)
    assert_fine(page, admin)


def test_a_frozen_worker_does_not_look_healthy(admin: Desk, queue_house: House) -> None:
    page = admin.page
    queue_house.worker.freeze()

    expect(page.locator("#figures")).to_contain_text("Not heard from for", timeout=LATER)

    expect(page.locator("#queue-notice")).to_contain_text("Nothing is being sent: no worker is running.")
    expect(page.locator("#queue-notice")).to_contain_text("python celery_worker.py")
    expect(page.locator(".badge", has_text="Online")).to_have_count(0)
    assert_fine(page, admin)


def test_a_worker_that_stops_says_so_until_it_is_gone(admin: Desk, queue_house: House) -> None:
    page = admin.page
    page.locator("#figures").get_by_role("link", name=re.compile("notification_worker")).first.click()
    page.get_by_text("Stop", exact=True).click()

    page.get_by_role("button", name="Stop this worker").click()

    expect(page.locator("#worker")).to_contain_text("asked it to stop")
    expect(page.locator("#worker")).to_contain_text("It stopped at", timeout=LATER)
    assert_fine(page, admin)
