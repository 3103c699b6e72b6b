"""How many parts an SMS takes, by the rules of 3GPP TS 23.038 and 23.040: providers charge for each part.

A text of GSM-7 letters only has 160 in one part, else 153 a part; its escaped letters count as two. One letter outside
that alphabet makes the whole text UCS-2: 70 units in one part, else 67 a part. Neither an escaped letter nor a
surrogate pair is cut in two, so a part may stay one short.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from webapp import money
from webapp.i18n import reader
from webapp.settings import current

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED = frozenset("\f^{}\\[~]|€")
GSM, UCS = "GSM-7", "UCS-2"
ROOM = {GSM: (160, 153), UCS: (70, 67)}  # In one part alone, and in each of several.


@dataclass(frozen=True)
class Segments:
    """How long a text is: its alphabet, its length in units of that, its parts, and the letters that force UCS-2."""

    alphabet: str
    units: int
    parts: int
    left: int  # Units until one more part is needed.
    forcing: tuple[str, ...] = ()


def count(text: str) -> Segments:
    """Count a text as it is sent."""
    forcing = tuple(dict.fromkeys(letter for letter in text if letter not in BASIC and letter not in ESCAPED))
    alphabet = UCS if forcing else GSM
    sizes = [_size(letter, alphabet) for letter in text]
    alone, each = ROOM[alphabet]
    if sum(sizes) <= alone:
        return Segments(alphabet, sum(sizes), 1 if sizes else 0, alone - sum(sizes), forcing)
    parts, last = _parts(sizes, each)
    return Segments(alphabet, sum(sizes), parts, each - last, forcing)


def cost(parts: int) -> str:
    """Returns what so many parts cost, with the currency; an empty text if no price is set."""
    price = current().sms_part_price
    return money.about(parts * price, current().sms_price_currency, reader().language, finest=4) if price else ""


def _size(letter: str, alphabet: str) -> int:
    if alphabet == GSM:
        return 2 if letter in ESCAPED else 1
    return 2 if ord(letter) > 0xFFFF else 1


def _parts(sizes: Iterable[int], each: int) -> tuple[int, int]:
    """Returns how many parts there are, and how full the last one is."""
    parts, full = 1, 0
    for size in sizes:
        if full + size > each:
            parts, full = parts + 1, 0
        full += size
    return parts, full
