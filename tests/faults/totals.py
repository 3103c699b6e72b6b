"""How many places were made to fail, and how many false answers and double effects there were."""

from dataclasses import dataclass, field


@dataclass
class Totals:
    """The sum of a run."""

    acts: set[str] = field(default_factory=set)
    places: int = 0
    false: int = 0
    double: int = 0


kept: dict[str, Totals] = {}


def add(kind: str, act: str, *, places: int, false: int, double: int) -> None:
    """Count one act's places in; `kind` is what acted: pages and programs, the worker, a duty."""
    total = kept.setdefault(kind, Totals())
    total.acts.add(act)
    total.places += places
    total.false += false
    total.double += double


def said() -> str:
    """The sum in words; empty where nothing was tried."""
    return "\n".join(
        f"{kind}: {total.places:,} places of {len(total.acts)}: {total.false} false answers, {total.double} effects "
        f"that are not there once"
        for kind, total in kept.items()
    )
