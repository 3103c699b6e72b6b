"""Chromium is found, axe finds what is wrong with a page, and the guard hears what a page complains of."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from tests.support import axe, browser

# pytest-playwright 0.10.0 still defines its fixtures in a way that pytest 9.2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:Session-scoped fixtures defined as:pytest.PytestRemovedIn10Warning")

POLICY = "default-src 'none'; script-src 'self'"
GOOD = "<!doctype html><html lang=en><title>Desk</title><main><h1>Desk</h1><p>Well.</p></main></html>"
BAD = "<!doctype html><html lang=en><title>Desk</title><main><h1>Desk</h1><img src=data:,></main></html>"
NOISY = f"{GOOD}<script>alert(1)</script>"


def show(page: Page, html: str) -> None:
    def answer(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    page.route("**/*", answer)
    page.goto("http://127.0.0.1:9/page")


def test_a_good_page_passes_under_a_strict_policy(page: Page) -> None:
    show(page, GOOD)

    assert axe.audit(page) == []


def test_a_picture_without_words_is_named(page: Page) -> None:
    show(page, BAD)

    [complaint] = axe.audit(page)
    assert complaint.startswith("critical: image-alt: ")
    assert "at img" in complaint


def test_the_guard_hears_a_violation_of_the_policy(page: Page) -> None:
    guard = axe.csp_guard(page)
    show(page, NOISY)
    page.wait_for_function("() => document.readyState === 'complete'")

    assert any("script-src" in text for text in guard.found)
    with pytest.raises(AssertionError, match="the page complained"):
        guard.assert_clean(ignoring=["favicon"])


def test_a_browser_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mine = tmp_path / "my-chromium"
    mine.touch(mode=0o755)
    monkeypatch.setenv("CHROMIUM", str(mine))

    assert browser.chromium_path() == str(mine)


def test_without_a_browser_the_line_that_installs_it_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    monkeypatch.setattr(browser, "_may_install", lambda: False)

    assert browser.main() == 1
    assert "apt-get install -y chromium" in capsys.readouterr().err
