"""Amounts of money by their currency: how many decimals it has, whether there is such a currency, how it is written.

The decimals are CLDR's and ISO 4217's, whichever are more. CLDR says what people in the country usually print, and so
gives none to the dinars, rials and leks whose small change is no longer minted; ISO says what an account can hold, and
what an account holds must never be rounded away here.
"""

import copy
import re
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError, get_global
from babel.numbers import get_currency_precision

USUAL = 2  # The decimals of most currencies.
MOST = Decimal("999999999.99")  # The largest amount that anybody may type.
# Where ISO 4217 (list one, minor units) has more decimals than CLDR's usual form of the same currency.
_ISO_HAS_MORE = dict.fromkeys(
    ("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER"), 2
) | {"IQD": 3}
# Codes of ISO 4217 that are nobody's everyday money, and prices are yet written in: units of account, and colones.
_UNITS_OF_ACCOUNT = ("BOV", "CHE", "CHW", "CLF", "COU", "MXV", "SVC", "USN", "UYI", "UYW", "VED")
# CLDR parts letters from digits: "KWD 12.345", though "$12.34".
_TOUCHING = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
NO_BREAK = "\N{NO-BREAK SPACE}"
_NUMBERS = ("no decimals", "one decimal", "two decimals", "three decimals", "four decimals")


def _in_use() -> frozenset[str]:
    in_use = (
        code
        for of_territory in get_global("territory_currencies").values()
        for code, _since, until, is_tender in of_territory
        if until is None and is_tender
    )
    return frozenset([*in_use, *_UNITS_OF_ACCOUNT])


# The currencies of ISO 4217 that something can be paid in; no metals, funds, tests, nor what was replaced.
CODES = _in_use()


def is_currency(code: str) -> bool:
    """Whether something can be paid in a currency of this code, in capital letters."""
    return code in CODES


@lru_cache(maxsize=500)
def decimals(currency: str) -> int:
    """How many decimals an amount in this currency can have; USUAL where the code is unknown."""
    return max(get_currency_precision(currency), _ISO_HAS_MORE.get(currency, 0))


def check(amount: Decimal, currency: str) -> Decimal:
    """The amount in its currency's decimals, where it has no more; "5000.00" is a whole number of yen.

    Raises:
        ValueError: it has more; the sentence names the currency and shows how to write it.
    """
    most = decimals(currency)
    if _decimals_in(amount) <= most:
        return amount.quantize(Decimal(1).scaleb(-most))
    cut = abs(amount).quantize(Decimal(1).scaleb(-most), rounding=ROUND_DOWN)
    raise ValueError(f"{currency} has {_NUMBERS[most]}: write {'an amount such as ' if most else ''}{cut:f}.")


def plain(amount: Decimal, currency: str) -> str:
    """An amount for programs and forms: "120.00" in EUR, "5000" in JPY, "12.345" in KWD. Never rounded."""
    return f"{amount:.{_decimals_of(amount, currency)}f}"


def shown(amount: Decimal, currency: str, language: str = "en") -> str:
    """An amount as people write it who read this language, such as "€1,200.00" or "1.200,00 €". Never rounded.

    A whole amount has CLDR's decimals: none for dinars whose paras nobody has seen for years.
    """
    place = locale_of(language)
    pattern = copy.copy(place.currency_formats["standard"])
    digits = _decimals_of(amount, currency) if amount % 1 else get_currency_precision(currency)
    pattern.frac_prec = (digits, digits)
    return _TOUCHING.sub(NO_BREAK, str(pattern.apply(amount, place, currency=currency, currency_digits=False)))


def about(estimate: float, currency: str, language: str = "en", *, finest: int = USUAL) -> str:
    """What something may cost, such as messages at a price each: an estimate is rounded, as no amount ever is."""
    places = max(finest, decimals(currency))
    return shown(Decimal(estimate).quantize(Decimal(1).scaleb(-places)), currency, language)


@lru_cache(maxsize=500)
def locale_of(language: str) -> Locale:
    """What is known of a language tag, such as de or pt-BR: of its language alone, else of English."""
    for tag in (language, language.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (ValueError, TypeError, UnknownLocaleError):
            continue
    return Locale("en")


def _decimals_of(amount: Decimal, currency: str) -> int:
    """Those of the currency; more where an amount of older days has more, so that none is hidden."""
    return max(decimals(currency), _decimals_in(amount))


def _decimals_in(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
