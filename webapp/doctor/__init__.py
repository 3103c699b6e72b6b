"""Doctor: every line of the guide's TROUBLESHOOTING and CHECKLIST as a check with evidence and the next step."""

from collections.abc import Callable, Sequence

from webapp.doctor import habits, house, providers, queue
from webapp.doctor.base import Check, Report, Verdict

__all__ = ["ALL", "Check", "Report", "Verdict", "examine"]

ALL: tuple[Callable[[], Check], ...] = (*house.CHECKS, *queue.CHECKS, *habits.CHECKS, *providers.CHECKS)


def examine(checks: Sequence[Callable[[], Check]] = ALL) -> Report:
    """Make every check; one that fails by a fault of its own is unknown, and hides none of the others."""
    return Report(tuple(_made(check) for check in checks))


def _made(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Exception as failure:  # noqa: BLE001  # Doctor must say something in any state.
        name = check.__name__.replace("_", " ")
        detail = (str(failure).splitlines() or [""])[0]
        words = f"It could not be examined: {type(failure).__name__}: {detail}"
        return Check(name, Verdict.UNKNOWN, words.rstrip(" :"), "See to the checks that fail first; then ask again.")
