"""A house with the sandbox and its demo rows, and people at real browsers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support import browser as chromium
from tests.support.axe import Guard, csp_guard
from tests.support.house import House
from webapp.services.accounts.demo import PASSWORD

PATIENCE_MS = 60_000
THEMES, WIDTHS = ("light", "dark"), (1440, 390)
LOOKS = [pytest.param(theme, width, id=f"{theme}-{width}") for theme in THEMES for width in WIDTHS]
EMAILS = {"front_desk": "desk", "manager": "manager", "admin": "admin"}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {"executable_path": chromium.chromium_path(), "args": chromium.ARGUMENTS}


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all browser tests: they keep to bookings of their own."""
    with House(tmp_path_factory.mktemp("desk"), sandbox=True, undo_seconds=8, sms_provider="sandbox") as started:
        started.flask("seed-demo")
        yield started


@pytest.fixture(autouse=True)
def bells() -> None:
    """Nothing stands in for the broker here."""


class Desk:
    """Somebody at a browser."""

    def __init__(self, context: BrowserContext, house: House) -> None:
        self.context, self.house = context, house
        context.set_default_timeout(PATIENCE_MS)
        self.page: Page = context.new_page()
        self.guard: Guard = csp_guard(self.page)

    def sign_in(self, role: str = "front_desk") -> Page:
        self.page.goto(f"{self.house.url}/login")
        self.page.get_by_label("E-mail").fill(f"{EMAILS[role]}@bellhop.example")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"{self.house.url}/")
        return self.page

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.house.url}{path}")
        return self.page


@pytest.fixture(scope="session")
def signed_in(browser: Browser, house: House) -> Callable[[str], Any]:
    """The cookies of somebody of a role, signed in once."""
    known: dict[str, Any] = {}

    def cookies(role: str) -> Any:
        if role not in known:
            clerk = Desk(browser.new_context(), house)
            clerk.sign_in(role)
            known[role] = clerk.context.storage_state()
            clerk.context.close()
        return known[role]

    return cookies


@pytest.fixture
def desk(browser: Browser, house: House, signed_in: Callable[[str], Any]) -> Iterator[Callable[..., Desk]]:
    """Open browsers: `desk("dark", 390, role="admin")`; further keywords are the context's."""
    contexts = []

    def open_one(theme: str = "light", width: int = 1440, *, role: str = "", **more: Any) -> Desk:
        height = 844 if width < 500 else 900
        if role:
            more["storage_state"] = signed_in(role)
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme, **more)  # type: ignore[arg-type]
        contexts.append(context)
        return Desk(context, house)

    yield open_one
    for context in contexts:
        context.close()
