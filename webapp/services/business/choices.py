"""The list from which the time zone is chosen."""

from functools import cache
from zoneinfo import available_timezones

# The regions of the list; its other names are old ones and fixed offsets.
_REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def of(name: str, value: str) -> list[tuple[str, str]] | None:
    """Returns the values of a setting with their labels, the present one among them; None for one that is typed."""
    return [(zone, zone) for zone in sorted({*_zones(), value})] if name == "timezone" else None


@cache
def _zones() -> tuple[str, ...]:
    return ("UTC", *(zone for zone in available_timezones() if zone.partition("/")[0] in _REGIONS))
