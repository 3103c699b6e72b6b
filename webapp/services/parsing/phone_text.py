"""Finding the one phone number in a text: words beside it are set aside, and whatever is not certain is refused.

No digit is dropped or added. An extension is refused: a text message to a switchboard reaches nobody.
"""

import re
import unicodedata
from dataclasses import dataclass

from webapp.i18n import N_, gettext
from webapp.services.parsing.text import as_ascii, without_invisible

_SCHEME = re.compile(r"(?:whatsapp|tel|sms|smsto|callto|phone):(?://)?", re.IGNORECASE)
_POWER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?\s*E\s*\+?[0-9]{1,2}", re.IGNORECASE)
_DECIMALS = re.compile(r"(?:[+(]?[0-9][0-9 ()-]{3,})[.,]0{1,2}")
# Marks within one number that only group its digits.
_GROUPING = re.compile(r"[0-9 ()./+-]+")
_DIGITS = re.compile(r"[0-9]")
_EXTENSION = re.compile(
    r"(?:\b(?:e?xt(?:n|ension)?|x|durchwahl|dw|nst|int(?:erno|erne?)?|poste|anexo|ramal|toestel|tst|wew|linka|dahili|"
    r"anknytning|lokal|local|option|opt)\b|доб|вн\b|内線|内线|分机|転|내선|;\s*ext=|(?<=[0-9])\s*(?:e?xt?|dw)\W{0,3}(?=[0-9])"
    r"|#|(?<=[0-9])\s*[,;pw]{1,4}\s*(?=[0-9]{1,6}\b))",
    re.IGNORECASE,
)
_BESIDE = " \t.,;:|/\\-'\"`´’_()[]<>{}"  # Marks beside a number that mean nothing.
_ALIKE = str.maketrans(
    {"\n": "|", "\r": "|", "＋": "+", "﹢": "+", "（": "(", "）": ")", "［": "(", "］": ")", "[": "(", "]": ")",
    "．": ".", "／": "/",
     "＃": "#", "，": ",", "；": ";", "：": ":", "−": "-", "‐": "-", "－": "-", "ー": "-", "·": ".", "•": ".",
     "⁄": "/", "∕": "/"}
)  # fmt: skip
LONGEST = 60
FEWEST_OF_TWO = 7  # With so many digits on each side of a mark there are two numbers.

TWO_NUMBERS = N_("There are two numbers here. Enter one.")
EXTENSION = N_("A text cannot be sent to an extension. Enter a number that takes texts, such as a mobile number.")
ROUNDED = N_(
    "A spreadsheet has rounded this number, so its last digits are lost. Make the column text there, enter the whole "
    "number and export it again."
)
LETTERS = N_("Letters are not read as digits. Enter the digits instead.")
MORE_DIGITS = N_("Digits stand behind the number. Enter the number alone: a text cannot be sent to an extension.")
NO_PHONE = N_("This is not a phone number.")


@dataclass(frozen=True)
class Found:
    """A number as it was typed, and the words beside it."""

    number: str  # ASCII digits with what groups them.
    left_out: str = ""
    is_glued: bool = False  # The words touch the number, as in 1-800-FLOWERS.


def find(typed: str) -> Found:
    """Find the one number.

    Raises:
        ValueError: there is none, or more than one, or an extension.
    """
    if len(typed) > LONGEST:
        raise ValueError(gettext("This is too long for one phone number."))
    text = plain(typed)
    if _POWER.fullmatch(text):
        raise ValueError(gettext(ROUNDED))
    places = [found.start() for found in _DIGITS.finditer(text)]
    if not places:
        raise ValueError(gettext(NO_PHONE))
    first, last = _with_brackets(text, places[0], places[-1] + 1)
    core, head, tail = text[first:last], text[:first], text[last:]
    if _DECIMALS.fullmatch(core):
        core = re.split("[.,]", core)[0]  # A spreadsheet that took the number for an amount wrote 4915112345678.0.
    if "*" in text:
        raise ValueError(gettext("A phone number has no *. Enter its digits alone."))
    _see_that_it_is_one(core)
    if "#" in head + tail:
        raise ValueError(gettext("A phone number has no #. Enter its digits alone."))
    if "@" in head + tail:
        raise ValueError(gettext("This looks like an e-mail address, not like a phone number."))
    words = [part for part in (_words(head), _words(tail)) if part]
    is_glued = any(char.isalpha() for char in (head[-1:], tail[:1])) or re.match(r"[-.]\s?[A-Za-z]", tail) is not None
    return Found(core, " ".join(words), is_glued)


def plain(typed: str) -> str:
    """Returns the text with the digits and marks of any script as ASCII, and without invisible characters."""
    text = without_invisible(unicodedata.normalize("NFC", typed)).translate(_ALIKE)
    for char in text:
        if unicodedata.category(char) in ("No", "So") and unicodedata.numeric(char, None) is not None:
            raise ValueError(gettext("%(char)s is not read as a digit. Enter plain digits.", char=char))
    bare = as_ascii(text).strip().lstrip("'’`\"=").rstrip("'\"").strip()
    return _SCHEME.sub("", bare, count=1) if _SCHEME.match(bare) else bare


def _with_brackets(text: str, first: int, last: int) -> tuple[int, int]:
    """Returns the beginning and the end of a number, with the + and the brackets that belong to it."""
    while first and text[first - 1] in "+(":
        first -= 1
    core = text[first:last]
    if core.count("(") > core.count(")") and text[last : last + 1] == ")":
        last += 1
    return first, last


def _see_that_it_is_one(core: str) -> None:
    """Refuse digits that do not all belong to one number.

    Raises:
        ValueError: there are two numbers, an extension or letters.
    """
    if not _GROUPING.fullmatch(core):
        parts = [len(_DIGITS.findall(part)) for part in re.split(r"[^0-9 ()./+-]+", core)]
        sizes = [size for size in parts if size]
        if len(sizes) > 1 and min(sizes) >= FEWEST_OF_TWO:
            raise ValueError(gettext(TWO_NUMBERS))
        raise ValueError(gettext(EXTENSION if _EXTENSION.search(core) else _inner(core)))
    before, slash, after = core.rpartition("/")
    if slash and "/" not in before and _many(before) >= FEWEST_OF_TWO and (_many(before) > 8 or _many(after) > 6):
        raise ValueError(gettext(TWO_NUMBERS))
    if re.search(r"\S\s*\+", core[1:]) and _many(core[: core.rindex("+")]):
        raise ValueError(gettext(TWO_NUMBERS))
    if core.count("(") != core.count(")") or (core.endswith(")") and _many(core[: core.rindex("(")])):
        raise ValueError(gettext(MORE_DIGITS))


def _inner(core: str) -> str:
    """Returns what is wrong with a number that has other characters between its digits."""
    return LETTERS if re.search(r"[0-9-][A-Za-z]+[0-9-]", core.replace(" ", "")) and " " not in core else MORE_DIGITS


def _many(text: str) -> int:
    return len(_DIGITS.findall(text))


def _words(beside: str) -> str:
    """Returns the words beside a number; empty if there are only marks."""
    return beside.strip(" \t,;:|/-") if beside.strip(_BESIDE) else ""
