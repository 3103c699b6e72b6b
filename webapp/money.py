"""Currencies: which exist, how many decimals each has, and how an amount is written for machines and for people.

Names, signs and formats are those of CLDR, through Babel. CLDR's decimals are what shops show: it gives the Serbian
dinar none, and banks there still book two. So that no cent is lost, a currency has the more of CLDR's decimals and of
the minor unit of ISO 4217 (https://www.six-group.com/en/products-services/financial-information/data-standards.html).
"""

import re
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision

# The codes of ISO 4217 that people pay with; precious metals, funds and test codes are not among them.
CODES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
    CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD
    HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
    TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905  # A hundred and fifty quoted words are not read better.
)
# The minor units of ISO 4217 that CLDR shows less of.
_ISO_MINOR = dict.fromkeys(("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER"), 2) | {
    "IQD": 3
}
USUAL = 2  # The decimals of most currencies.
NO_BREAK = "\u00a0"
_LETTER_BEFORE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=[0-9])")  # "CHF 7", as CLDR's rule for spacing has it.
MOST = Decimal("999999999.99")


def is_currency(code: str) -> bool:
    """Return whether this is the code of a currency, in capitals."""
    return code in CODES


def decimals(currency: str) -> int:
    """Return how many decimals an amount of this currency may have; USUAL where the currency is not known."""
    return max(get_currency_precision(currency), _ISO_MINOR.get(currency, 0)) if currency in CODES else USUAL


def check(amount: Decimal, currency: str) -> Decimal:
    """Return the amount without decimals that mean nothing.

    Raises:
        ValueError: it has more decimals than its currency; the text says what to write.
    """
    places = decimals(currency)
    exact = amount.quantize(Decimal(1).scaleb(-places))
    if exact != amount:
        raise ValueError(f"{currency} {_has(places)}. Write an amount such as {plain(Decimal(1250), currency)}.")
    return exact


def _has(places: int) -> str:
    return "has no decimals" if places == 0 else f"has at most {places} decimals"


def plain(amount: Decimal, currency: str) -> str:
    """Write an amount for machines and forms: a point, no groups, the decimals of its currency ("5000", "12.345")."""
    return f"{amount:.{decimals(currency)}f}"


def shown(amount: Decimal, currency: str, language: str = "en") -> str:
    """Write an amount with its currency as readers of a language do, on one line ("€1,234.50", "1.234,50 €")."""
    places = decimals(currency)
    digits = places if get_currency_precision(currency) == places or amount % 1 else get_currency_precision(currency)
    locale = locale_of(language)
    text = format_currency(amount, currency, _pattern(locale, digits), locale=locale, currency_digits=False)
    return _LETTER_BEFORE_DIGIT.sub(NO_BREAK, text)


@lru_cache(maxsize=200)
def _pattern(locale: Locale, digits: int) -> str:
    """The currency pattern of a locale, with this many decimals."""
    halves = locale.currency_formats["standard"].pattern.split(";")
    zeros = f".{'0' * digits}" if digits else ""
    return ";".join(half.replace(".00", zeros) for half in halves)


@lru_cache(maxsize=200)
def locale_of(language: str) -> Locale:
    """Return the locale of a language tag such as pt-BR; of its language where the region is unknown, else English."""
    for tag in (language, language.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return Locale("en")
