"""Take the pictures under docs/screenshots: `python -m tests.browser.screenshots`.

A house of real processes with demo rows; nothing in the pictures is drawn by hand.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support import browser as chromium
from tests.support.house import House
from tests.support.processes import ROOT
from webapp.services.demo import PASSWORD

FOLDER = ROOT / "docs" / "screenshots"
FAILING = "BK-2384"  # Its number is one that the sandbox refuses.
# Name, who looks, at what, in which theme, how wide.
PICTURES = [
    ("booking", "desk", "/bookings/BK-2389", "light", 1280),
    ("bookings", "desk", "/bookings", "light", 1440),
    ("bookings-dark", "desk", "/bookings", "dark", 1440),
    ("bookings-phone", "desk", "/bookings", "light", 390),
    ("message-failed", "desk", f"/bookings/{FAILING}", "light", 1280),
    ("board", "manager", "/messages", "light", 1440),
    ("queue-dark", "admin", "/queue", "dark", 1440),
]


def main() -> None:
    """Start a house, let it work for a moment, and take the pictures."""
    with tempfile.TemporaryDirectory() as folder, House(Path(folder), sandbox=True, undo_seconds=0) as house:
        house.flask("seed-demo")
        for reference in ("BK-2390", "BK-2389", "BK-2387", "BK-2386", FAILING):
            house.confirm(reference)
        for reference in ("BK-2390", "BK-2389", "BK-2387", "BK-2386"):
            house.until_settled(reference, email="sent", sms="delivered")
        house.until_settled(FAILING, sms="failed", email="sent")
        with sync_playwright() as playwright:
            started = playwright.chromium.launch(executable_path=chromium.chromium_path(), args=chromium.ARGUMENTS)
            for picture in PICTURES:
                take(started, house, *picture)
            started.close()


def take(started: Browser, house: House, name: str, who: str, path: str, theme: str, width: int) -> None:
    """One picture, in a browser of its own."""
    size = {"width": width, "height": 844 if width < 500 else 900}
    context = started.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page: Page = context.new_page()
    page.goto(f"{house.url}/login")
    page.get_by_label("E-mail").fill(f"{who}@bellhop.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.goto(f"{house.url}{path}")
    page.evaluate("() => document.fonts.ready")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()
    print(f"docs/screenshots/{name}.png")


if __name__ == "__main__":
    main()
