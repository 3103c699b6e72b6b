"""The result of a check, and the report of all."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from webapp import words
from webapp.i18n import gettext, ngettext
from webapp.words import Word


class Verdict(StrEnum):
    """The result of a check. "unknown" means that it could not look."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """A check's verdict, its evidence, and what to do next ("" if all is well)."""

    name: str
    verdict: Verdict
    evidence: str
    next: str = ""

    @property
    def label(self) -> str:
        """What was examined, in the language of the reader."""
        return words.CHECK.get(self.name, Word(self.name.capitalize())).label


@dataclass(frozen=True)
class Report:
    """All checks: what is broken first, then what to look at, then what is well; each in the order of `ALL`."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing fails."""
        return all(check.verdict is not Verdict.FAIL for check in self.checks)

    def count(self, verdict: Verdict) -> int:
        """Returns the number of checks with a verdict."""
        return sum(check.verdict == verdict for check in self.checks)

    @property
    def summary(self) -> str:
        """How things stand, in a sentence."""
        broken, odd = self.count(Verdict.FAIL), self.count(Verdict.WARN) + self.count(Verdict.UNKNOWN)
        looks = ngettext("%(num)s more should be looked at.", "%(num)s more should be looked at.", odd) if odd else ""
        if broken:
            stop = ngettext("%(num)s check fails: mend this first.", "%(num)s checks fail: mend these first.", broken)
            return f"{stop} {looks}".strip()
        if odd:
            return ngettext(
                "Nothing is broken. %(num)s check should be looked at.",
                "Nothing is broken. %(num)s checks should be looked at.",
                odd,
            )
        return gettext("All is well: messages can go out.")

    def as_json(self) -> dict[str, Any]:
        """Returns the shape that scripts rely on."""
        return {"ok": self.ok, "checks": [asdict(check) for check in self.checks]}


def ok(name: str, evidence: str) -> Check:
    return Check(name, Verdict.OK, evidence)


def warn(name: str, evidence: str, next: str) -> Check:  # noqa: A002  # The name in the report.
    return Check(name, Verdict.WARN, evidence, next)


def fail(name: str, evidence: str, next: str) -> Check:  # noqa: A002
    return Check(name, Verdict.FAIL, evidence, next)


def unknown(name: str, evidence: str, next: str = "") -> Check:  # noqa: A002
    return Check(name, Verdict.UNKNOWN, evidence, next)
