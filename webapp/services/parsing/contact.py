"""Reading a phone number as people type it.

No digit of a number is dropped, and none is added but the country code. A number without + that fits two
countries is refused with a question; if it was read in an unusual way, the person is shown how.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

from webapp.i18n import N_, gettext
from webapp.services.parsing import phone_text
from webapp.settings import current

EXPECTED = N_("Enter a phone number with its country code, such as +14155552671.")
_WRONG = {
    ValidationResult.TOO_SHORT: N_("This number is too short."),
    ValidationResult.TOO_LONG: N_("This is too long for one phone number."),
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: N_("This number has no area code."),
    ValidationResult.INVALID_COUNTRY_CODE: N_("No country has this code."),
    ValidationResult.INVALID_LENGTH: N_("This number has too few or too many digits."),
}
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_TAKES_NO_TEXT = {
    PhoneNumberType.FIXED_LINE: N_("This looks like a landline, which may not take messages."),
    PhoneNumberType.TOLL_FREE: N_("This is a toll-free number, which may not take messages."),
    PhoneNumberType.SHARED_COST: N_("This is a service number, which may not take messages."),
    PhoneNumberType.UAN: N_("This is a service number, which may not take messages."),
    PhoneNumberType.VOICEMAIL: N_("This is a voicemail's number, which may not take messages."),
}
_UNKNOWN_RANGE = N_("This number is not in any known range; only the provider knows whether it works.")
# In these countries people write mobile numbers without the 0 that they dial at home.
_WRITTEN_WITHOUT_ZERO = ("AR", "IN")


@dataclass(frozen=True)
class Phone:
    """A possible number in E.164, with a warning if it may take no SMS or words were left out."""

    e164: str
    warning: str = ""
    left_out: str = ""  # The words beside the number.


def read_phone(typed: str, region: str = "") -> Phone:
    """Read a phone number in any notation; without a + it belongs to `region`, else to DEFAULT_PHONE_REGION.

    Raises:
        ValueError: no such number is possible, or it is not certain which is meant.
    """
    try:
        found = phone_text.find(typed)
        number, how = _read(found, region or current().default_phone_region)
    except ValueError as error:
        raise ValueError(f"{error} {gettext(EXPECTED)}") from error
    left = gettext("“%(words)s” was left out of the number.", words=found.left_out) if found.left_out else ""
    return Phone(e164_of(number), _joined((left, how, _doubt(number))), found.left_out)


def _read(found: phone_text.Found, region: str) -> tuple[PhoneNumber, str]:
    """Returns the number, and how it was read if that is not the usual way.

    Raises:
        ValueError: it cannot take messages.
    """
    try:
        number, how = _understood(found.number, region)
    except ValueError as error:
        raise ValueError(gettext(phone_text.LETTERS) if _may_be_digits(found) else str(error)) from error
    if _may_be_digits(found) and not phonenumbers.is_valid_number(number):
        raise ValueError(gettext(phone_text.LETTERS))
    if phonenumbers.number_type(number) is PhoneNumberType.PREMIUM_RATE:
        raise ValueError(gettext("This is a premium-rate number, which takes no messages."))
    return number, how


def phone_warning(e164: str | None) -> str:
    """Returns why a stored number may not take messages; empty if nothing is known against it."""
    try:
        return _doubt(phonenumbers.parse(e164)) if e164 else ""
    except phonenumbers.NumberParseException:
        return gettext(_UNKNOWN_RANGE)


def spaced(e164: str) -> str:
    """Returns a stored number in groups of digits, as people read it out: +1 415-555-0100."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(e164), PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return e164


def e164_of(number: PhoneNumber) -> str:
    """Write a number as E.164."""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _may_be_digits(found: phone_text.Found) -> bool:
    """Whether letters may stand for digits, as in 0800-FLOWERS."""
    return found.is_glued or re.fullmatch("[A-Z]{3,}", found.left_out) is not None


def _doubt(number: PhoneNumber) -> str:
    if not phonenumbers.is_valid_number(number):
        return gettext(_UNKNOWN_RANGE)
    return gettext(_TAKES_NO_TEXT.get(phonenumbers.number_type(number), ""))


def _joined(sentences: Iterable[str]) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _understood(text: str, region: str) -> tuple[PhoneNumber, str]:
    """Returns the number, and how it was read if that is not the usual way.

    Raises:
        ValueError: no number is possible, or two are.
    """
    if text.lstrip("( ").startswith("+"):
        return _international(text), ""
    digits = re.sub("[^0-9]", "", text)
    home, abroad = _possible(text, region), _abroad(digits)
    if not home and not _is_meant(abroad, digits, region):
        abroad = None
    if digits.startswith("0") or not _needs_zero(region):
        return _plainly(text, region, home, abroad)
    return _without_zero(text, region, home, abroad)


