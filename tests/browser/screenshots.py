"""Take the pictures under docs/screenshots: `python -m tests.browser.screenshots`.

A house of real processes with demo rows; nothing in the pictures is drawn by hand. Beside the few that the README
shows stands a sheet for each page, with three widths in both themes: what somebody looks at before they say it is done.
"""

import base64
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support import browser as chromium
from tests.support.house import House
from tests.support.processes import ROOT
from webapp.services.accounts.demo import PASSWORD

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
# Name, who looks, at what: a sheet each.
SHEETS = [
    ("today", "desk", "/"),
    ("bookings", "manager", "/bookings"),
    ("bulk", "desk", "/bookings/list/selection?act=confirm&all=1"),
    ("booking", "desk", "/bookings/BK-2389"),
    ("booking-failed", "desk", f"/bookings/{FAILING}"),
    ("booking-new", "desk", "/bookings/new"),
    ("booking-change", "desk", "/bookings/BK-2391/change"),
    ("payments", "desk", "/payments"),
    ("statement", "desk", "/payments/statement"),
    ("import", "desk", "/bookings/import"),
    ("board", "admin", "/messages"),
    ("board-messages", "admin", "/messages?view=messages"),
    ("failures", "admin", "/messages/failures"),
    ("figures", "manager", "/messages/figures"),
    ("queue", "admin", "/queue"),
    ("queue-history", "admin", "/queue/history"),
    ("queue-log", "admin", "/queue/log"),
    ("queue-help", "admin", "/queue/help"),
    ("doctor", "admin", "/queue/doctor"),
    ("channel-order", "admin", "/admin/fallbacks"),
    ("people", "admin", "/admin/people"),
    ("keys", "admin", "/admin/keys"),
    ("settings", "admin", "/admin/settings"),
    ("help", "desk", "/help"),
    ("texts", "admin", "/admin/texts"),
    ("text", "admin", "/admin/texts/booking_confirmed/sms/en"),
    ("audit", "admin", "/admin/audit"),
    ("account", "desk", "/account"),
    ("nothing-found", "desk", "/bookings?q=nobody"),
    ("no-permission", "desk", "/queue"),
]
LOOKS = [(theme, width) for theme in ("light", "dark") for width in (1440, 768, 390)]
SHEET_QUALITY = 60


def main() -> None:
    """Start a house, let it work for a moment, and take the pictures: all, or only the sheets that are named."""
    named = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder, House(Path(folder), sandbox=True, undo_seconds=0) as house:
        house.flask("seed-demo")
        for reference in ("BK-2390", "BK-2389", "BK-2387", "BK-2386", FAILING):
            house.confirm(reference)
        for reference in ("BK-2390", "BK-2389", "BK-2387", "BK-2386"):
            house.until_settled(reference, email="sent", sms="delivered")
        house.until_settled(FAILING, sms="failed", email="sent")
        with sync_playwright() as playwright:
            started = playwright.chromium.launch(executable_path=chromium.chromium_path(), args=chromium.ARGUMENTS)
            until_counted(started, house)
            for picture in PICTURES if not named else ():
                take(started, house, *picture)
            for name, who, path in SHEETS:
                if not named or name in named:
                    sheet(started, house, name, who, path)
            started.close()


def until_counted(started: Browser, house: House) -> None:
    """Wait until the board's figures know of the messages that were sent here."""
    context = started.new_context(storage_state=_signed_in(started, house, "manager"))
    page = context.new_page()
    page.goto(f"{house.url}/messages")
    page.get_by_text("95% within").first.wait_for(timeout=120_000)
    context.close()


def take(started: Browser, house: House, name: str, who: str, path: str, theme: str, width: int) -> None:
    """One picture for the README."""
    (FOLDER / f"{name}.png").write_bytes(_shot(started, house, who, path, theme, width))
    print(f"docs/screenshots/{name}.png")


def sheet(started: Browser, house: House, name: str, who: str, path: str) -> None:
    """A page at three widths in both themes, side by side."""
    shots = [base64.b64encode(_shot(started, house, who, path, *look)).decode() for look in LOOKS]
    images = "".join(
        f'<img style="width:{width // 2}px" src="data:image/png;base64,{shot}">'
        for (_, width), shot in zip(LOOKS, shots, strict=True)
    )
    page = started.new_page(viewport={"width": 1340, "height": 600})
    page.set_content(f'<body style="margin:8px;background:#999;display:flex;flex-wrap:wrap;gap:8px">{images}')
    page.wait_for_load_state("networkidle")
    folder = FOLDER / "pages"
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=SHEET_QUALITY, full_page=True)
    page.close()
    print(f"docs/screenshots/pages/{name}.jpg")


def _shot(started: Browser, house: House, who: str, path: str, theme: str, width: int) -> bytes:
    """What somebody sees, in a browser of its own."""
    size = {"width": width, "height": 844 if width < 500 else 900}
    context = started.new_context(
        viewport=size,  # type: ignore[arg-type]
        color_scheme=theme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        storage_state=_signed_in(started, house, who),
    )
    page: Page = context.new_page()
    page.goto(f"{house.url}{path}")
    page.evaluate("() => document.fonts.ready")
    page.wait_for_load_state("networkidle")
    shown = page.screenshot()
    context.close()
    return shown


def _signed_in(started: Browser, house: House, who: str) -> Any:
    """The cookies of somebody, signed in once: attempts to sign in are limited."""
    if who not in _known:
        context = started.new_context()
        page = context.new_page()
        page.goto(f"{house.url}/login")
        page.get_by_label("E-mail").fill(f"{who}@bellhop.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{house.url}/")
        _known[who] = context.storage_state()
        context.close()
    return _known[who]


_known: dict[str, Any] = {}


if __name__ == "__main__":
    main()
