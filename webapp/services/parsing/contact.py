"""Read what people type as a phone number or an e-mail address."""

from dataclasses import dataclass

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import PhoneNumberType

from webapp.settings import current


@dataclass(frozen=True)
class Phone:
    """A possible number in E.164, with a warning where it is unlikely to take an SMS."""

    e164: str
    warning: str = ""


def read_phone(typed: str) -> Phone:
    """Read a phone number in any notation; without a + it is of DEFAULT_PHONE_REGION.

    Raises:
        ValueError: no such number is possible; the text says what is expected.
    """
    expected = "Enter a phone number with its country code, such as +14155552671."
    try:
        number = phonenumbers.parse(typed.removeprefix("whatsapp:"), current().default_phone_region)
    except phonenumbers.NumberParseException as unreadable:
        raise ValueError(expected) from unreadable
    if not phonenumbers.is_possible_number(number):
        raise ValueError(expected)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not phonenumbers.is_valid_number(number):
        return Phone(e164, "This number is not in any known range; only the provider knows whether it works.")
    if phonenumbers.number_type(number) is PhoneNumberType.FIXED_LINE:
        return Phone(e164, "This looks like a landline, which may not take messages.")
    return Phone(e164)


def read_email(typed: str) -> str:
    """Read an e-mail address, in lower case.

    Raises:
        ValueError: it is malformed; the text says what is expected.
    """
    try:
        return validate_email(typed.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as malformed:
        raise ValueError(f"Enter an e-mail address such as name@example.com. {malformed}") from malformed
