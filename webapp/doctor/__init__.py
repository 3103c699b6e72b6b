"""Doctor checks everything that messages need. Each check shows its evidence and the next step."""

from collections.abc import Callable, Sequence

from webapp.doctor import habits, house, providers, queue
from webapp.doctor.base import Check, Report, Verdict
from webapp.i18n import gettext

__all__ = ["ALL", "Check", "Report", "Verdict", "examine"]

ALL: tuple[Callable[[], Check], ...] = (*house.CHECKS, *queue.CHECKS, *habits.CHECKS, *providers.CHECKS)


_URGENCY = (Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN, Verdict.OK)


def examine(checks: Sequence[Callable[[], Check]] = ALL) -> Report:
    """Make every check. A check that raises an error is "unknown", and the others go on."""
    return Report(tuple(sorted(map(_made, checks), key=lambda check: _URGENCY.index(check.verdict))))


def _made(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Exception as error:  # noqa: BLE001  # Doctor must report in any state.
        detail = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}".rstrip(" :")
        evidence = gettext("This check could not be made: %(detail)s", detail=detail)
        step = gettext("Solve the checks that fail first, then ask again.")
        return Check(check.__name__.replace("_", " "), Verdict.UNKNOWN, evidence, step)
