"""Read what people type as a phone number or an e-mail address.

A number is read only in a way that leaves out none of its digits and adds none but the country code. Where it has no +
and two countries fit, the person is asked; where one fits that is not the plain reading, the reading is shown.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

from webapp.services.parsing import phone_text
from webapp.services.parsing.text import without_invisible
from webapp.settings import current

EXPECTED = "Enter a phone number with its country code, such as +14155552671."
_WRONG = {
    ValidationResult.TOO_SHORT: "This number is too short.",
    ValidationResult.TOO_LONG: "This is too long for one phone number.",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "This number has no area code.",
    ValidationResult.INVALID_COUNTRY_CODE: "No country has this code.",
    ValidationResult.INVALID_LENGTH: "This number has too few or too many digits.",
}
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_TAKES_NO_TEXT = {
    PhoneNumberType.FIXED_LINE: "This looks like a landline, which may not take messages.",
    PhoneNumberType.TOLL_FREE: "This is a toll-free number, which may not take messages.",
    PhoneNumberType.SHARED_COST: "This is a service number, which may not take messages.",
    PhoneNumberType.UAN: "This is a service number, which may not take messages.",
    PhoneNumberType.VOICEMAIL: "This is a voicemail's number, which may not take messages.",
}
_UNKNOWN_RANGE = "This number is not in any known range; only the provider knows whether it works."
# There people write mobile numbers without the 0 that stands before them in calls within the country.
_WRITTEN_WITHOUT_ZERO = ("AR", "IN")


@dataclass(frozen=True)
class Phone:
    """A possible number in E.164, and what to look at again: it may take no SMS, or words were left out."""

    e164: str
    warning: str = ""
    left_out: str = ""  # The words that stood beside the number.


def read_phone(typed: str, region: str = "") -> Phone:
    """Read a phone number in any notation; without a + it is of a region, by default DEFAULT_PHONE_REGION.

    Raises:
        ValueError: no such number is possible, or it is not certain which is meant; the text says what is expected.
    """
    try:
        found = phone_text.find(typed)
        number, how = _read(found, region or current().default_phone_region)
    except ValueError as wrong:
        raise ValueError(f"{wrong} {EXPECTED}") from wrong
    left = f"“{found.left_out}” was left out of the number." if found.left_out else ""
    return Phone(e164_of(number), _joined((left, how, _doubt(number))), found.left_out)


def _read(found: phone_text.Found, region: str) -> tuple[PhoneNumber, str]:
    """The number that is meant, and a sentence where that is not the plain reading.

    Raises:
        ValueError: it is none that takes messages.
    """
    try:
        number, how = _understood(found.number, region)
    except ValueError as wrong:
        raise ValueError(phone_text.LETTERS if _may_be_digits(found) else str(wrong)) from wrong
    if _may_be_digits(found) and not phonenumbers.is_valid_number(number):
        raise ValueError(phone_text.LETTERS)
    if phonenumbers.number_type(number) is PhoneNumberType.PREMIUM_RATE:
        raise ValueError("This is a premium-rate number, which takes no messages.")
    return number, how


def phone_warning(e164: str | None) -> str:
    """Why a stored number may not take messages; empty where nothing is known against it."""
    try:
        return _doubt(phonenumbers.parse(e164)) if e164 else ""
    except phonenumbers.NumberParseException:
        return _UNKNOWN_RANGE


def e164_of(number: PhoneNumber) -> str:
    """Write a number as E.164."""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _may_be_digits(found: phone_text.Found) -> bool:
    """Whether letters stand where digits belong, as in 0800-FLOWERS."""
    return found.is_glued or re.fullmatch("[A-Z]{3,}", found.left_out) is not None


def _doubt(number: PhoneNumber) -> str:
    if not phonenumbers.is_valid_number(number):
        return _UNKNOWN_RANGE
    return _TAKES_NO_TEXT.get(phonenumbers.number_type(number), "")


def _joined(sentences: Iterable[str]) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _understood(text: str, region: str) -> tuple[PhoneNumber, str]:
    """The number that is meant, and a sentence where that is not the plain reading.

    Raises:
        ValueError: none is possible, or two are.
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
    """A number that is written as people of the region write theirs."""
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
    """A number without a + and without the region's 0: either was lost, or an area code is missing."""
    is_mobile = home is not None and phonenumbers.number_type(home) in _MOBILE
    if home and is_mobile and not (abroad and phonenumbers.is_valid_number(abroad)):
        return home, _read_as(home)
    is_own = abroad is not None and abroad.country_code == phonenumbers.country_code_for_region(region)
    is_sure = abroad is not None and phonenumbers.is_valid_number(abroad)
    if abroad and not is_mobile and (is_own or (is_sure and not _is_valid(home))):
        return abroad, _read_as(abroad)
    if home and abroad and e164_of(home) != e164_of(abroad):
        raise ValueError(f"This may be {e164_of(abroad)} or {e164_of(home)}. Write it with + and the country code.")
    if home and is_mobile:
        return home, _read_as(home)
    if home and not abroad:
        raise ValueError("This number has no area code, or has lost its first 0.")
    raise ValueError(_why_not(text, region))


