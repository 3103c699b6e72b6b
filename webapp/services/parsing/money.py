"""Reading amounts of money as people, shops and banks write them.

Text beside the digits is looked up in `money_marks`: a currency, or a mark of money in or money out. An amount is
refused if that text is not known, or if the digits can be read in two ways and the column does not decide.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from webapp.i18n import N_, gettext, number
from webapp.money import MOST, USUAL, decimals, plain
from webapp.services.parsing.money_marks import CURRENCIES, IN, OUT
from webapp.services.parsing.text import as_ascii, without_invisible

LONGEST = 60  # Characters; no amount needs more.
_PLAIN_SIGNS = str.maketrans({
    "\u2212": "-", "\ufe63": "-", "\uff0d": "-", "\u207b": "-", "\u208b": "-", "\u2796": "-", "\u02d7": "-",
    "\u00af": "-", "\u2043": "-", "\uff0b": "+", "\ufe62": "+", "\u2795": "+", "\u207a": "+",
    "\uff08": "(", "\uff09": ")", "\uff3b": "[", "\uff3d": "]", "\u3008": "<", "\u3009": ">",
    "\uff0c": ",", "\u066b": ".", "\u066c": ",", "\u060c": ",", "\uff0e": ".", "\u3002": ".",
    "\u2019": "'", "\u2018": "'", "\u02bc": "'", "\uff07": "'", "\u00b4": "'", "`": "'",
    "\uff04": "$", "\ufe69": "$", "\uffe1": "£", "\uffe5": "¥", "\uffe6": "₩", "\u20a4": "£",
})  # fmt: skip
_PARTS = re.compile(r"(?P<before>[^0-9]*?)(?P<digits>(?:[.,](?=[0-9]))?[0-9](?:[0-9.,' ]*[0-9])?)(?P<after>[^0-9]*)")
_GROUPED = re.compile(r"[0-9]{1,3}(?P<mark>[.,' ])[0-9]{3}(?:(?P=mark)[0-9]{3})*")
_INDIAN = re.compile(r"[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}")
_BRACKETS = {"(": ")", "[": "]", "<": ">"}


@dataclass(frozen=True)
class Amount:
    """An amount as it was written."""

    value: Decimal  # Below 0: money out.
    currencies: frozenset[str] = frozenset()  # The currencies that the text beside it may mean.
    has_direction: bool = False  # Whether a mark of money in or money out is beside it.

    def is_of(self, currency: str) -> bool:
        """Whether it may be of this currency; an amount without a currency may be of any."""
        return not self.currencies or currency in self.currencies


def read_amount(text: str, *, decimal_mark: str = "", currency: str = "") -> Amount:
    """Read an amount; `currency` is the expected one and sets the decimals, unless the text names another.

    `decimal_mark` is that of the column: "." or ",", or empty if no cell tells.

    Raises:
        ValueError: it is not an amount, can be read in two ways, or the text beside it is not known.
    """
    digits, beside = _split(text, currency)
    currencies, direction = _marks(beside, currency)
    named = currency if currency in currencies or len(currencies) != 1 else next(iter(currencies))
    value = _number(digits, decimal_mark, named)
    return Amount(-value if direction < 0 else value, currencies, direction != 0)


def decimal_mark_of(column: Iterable[str]) -> str:
    """Returns the decimal mark of a column of amounts: "." or ","; empty if no cell tells, or cells contradict."""
    marks = set()
    for text in column:
        found = _PARTS.fullmatch(_plain(text))
        if found and (mark := _own_mark(found["digits"])):
            marks.add(mark)
    return marks.pop() if len(marks) == 1 else ""


def direction_of(word: str) -> int:
    """Returns the meaning of a mark: 1 money in, -1 money out, 0 not known."""
    key = " ".join(_plain(word).casefold().split()).strip(" .:()[]")
    key = key or _plain(word).strip()
    forms = {key, key.replace(" ", ""), key.replace(".", "")}
    return 1 if forms & IN else -1 if forms & OUT else 0


def _hint(currency: str) -> str:
    places = decimals(currency) if currency else USUAL
    example = plain(Decimal(120), currency)
    if not places:
        return gettext("Write an amount such as %(example)s, without decimals.", example=example)
    return gettext(
        "Write an amount such as %(example)s, with at most %(places)s decimals.", example=example, places=places
    )


def _refusal(sentence: str, currency: str) -> ValueError:
    return ValueError(f"{sentence} {_hint(currency)}")


def _plain(text: str) -> str:
    """Returns the text with spaces, dashes, brackets and digits of any script as ASCII."""
    return " ".join(as_ascii(without_invisible(text.translate(_PLAIN_SIGNS))).split())


def _split(text: str, currency: str) -> tuple[str, str]:
    """Returns the digits of an amount with their marks, and the text beside them."""
    line = _plain(text)
    found = _PARTS.fullmatch(line) if len(line) <= LONGEST else None
    if not found:
        raise ValueError(_hint(currency))
    before, digits, after = found["before"], found["digits"], found["after"]
    if re.match(r"[.,]-", after):  # "100,-" is 100 in a shop, and may be minus 100 in a bank's file.
        raise _refusal(gettext("The dash in “%(text)s” can be read in two ways.", text=line), currency)
    if after.startswith(("%", "'")) or (before.endswith(("'", ".", ",")) and before.strip(" '.,") == ""):
        raise ValueError(_hint(currency))
    return digits, f"{before} \0 {after}"


def _marks(beside: str, currency: str) -> tuple[frozenset[str], int]:
    """Returns the currencies and the direction (1 in, -1 out, 0 not said) in the text beside an amount."""
    before, _, after = beside.partition("\0")
    is_bracketed, inner = _without_brackets(before.strip(), after.strip())
    signs = re.findall(r"[+-]", inner)
    directions = {-1} if is_bracketed else set()
    directions |= {1 if sign == "+" else -1 for sign in signs}
    currencies: frozenset[str] | None = None
    for word in re.sub(r"[+-]", " ", inner).split():
        direction, named = _meaning(word)
        if direction:
            directions.add(direction)
        elif named:
            both = named if currencies is None else currencies & named
            if not both:
                raise _refusal(gettext("The amount names two currencies."), currency)
            currencies = both
        else:
            raise _refusal(gettext("“%(word)s” beside the amount is not known.", word=word[:20]), currency)
    if len(directions) > 1 or len(signs) > 1:
        raise _refusal(gettext("The signs beside the amount contradict each other."), currency)
    return currencies or frozenset(), directions.pop() if directions else 0


def _without_brackets(before: str, after: str) -> tuple[bool, str]:
    """Returns whether an amount is in brackets, and the text beside it without them."""
    inner = f"{before} {after}"
    for opens, closes in _BRACKETS.items():
        if before.count(opens) == 1 and after.count(closes) == 1 and opens not in after and closes not in before:
            return True, inner.replace(opens, " ").replace(closes, " ")
    return False, inner


def _meaning(word: str) -> tuple[int, frozenset[str]]:
    """Returns the direction or the currencies that a word means; a word that can mean both is a direction."""
    key = word.casefold().strip(".:")
    if direction := direction_of(key) if key else 0:
        return direction, frozenset()
    if named := CURRENCIES.get(key) or CURRENCIES.get(word.casefold()):
        return 0, named
    return 0, frozenset()


def _own_mark(digits: str) -> str:
    """Returns the decimal mark of an amount; empty if it has none, or the mark may separate groups."""
    marks = [sign for sign in digits if sign in ".,"]
    if not marks:
        return ""
    if len(set(marks)) > 1:
        return marks[-1] if marks.count(marks[-1]) == 1 else ""
    return "" if len(marks) > 1 or re.fullmatch("[0-9]{0,3}[.,][0-9]{3}", digits) else marks[0]


def _number(digits: str, decimal_mark: str, currency: str) -> Decimal:
    """Returns the value of digits with their marks."""
    places = decimals(currency) if currency else USUAL
    whole, fraction = _parted(digits, decimal_mark, places, currency)
    plain_whole = whole if not re.search("[^0-9]", whole) else _ungrouped(whole, currency)
    if len(fraction.rstrip("0")) > places or len(fraction) > max(places, USUAL) + 1:
        sentence = (
            N_("%(currency)s has at most %(places)s decimals.") if places else N_("%(currency)s has no decimals.")
        )
        raise _refusal(gettext(sentence, currency=currency or gettext("An amount"), places=places), currency)
    value = Decimal(f"{plain_whole or '0'}.{fraction or '0'}")
    if value > MOST:
        raise ValueError(gettext("The largest amount is %(most)s.", most=number(MOST)))
    return value.quantize(Decimal(1).scaleb(-places))


def _parted(digits: str, decimal_mark: str, places: int, currency: str) -> tuple[str, str]:
    """Returns the digits before and after the decimal mark.

    Raises:
        ValueError: three digits behind a mark may be a group or decimals.
    """
    mark = _own_mark(digits)
    if mark:
        whole, _, fraction = digits.rpartition(mark)
        return whole, fraction
    if not re.fullmatch(r"[0-9]{0,3}[.,][0-9]{3}", digits):
        return digits, ""
    sign = digits[-4]
    if places == 0 and digits[0] not in ".,0":
        return digits, ""  # In a currency without decimals three digits are a group.
    if sign == decimal_mark:
        return digits[:-4], digits[-3:]
    if decimal_mark and places <= USUAL and digits[0] not in ".,0":
        return digits, ""
    bare = digits.replace(sign, "").lstrip("0")
    clear = f"{bare}{'.00' if places else ''}"
    raise _refusal(gettext("%(text)s can be read in two ways. Write %(clear)s.", text=digits, clear=clear), currency)


def _ungrouped(whole: str, currency: str) -> str:
    if not (_GROUPED.fullmatch(whole) or _INDIAN.fullmatch(whole)):
        raise ValueError(_hint(currency))
    return re.sub("[^0-9]", "", whole)