def _plainly(text: str, region: str, home: PhoneNumber | None, abroad: PhoneNumber | None) -> tuple[PhoneNumber, str]:
    """Read a number that is written in the way of its region."""
    if home and (not abroad or phonenumbers.is_valid_number(home)):
        return home, ""
    if abroad and (not home or phonenumbers.is_valid_number(abroad)):
        return abroad, _read_as(abroad)
    if home:
        return home, ""
    raise ValueError(_why_not(text, region))


def _without_zero(
    text: str, region: str, home: PhoneNumber | None, abroad: PhoneNumber | None
) -> tuple[PhoneNumber, str]:
    """Read a number without a + and without the region's 0: one of them was lost, or an area code is missing."""
    is_mobile = home is not None and phonenumbers.number_type(home) in _MOBILE
    if home and is_mobile and not (abroad and phonenumbers.is_valid_number(abroad)):
        return home, _read_as(home)
    is_own = abroad is not None and abroad.country_code == phonenumbers.country_code_for_region(region)
    is_sure = abroad is not None and phonenumbers.is_valid_number(abroad)
    if abroad and not is_mobile and (is_own or (is_sure and not _is_valid(home))):
        return abroad, _read_as(abroad)
    if home and abroad and e164_of(home) != e164_of(abroad):
        either = {"first": e164_of(abroad), "second": e164_of(home)}
        raise ValueError(
            gettext("This may be %(first)s or %(second)s. Write it with + and the country code.", **either)
        )
    if home and is_mobile:
        return home, _read_as(home)
    if home and not abroad:
        raise ValueError(gettext("This number has no area code, or has lost its first 0."))
    raise ValueError(_why_not(text, region))


def _is_valid(number: PhoneNumber | None) -> bool:
    return number is not None and phonenumbers.is_valid_number(number)


def _read_as(number: PhoneNumber) -> str:
    written = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    return gettext("It was read as %(number)s.", number=written)


def _needs_zero(region: str) -> bool:
    """Whether people of a region write a 0 before their mobile numbers."""
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    written = phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL) if example else ""
    is_part = example is not None and bool(example.italian_leading_zero)
    return written.startswith("0") and not is_part and region not in _WRITTEN_WITHOUT_ZERO


def _abroad(digits: str) -> PhoneNumber | None:
    """Returns the number if only its + is missing, or is written as 00 or 011."""
    for prefix in ("00", "011"):
        if digits.startswith(prefix):
            return _possible(f"+{digits.removeprefix(prefix)}", None)
    return None if digits.startswith("0") else _possible(f"+{digits}", None)


def _is_meant(abroad: PhoneNumber | None, digits: str, region: str) -> bool:
    """Whether a number abroad is meant, and not one at home with a digit too few or too many."""
    own = abroad is not None and abroad.country_code == phonenumbers.country_code_for_region(region)
    return own or digits.startswith("0") or _is_valid(abroad)


def _international(text: str) -> PhoneNumber:
    """Read a number with its country code; "(0)" is left out if that makes a known number.

    Raises:
        ValueError: no such number is possible.
    """
    whole = _possible(text, None)
    spared = _possible(re.sub(r"\(\s*0\s*\)", "", text), None)
    best = next((number for number in (whole, spared) if _is_valid(number)), whole or spared)
    if best is None:
        raise ValueError(_why_not(text, None))
    return best


def _possible(text: str, region: str | None) -> PhoneNumber | None:
    """Returns the number if its length fits its country and it has all the digits that were typed; else None."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    return number if possible and (_has_all(number, text) or phonenumbers.is_valid_number(number)) else None


def _has_all(number: PhoneNumber, text: str) -> bool:
    """Whether the number has all digits but the country code and the zeros or the one digit before it."""
    digits, kept = re.sub("[^0-9]", "", text), phonenumbers.national_significant_number(number)
    before = digits.removesuffix(kept)
    code = str(number.country_code)
    return digits.endswith(kept) and (len(before.replace(code, "", 1).lstrip("0")) <= 2)


def _why_not(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            return gettext(_WRONG[ValidationResult.INVALID_COUNTRY_CODE])
        is_long = len(re.sub("[^0-9]", "", text)) > 15
        return gettext(_WRONG[ValidationResult.TOO_LONG if is_long else ValidationResult.TOO_SHORT])
    problem = phonenumbers.is_possible_number_with_reason(number)
    return gettext(_WRONG[problem]) if problem in _WRONG else gettext("This phone number does not exist.")
