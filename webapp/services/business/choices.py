"""The lists from which some settings are chosen."""

from functools import cache
from zoneinfo import available_timezones

import phonenumbers

from webapp.i18n import reader

# The regions of the list; its other names are old ones and fixed offsets.
_REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
Options = list[tuple[str, str]]


def of(name: str, value: str) -> Options | None:
    """Returns the values of a setting with their labels, the present one among them; None for one that is typed."""
    if name == "timezone":
        return [(zone, zone) for zone in sorted({*_zones(), value})]
    if name == "default_phone_region":
        territories = reader().territories
        regions = {*phonenumbers.SUPPORTED_REGIONS, value}
        return sorted(((code, f"{territories.get(code, code)} ({code})") for code in regions), key=lambda pair: pair[1])
    return None


@cache
def _zones() -> tuple[str, ...]:
    return ("UTC", *(zone for zone in available_timezones() if zone.partition("/")[0] in _REGIONS))