def _is_valid(number: PhoneNumber | None) -> bool:
    return number is not None and phonenumbers.is_valid_number(number)


def _read_as(number: PhoneNumber) -> str:
    return f"It was read as {phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)}."


def _needs_zero(region: str) -> bool:
    """Whether people of a region write a 0 before their mobile numbers."""
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    written = phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL) if example else ""
    is_part = example is not None and bool(example.italian_leading_zero)
    return written.startswith("0") and not is_part and region not in _WRITTEN_WITHOUT_ZERO


def _abroad(digits: str) -> PhoneNumber | None:
    """What the digits are where only the + is missing, or stands as 00 or 011."""
    for prefix in ("00", "011"):
        if digits.startswith(prefix):
            return _possible(f"+{digits.removeprefix(prefix)}", None)
    return None if digits.startswith("0") else _possible(f"+{digits}", None)


def _is_meant(abroad: PhoneNumber | None, digits: str, region: str) -> bool:
    """Whether a number that may be abroad is no mere coincidence of a number with a digit too few or too many."""
    own = abroad is not None and abroad.country_code == phonenumbers.country_code_for_region(region)
    return own or digits.startswith("0") or _is_valid(abroad)


def _international(text: str) -> PhoneNumber:
    """A number with its country code. "(0)" goes where that makes a known number of it.

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
    """A number that has an area code, a length that its country knows, and all the digits that were typed."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    return number if possible and (_has_all(number, text) or phonenumbers.is_valid_number(number)) else None


def _has_all(number: PhoneNumber, text: str) -> bool:
    """Whether no digit was dropped but a country's own code and the zeros or the one digit that stand before."""
    digits, kept = re.sub("[^0-9]", "", text), phonenumbers.national_significant_number(number)
    before = digits.removesuffix(kept)
    code = str(number.country_code)
    return digits.endswith(kept) and (len(before.replace(code, "", 1).lstrip("0")) <= 2)


def _why_not(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as unreadable:
        if unreadable.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            return _WRONG[ValidationResult.INVALID_COUNTRY_CODE]
        is_long = len(re.sub("[^0-9]", "", text)) > 15
        return _WRONG[ValidationResult.TOO_LONG if is_long else ValidationResult.TOO_SHORT]
    return _WRONG.get(phonenumbers.is_possible_number_with_reason(number), "No such number is possible.")


def read_email(typed: str) -> str:
    """Read an e-mail address, in lower case; `mailto:`, a name before it and signs behind it are no part of it.

    Raises:
        ValueError: it is malformed, or there are two; the text says what is wrong.
    """
    expected = "Enter an e-mail address such as name@example.com."
    bare = without_invisible(typed).replace("＠", "@").replace("．", ".").strip().strip("'\"`")
    bare = re.sub(r"(?i)^mailto:([^?]*).*$", r"\1", bare)
    inside = re.fullmatch(r"[^<>@]*<\s*([^<>\s]+)\s*>[\s.,;]*", bare)
    address = (inside[1] if inside else bare).strip(" \t\r\n.,;<>")
    if address.count("@") > 1 and '"' not in address:
        raise ValueError(f"There are two addresses here. Enter one. {expected}")
    try:
        return validate_email(address, check_deliverability=False).normalized.lower()
    except EmailNotValidError as malformed:
        raise ValueError(f"{expected} {malformed}") from malformed
