"""Removing the invisible characters from what people type.

Unicode's format characters can turn the rest of a line around (U+202E), make one SMS two (U+200B) or hide text (tags).
All are removed except those that shape what is seen: joiners within scripts that join and within emoji, and selectors
behind the character that they select. The reasons: https://www.unicode.org/reports/tr36/ and
https://www.unicode.org/reports/tr51/.
"""

import re
import unicodedata

from webapp.i18n import gettext, number

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
RIGHT_TO_LEFT = ("ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku", "ps", "sd", "ug", "ur", "yi")
_STRONG = {"L": "LTR", "R": "RTL", "AL": "RTL"}
_JOINERS = "\u200c\u200d"
_BLACK_FLAG = "\U0001f3f4"
# They end lines in headers or move a terminal's cursor: each becomes a space.
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Characters that look blank, though Unicode calls them letters, marks or symbols; and code points without a character.
_BLANKS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
# Format characters that are seen: number signs of Arabic, Syriac and Kaithi.
_SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# Scripts whose letters change with a joiner: Arabic and Syriac to Mongolian, and the Indic ones between.
_JOINING = ((0x600, 0x109F), (0x1780, 0x18AF), (0x1B00, 0x1CFF), (0xA840, 0xABFF), (0x11000, 0x11FFF))
_PICTURES = ((0x2190, 0x2BFF), (0x3030, 0x303D), (0x3297, 0x3299), (0x1F000, 0x1FAFF))
_CJK = ((0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


def one_line(text: str) -> str:
    """Returns a text on one line, in Unicode's composed form; markup, emoji and all scripts stay as they are."""
    return " ".join(_visible(_BREAKS.sub(" ", text)).split())


def paragraph(text: str, longest: int, empty: str) -> str:
    """Read a text of several lines.

    Raises:
        ValueError: it is empty, or too long.
    """
    kept = lines(text)
    if not kept:
        raise ValueError(empty)
    if len(kept) > longest:
        raise ValueError(too_long(longest, len(kept)))
    return kept


def too_long(most: int, many: int) -> str:
    """Returns the sentence for a text with too many characters."""
    return gettext("Keep it within %(most)s characters; this has %(many)s.", most=number(most), many=number(many))


def lines(text: str) -> str:
    """Returns a text of several lines without invisible characters."""
    single = (_visible(_BREAKS.sub(" ", line)).rstrip() for line in text.replace("\r\n", "\n").split("\n"))
    return "\n".join(single).strip()


def without_invisible(text: str) -> str:
    """Returns a text without format characters, joiners too: an address has no use for them."""
    kept = (char for char in _BLANKS.sub("", text) if unicodedata.category(char) != "Cf" and not _selects(char))
    return "".join(kept)


def as_ascii(text: str) -> str:
    """Returns a text with the digits, dashes and spaces of any script as those of ASCII."""
    return "".join(_ascii(char) for char in text)


def _ascii(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if kind == "Pd":
        return "-"
    return " " if kind in ("Zs", "Zl", "Zp", "Cc") else char


def in_own_direction(value: str, language: str) -> str:
    """Returns a value in isolating marks if it is written in the other direction than the text around it.

    The marks are not in GSM-7: they are used only where another script makes the SMS UCS-2 anyway.
    """
    own = "RTL" if language.partition("-")[0].lower() in RIGHT_TO_LEFT else "LTR"
    turns = {unicodedata.bidirectional(char) for char in value}
    strong = {direction for turn, direction in _STRONG.items() if turn in turns}
    return f"{FIRST_STRONG_ISOLATE}{value}{POP_ISOLATE}" if strong - {own} else value


def _visible(text: str) -> str:
    """Returns a line without the format characters that shape nothing."""
    plain = _BLANKS.sub("", unicodedata.normalize("NFC", text))
    if plain.isascii():
        return plain
    kept: list[str] = []
    for place, char in enumerate(plain):
        if _stays(char, "".join(kept[-8:]), plain[place + 1 : place + 2]):
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def _stays(char: str, before: str, after: str) -> bool:
    if char in _JOINERS:
        return _joins(before[-1:], after)
    if "\U000e0020" <= char <= "\U000e007f":
        return _BLACK_FLAG in before  # Scotland's flag is a black flag with invisible letters.
    if _selects(char):
        return _is_selected(char, before[-1:])
    return unicodedata.category(char) != "Cf" or char in _SEEN


def _joins(before: str, after: str) -> bool:
    """Whether a joiner is between letters of a script that joins, or between emoji."""
    pictures = before == "\ufe0f" or _within(before, _PICTURES)
    return (_within(before, _JOINING) and _within(after, _JOINING)) or (pictures and _within(after, _PICTURES))


def _selects(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or "\u180b" <= char <= "\u180d"


def _is_selected(char: str, before: str) -> bool:
    """Whether a selector follows a character that it can select: an emoji, an ideograph, a Mongolian letter."""
    if "\u180b" <= char <= "\u180d":
        return _within(before, ((0x1820, 0x18AF),))
    if char >= "\U000e0100":
        return _within(before, _CJK)
    return _within(before, (*_PICTURES, *_CJK, (0x1000, 0x109F))) or (before != "" and before in "#*0123456789©®™‼⁉ℹ")


def _within(char: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return char != "" and any(first <= ord(char) <= last for first, last in ranges)
