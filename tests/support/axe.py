"""Looking at a page with axe-core and a rule, and watching its console and its Content-Security-Policy."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page

SOURCE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# `evaluate` has no deadline of its own.
RUN = """tags => Promise.race([
    axe.run(document, {runOnly: tags, resultTypes: ['violations']}),
    new Promise((_, fail) => setTimeout(() => fail(new Error('axe has not answered for 60 s')), 60000))])"""
SMALLEST, ON_BUTTONS = 12.5, 14.0
# Text that somebody can see, with its size; what is kept for screen readers alone is one pixel wide.
_SMALL = """([smallest, onButtons]) => {
    const found = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        const holder = text.parentElement;
        if (!text.textContent.trim() || !holder.checkVisibility({ visibilityProperty: true })) continue;
        if (holder.closest('.vh, svg, noscript, option')) continue;
        const size = parseFloat(getComputedStyle(holder).fontSize);
        const least = holder.closest('button, .btn') && !holder.closest('kbd') ? onButtons : smallest;
        if (size < least - 0.01) found.push(`${size} px: ${text.textContent.trim().slice(0, 40)}`);
    }
    return found;
}"""
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@cache
def _source(path: Path) -> str:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: run `npm ci` in the repository's root.")
    return path.read_text()


def audit(page: Page, *, tags: Iterable[str] = TAGS, source: Path | None = None) -> list[str]:
    """Return axe's complaints about a page as it stands, one readable line a rule; an empty list is good.

    axe runs by `evaluate`, outside the page's policy; a script tag would be refused.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source(source or SOURCE))
    results = page.evaluate(RUN, list(tags))
    return [_line(violation) for violation in results["violations"]]


def _line(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    places = ", ".join(" ".join(map(str, node["target"])) for node in nodes[:5])
    more = f" and {len(nodes) - 5} more" if len(nodes) > 5 else ""
    why = " ".join((nodes[0].get("failureSummary") or "").split()) if nodes else ""
    return f"{violation['impact']}: {violation['id']}: {violation['help']}, at {places}{more}. {why}"


def small_words(page: Page) -> list[str]:
    """Returns the words that are too small to be read at a desk, with their size."""
    found: list[str] = page.evaluate(_SMALL, [SMALLEST, ON_BUTTONS])
    return found


def overflow(page: Page) -> int:
    """Returns by how many pixels the page is wider than its window."""
    wider: int = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    return max(0, wider)


@dataclass
class Guard:
    """What a page complained of since it was watched."""

    found: list[str] = field(default_factory=list)

    def assert_clean(self, *, ignoring: Iterable[str] = ()) -> None:
        """Fail where there was a complaint that contains none of the texts in `ignoring`."""
        ignored = tuple(ignoring)
        left = [text for text in self.found if not any(part in text for part in ignored)]
        assert not left, "the page complained: " + "; ".join(left)


def csp_guard(page: Page) -> Guard:
    """Watch a page, before it goes anywhere, for policy violations, console errors and uncaught errors."""
    guard = Guard()

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            guard.found.append(f"console: {message.text} ({message.location.get('url', '')})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: guard.found.append(f"uncaught: {error}"))
    page.expose_function("__reportViolation", lambda text: guard.found.append(f"policy: {text}"))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => window.__reportViolation("
        "`${e.effectiveDirective} refused ${e.blockedURI || 'inline'} at ${e.sourceFile}:${e.lineNumber} ${e.sample}`))"
    )
    return guard
